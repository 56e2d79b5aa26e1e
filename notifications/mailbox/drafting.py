"""Behind the link of an answer: the person who wrote finds their words again, nobody else does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from accounts.models import Company, User
from files.operations import FileRefused
from files.operations import receive as receive_file
from foundation.refusals import Refusal
from notifications.enums import Verdict
from notifications.mailbox.receiving import KEPT
from notifications.models import ReceivedMail
from tickets.models import Draft, Ticket
from tickets.operations import save_draft


class NothingKept(Refusal):
    """Its text and files have gone meanwhile."""


def addressee(*, token: UUID, person: User, at: datetime) -> ReceivedMail | None:
    """The mail of this link, if it is this person's own and still kept; None for all else (M2)."""
    return ReceivedMail.objects.filter(
        token=token,
        verdict=Verdict.ANSWERED,
        address=person.email,
        received_at__gt=at - KEPT,
    ).first()


def proposed(mail: ReceivedMail, person: User) -> Ticket | None:
    """The incident that the mail went on about, as far as the person may see it."""
    if mail.ticket_id is None:
        return None
    return Ticket.objects.visible_to(person).filter(pk=mail.ticket_id).first()


def bring_files(
    *, mail: ReceivedMail, actor: User, form_token: UUID, at: datetime
) -> list[FileRefused]:
    """Let the mail's files wait for the form of this token; gives what was refused of them.

    They wait for a day only; asked again, they are brought back. Must be called outside any
    transaction (files.operations.receive).
    """
    refused: list[FileRefused] = []
    for file in mail.files.order_by("pk"):
        try:
            receive_file(
                person=actor, form_token=form_token, name=file.name,
                content=ContentFile(bytes(file.content)), at=at,
            )  # fmt: skip
        except FileRefused as refusal:
            refused.append(refusal)
    return refused


def take_over(
    *, mail: ReceivedMail, actor: User, company: Company, declared_as: UUID, at: datetime
) -> tuple[Draft, list[FileRefused]]:
    """A declaration that holds the mail's words and files, and what was refused of them.

    Asked twice it is one draft, as its author left it: the link's token is the form's. Must be
    called outside any transaction (files.operations.receive). Raises tickets' refusals of a draft,
    NothingKept.
    """
    refused = bring_files(mail=mail, actor=actor, form_token=mail.token, at=at)
    opened = Draft.objects.filter(person=actor, form_token=mail.token).first()
    if opened is not None:
        return opened, refused
    draft = save_draft(
        actor=actor,
        company=company,
        form_token=mail.token,
        declared_as=declared_as,
        about=f"societe={company.pk}",
        values={"title": [mail.subject or _("Mon message")], "body": [mail.text]},
        page="",
        seen=0,
        files=mail.files.count() - len(refused),
        at=at,
    )
    if draft is None:
        raise NothingKept(_("Ce message n’est plus conservé."))
    return draft, refused
