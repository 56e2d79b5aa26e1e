"""The address that a mail comes back to: its own, signed, so that a return names its mail (VERP).

« retours+123-0f3a…@example.org »: the number of the delivery and a code that only we can make;
« retours+123.2-… » once it was sent again twice, so that a return says which sending came back. A
forged or altered address names nothing. Without RETURN_ADDRESS mails leave from the portal's own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "notifications.returns"
_CODE_LENGTH = 24  # hexadecimal digits: 96 bits
_TAGGED = re.compile(
    r"(?P<name>[^+@]+)\+(?P<sending>(?P<pk>[0-9]{1,18})(?:\.(?P<resends>[0-9]{1,5}))?)"
    r"-(?P<code>[0-9a-f]{24})@(?P<at>[^@]+)"
)


class Sending(NamedTuple):
    """Which mail, and how many times it had been sent again when it left."""

    delivery_id: int
    resends: int


def return_path(delivery_id: int, resends: int = 0) -> str:
    """The envelope sender of a mail that was sent again so many times."""
    if not settings.RETURN_ADDRESS:
        return str(settings.PORTAL_FROM_EMAIL)
    name, _at, domain = settings.RETURN_ADDRESS.rpartition("@")
    # A first sending keeps the form it always had: what has left already comes back as before.
    sending = f"{delivery_id}.{resends}" if resends else str(delivery_id)
    return f"{name}+{sending}-{_code(sending)}@{domain}"


def sending_of(address: str) -> Sending | None:
    """The sending that a return path names; None for an address that is none of ours."""
    found = _TAGGED.fullmatch(address.strip().strip("<>").lower())
    if found is None or f"{found['name']}@{found['at']}" != settings.RETURN_ADDRESS.lower():
        return None
    if not constant_time_compare(found["code"], _code(found["sending"])):
        return None
    return Sending(int(found["pk"]), int(found["resends"] or 0))


def _code(sending: str) -> str:
    made = salted_hmac(_SALT, sending, algorithm="sha256").hexdigest()
    return made[:_CODE_LENGTH]
