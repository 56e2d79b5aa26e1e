"""The address that a mail comes back to: its own, signed, so that a return names its mail (VERP).

« retours+123-0f3a…@example.org »: the number of the delivery and a code that only we can make. A
forged or altered address names nothing. Without RETURN_ADDRESS mails leave from the portal's own.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "notifications.returns"
_CODE_LENGTH = 24  # hexadecimal digits: 96 bits
_TAGGED = re.compile(r"(?P<name>[^+@]+)\+(?P<pk>[0-9]{1,18})-(?P<code>[0-9a-f]{24})@(?P<at>[^@]+)")


def return_path(delivery_id: int) -> str:
    """The envelope sender of a mail."""
    if not settings.RETURN_ADDRESS:
        return str(settings.PORTAL_FROM_EMAIL)
    name, _at, domain = settings.RETURN_ADDRESS.rpartition("@")
    return f"{name}+{delivery_id}-{_code(delivery_id)}@{domain}"


def delivery_of(address: str) -> int | None:
    """The delivery that a return path names; None for an address that is none of ours."""
    found = _TAGGED.fullmatch(address.strip().strip("<>").lower())
    if found is None or f"{found['name']}@{found['at']}" != settings.RETURN_ADDRESS.lower():
        return None
    pk = int(found["pk"])
    return pk if constant_time_compare(found["code"], _code(pk)) else None


def _code(delivery_id: int) -> str:
    made = salted_hmac(_SALT, str(delivery_id), algorithm="sha256").hexdigest()
    return made[:_CODE_LENGTH]
