"""What was typed in a form whose session had ended, kept until its author has signed in again.

The sign-in keeps the browser's session and everything in it, so the text waits there: in the
database, for this browser, gone with the session. Only a form that a page of ours gave to
somebody signed in is kept (its mark is signed), so that a stranger fills nothing; and only the
person whom the mark names reads it back (design: nothing typed is ever lost).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime

from accounts.models import User

# The hidden field that a form carries, and the key of the session.
MARK = "unsent"
# A form left open over a long week-end is still its author's.
MARK_LIVES = timedelta(days=5)
KEPT = timedelta(days=1)
# A session is read at every click: what does not fit stays in the browser.
CHARACTERS_MAX = 120_000
FORMS_MAX = 3

_signer = TimestampSigner(salt="accounts.unsent")


@dataclass(frozen=True)
class Unsent:
    """A form as it was typed: where it was posted, its values, how many files went with it.

    The files themselves did not wait: nobody was there to own them.
    """

    address: str
    values: dict[str, list[str]]
    files: int
    # What the person wrote by mail instead: no session had ended.
    is_mail: bool = False

    @property
    def initial(self) -> dict[str, Any]:
        """The values as a form's `initial`."""
        return {name: found if len(found) > 1 else found[0] for name, found in self.values.items()}

    @property
    def as_post(self) -> QueryDict:
        """The values as they were posted."""
        data = QueryDict(mutable=True)
        for name, found in self.values.items():
            data.setlist(name, found)
        return data

    @property
    def form_token(self) -> UUID | None:
        """The form's token, under which its files may wait."""
        try:
            return UUID(self.values.get("form_token", [""])[0])
        except ValueError:
            return None


def mark(user: User, page: str = "") -> str:
    """The value of a form's hidden field: who fills it in, and the page to come back to."""
    return _signer.sign_object([user.pk, page])


def keep(request: HttpRequest, at: datetime) -> str | None:
    """Keep the posted form of somebody no longer signed in; the page to come back to, or None.

    None also for what carries no mark of ours, or is too long.
    """
    try:
        author, page = _signer.unsign_object(request.POST.get(MARK, ""), max_age=MARK_LIVES)
    except BadSignature:
        return None
    values = {
        name: found
        for name, found in request.POST.lists()
        if name not in {MARK, "csrfmiddlewaretoken"} and found
    }
    if sum(len(text) for found in values.values() for text in found) > CHARACTERS_MAX:
        return None
    address = request.get_full_path()
    files = sum(len(found) for _name, found in request.FILES.lists())
    _write(request, address, {"by": author, "values": values, "files": files}, at)
    return page or address


def fill(request: HttpRequest, address: str, values: dict[str, list[str]], at: datetime) -> None:
    """Let the form that is posted to `address` hold what this person wrote by mail."""
    entry = {"by": request.user.pk, "values": values, "files": 0, "mail": True}
    _write(request, address, entry, at)


def _write(request: HttpRequest, address: str, entry: dict[str, Any], at: datetime) -> None:
    place = address.partition("?")[0]
    latest = list(_others(request, place).items())[-(FORMS_MAX - 1) :]
    request.session[MARK] = {**dict(latest), address: {"at": at.isoformat(), **entry}}


def waiting(request: HttpRequest, under: str, at: datetime) -> Unsent | None:
    """The latest form of this person that was posted to `under` or below it, within a day."""
    for address, row in reversed(_kept(request).items()):
        kept_at = parse_datetime(row["at"])
        is_recent = kept_at is not None and at - KEPT <= kept_at
        if address.startswith(under) and row["by"] == request.user.pk and is_recent:
            return Unsent(address, row["values"], row["files"], row.get("mail", False))
    return None


def forget(request: HttpRequest) -> None:
    """The form was sent: what it had left is of no use any more."""
    others = _others(request, request.path)
    if len(others) < len(_kept(request)):
        request.session[MARK] = others


def _others(request: HttpRequest, place: str) -> dict[str, Any]:
    """What other forms left: those of other addresses, whatever their parameters."""
    return {
        address: row
        for address, row in _kept(request).items()
        if address.partition("?")[0] != place
    }


def _kept(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(MARK, {})
    return found
