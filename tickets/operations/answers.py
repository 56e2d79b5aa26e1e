"""An answer of ours with what follows it: text, status and reason in one act (E9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F

from accounts.models import User
from files.models import StoredFile
from tickets.enums import Sequel
from tickets.models import Canned
from tickets.operations.conversation import TAKE_BACK, post_message, was_stored
from tickets.operations.ending import resolve
from tickets.operations.waiting import wait_for_customer, wait_for_vendor

_WAITS = {Sequel.WAIT_CUSTOMER: wait_for_customer, Sequel.WAIT_VENDOR: wait_for_vendor}


@transaction.atomic
def answer(
    *,
    ticket_id: int,
    actor: User,
    body: str,
    at: datetime,
    form_token: UUID,
    files: Sequence[StoredFile] = (),
    sequel: str = "",
    reason: str = "",
    canned_id: int | None = None,
) -> None:
    """The same events, mails and clock effects as one act after the other; all or nothing.

    It can be taken back for some seconds, while status and clocks have moved (E7). Where the text
    is itself the solution, or what is awaited, it leaves at once: a status without the words that
    explain it would be worse. Without a reason of its own, a wait is for what the text asks.
    `canned_id` is counted as sent. The same `form_token` again changes nothing.
    """
    if was_stored(ticket_id, form_token):
        return
    if not sequel:
        post_message(
            ticket_id=ticket_id, actor=actor, body=body, at=at, form_token=form_token, files=files,
            held_for=TAKE_BACK,
        )  # fmt: skip
    elif sequel == Sequel.RESOLVE:
        resolve(
            ticket_id=ticket_id, actor=actor, solution=body, at=at, form_token=form_token,
            files=files,
        )  # fmt: skip
    else:
        wait = _WAITS[Sequel(sequel)]
        if not reason.strip():
            wait(
                ticket_id=ticket_id, actor=actor, reason=body, until=None, at=at,
                form_token=form_token, files=files,
            )  # fmt: skip
        else:
            post_message(
                ticket_id=ticket_id, actor=actor, body=body, at=at, form_token=form_token,
                files=files, held_for=TAKE_BACK,
            )  # fmt: skip
            wait(
                ticket_id=ticket_id, actor=actor, reason=reason, until=None, at=at,
                form_token=uuid5(form_token, sequel),
            )  # fmt: skip
    if canned_id is not None:
        Canned.objects.filter(pk=canned_id).update(uses=F("uses") + 1)
