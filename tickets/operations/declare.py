"""Declaring an incident: by its customer, or by an engineer who has them on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Company, Site, User
from files.models import StoredFile
from files.operations import claim
from foundation.prepared import Prepared
from foundation.refusals import Refusal
from foundation.wording import paris
from licences.models import Licence, Product
from sla.enums import CommitmentKind, Severity
from sla.workdays import end_of_nth_working_day
from tickets.clocks import Terms, copy_into, start_promises, terms_for
from tickets.enums import Act, Origin, Status
from tickets.models import Attachment, Commitment, Copy, Message, Ticket
from tickets.operations.charge import take_charge
from tickets.operations.drafts import DECLARING, forget_draft
from tickets.operations.due import record_due
from tickets.operations.work import Work, side_of
from tickets.recipients import Member, members_of, told_among

# A call older than this many working days needs a manager's right (S3).
OLDEST_CALL_DAYS = 5
# Within it, the same declaration again is more likely a form sent twice than a second incident.
SAME_AGAIN = timedelta(hours=1)
# The one product that stands for all those in nobody's park.
OTHER_PRODUCT = "Autre logiciel"

_BEGIN = """
SELECT pg_advisory_xact_lock(%s, %s), nextval('ticket_reference'),
       nextval(pg_get_serial_sequence('tickets_ticket', 'id'))
"""


class Once(Enum):
    """What makes a declaration of the same person the same one again."""

    FORM = "form"
    # The same form, or the same words on the same product within the hour.
    WORDS = "words"


class AlreadyDeclared(Refusal):
    """The incident exists already: `ticket`. `by_form`: the same form was sent twice."""

    def __init__(self, ticket: Ticket, *, by_form: bool) -> None:
        super().__init__(_("Cet incident est déjà déclaré."))
        self.ticket = ticket
        self.by_form = by_form


def declare(
    *,
    actor: User,
    company: Company,
    product: Product,
    severity: Severity,
    title: str,
    body: str,
    at: datetime,
    form_token: UUID,
    requester: User | None = None,
    site: Site | None = None,
    licence: Licence | None = None,
    copies: Sequence[User] = (),
    files: Sequence[StoredFile] = (),
    is_private: bool = False,
    began_at: datetime | None = None,
    acknowledged_on_call: bool = False,
    follows: Ticket | None = None,
    origin: Origin = Origin.PORTAL,
    once: Once | None = None,
    form: Form | None = None,
) -> Ticket:
    """Receive an incident and start both promises (S1, S3).

    One `form_token`, one incident: the same again gives it back, or with `once` raises
    AlreadyDeclared. `began_at` is the start of a call, `acknowledged_on_call` its tick, told by
    the receipt (P5); what fell due before tells nobody (S4). What waits with `form` comes too.
    """
    _check_followed(company, follows, at)
    members = members_of(company.pk)
    _check_owner(company, site, licence, [requester or actor, *copies], members)
    terms = terms_for(company, at)
    _check_call(actor, began_at, at, terms)
    ticket = Ticket(
        company=company, product=product, site=site, licence=licence, contract=terms.contract,
        service_level_version=terms.version, requester=requester or actor, title=title,
        agency_id=(site.agency_id if site else None) or company.agency_id, origin=origin,
        is_private=is_private, declared_severity=severity, severity=severity,
        status=Status.DECLARED, received_at=began_at or at, last_event_at=at,
        form_token=form_token, follows=follows,
    )  # fmt: skip
    with transaction.atomic():
        ticket.reference, ticket.pk = _begin(actor, at)
        if (found := _declared_before(ticket, body, once)) is not None:
            return found
        work = Work(ticket, actor, side_of(actor), at, origin)
        sent = Sent(body, copies, [*files, *_what_waits(work, form)])
        _store(work, terms, sent, members, taken=acknowledged_on_call)
        return ticket


class Form(NamedTuple):
    """The form of a page: its own token, and whether it showed files that wait with it."""

    token: UUID
    has_files: bool


def _what_waits(work: Work, form: Form | None) -> list[StoredFile]:
    """The files that wait with a form, taken; its draft is of no use any more."""
    if form is None or work.actor is None:
        return []
    forget_draft(actor=work.actor, form_token=form.token)
    if not form.has_files:
        return []
    return claim(person=work.actor, form_token=form.token, at=work.at)


class Sent(NamedTuple):
    """What goes with an incident: its text, who follows it, its files."""

    body: str
    copies: Sequence[User]
    files: Sequence[StoredFile]


def other_product() -> Product:
    """What an incident is about when the company holds no licence of it: the text names it."""
    product, _created = Product.objects.get_or_create(
        name=OTHER_PRODUCT, defaults={"vendor": "—", "is_active": False}
    )
    return product


def _begin(actor: User, at: datetime) -> tuple[str, int]:
    """`INC-2026-000123` and the row's id; the year is that of Paris.

    Declarations of one person wait for each other here (drafts.one_at_a_time). The id is taken
    first, so that the incident is written once, with the head of its history.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [DECLARING, actor.pk % 2**31])
        _lock, number, pk = cursor.fetchone()
    return f"INC-{paris(at).year}-{number:06d}", pk


def _declared_before(ticket: Ticket, body: str, once: Once | None) -> Ticket | None:
    """The incident of the same form; raises AlreadyDeclared when the caller asked for it."""
    if once is Once.WORDS:
        same = _SAME_WORDS(
            token=ticket.form_token, requester=ticket.requester_id, company=ticket.company_id,
            product=ticket.product_id, title=ticket.title, body=body,
            since=ticket.received_at - SAME_AGAIN,
        )  # fmt: skip
    else:
        same = _SAME_FORM(token=ticket.form_token)
    found = {row.form_token == ticket.form_token: row for row in same}
    if not found:
        return None
    twin = found.get(True)
    if twin is not None and twin.company_id != ticket.company_id:
        raise Refusal(_("Ce formulaire a déjà servi pour une autre société. Ouvrez-en un nouveau."))
    if once is not None:
        raise AlreadyDeclared(twin or found[False], by_form=twin is not None)
    return twin


def _said_since(since: datetime, title: str, body: str, **facts: int) -> QuerySet[Ticket]:
    """Incidents with these words, not cancelled."""
    said = Ticket.objects.filter(title=title, messages__body=body, received_at__gt=since, **facts)
    return said.exclude(status=Status.CANCELLED)


_SAME_FORM = Prepared(lambda token: Ticket.objects.filter(form_token=token), token=UUID)
_SAME_WORDS = Prepared(
    lambda token, **words: Ticket.objects.filter(form_token=token)
    .union(_said_since(**words))
    .order_by("pk"),
    token=UUID, since=datetime, title=str, body=str, requester=int, company=int, product=int,
)  # fmt: skip


def _store(work: Work, terms: Terms, sent: Sent, members: Sequence[Member], *, taken: bool) -> None:
    """The incident itself comes last, with its event: keys to it are checked at the commit."""
    ticket = work.ticket
    facts = open_cycle(work, terms, ticket.received_at)
    message = _first_message(work, sent)
    followers = {ticket.requester_id, *(user.pk for user in sent.copies)}
    work.record(
        Act.DECLARE,
        before="",
        effective_at=ticket.received_at,
        text=f"{ticket.title}\n{sent.body}",
        recipients=sorted(told_among(members, ticket, followers)),
        facts={
            **facts,
            "message": message.pk,
            "company": ticket.company_id,
            "product": ticket.product_id,
            "site": ticket.site_id,
            "contract": ticket.contract_id,
            "requester": ticket.requester_id,
            "private": ticket.is_private,
            **({"taken_on_call": True} if taken else {}),
        },
    )
    if taken:
        take_charge(work, ticket.received_at, recipients=[])
    if ticket.received_at < work.at:
        work.record_due(silent=frozenset(CommitmentKind))


def _check_owner(
    company: Company,
    site: Site | None,
    licence: Licence | None,
    people: Sequence[User],
    members: Sequence[Member],
) -> None:
    """A site, a licence or a customer of another company never enters an incident (A1)."""
    if (site and site.company_id != company.pk) or (licence and licence.company_id != company.pk):
        raise Refusal(_("Ce site ou cette licence n’appartient pas à la société de l’incident."))
    wanted = {person.pk for person in people if not person.is_staff}
    if wanted - {member.user_id for member in members}:
        raise Refusal(_("Une personne nommée n’appartient pas à la société de l’incident."))


def _check_followed(company: Company, follows: Ticket | None, at: datetime) -> None:
    """S9: a new incident follows one of the same company that is over."""
    if follows is None:
        return
    if follows.company_id != company.pk:
        raise Refusal(_("L’incident suivi n’appartient pas à la société du nouveau."))
    over = {Status.CLOSED, Status.CANCELLED}
    if follows.state not in over:
        # Its window may have ended since it was read, or since the last sweep (S17).
        record_due(ticket_id=follows.pk, at=at)
        follows.refresh_from_db(fields=["status"])
    if follows.state not in over:
        raise Refusal(_("Seul un incident clos ou annulé a une suite\u00a0: celui-ci continue."))


def _check_call(actor: User, began_at: datetime | None, at: datetime, terms: Terms) -> None:
    """S3: not in the future, not older than 5 working days without a manager's right."""
    if began_at is None:
        return
    if began_at > at:
        raise Refusal(_("L’appel ne peut pas avoir commencé dans le futur."))
    too_old = end_of_nth_working_day(terms.hours, began_at, OLDEST_CALL_DAYS) < at
    if too_old and not actor.is_manager:
        raise Refusal(
            _(
                "Cet appel date de plus de 5\u00a0jours ouvrés\u00a0: demandez à un responsable "
                "de l’enregistrer."
            )
        )


def open_cycle(work: Work, terms: Terms, at: datetime) -> dict[str, Any]:
    """Both promises of the incident's present cycle; returns the facts of the event."""
    ticket = work.ticket
    started = start_promises(
        terms.version, terms.hours, Severity(ticket.severity), ticket.cycle, at
    )
    rows = []
    for promise in started:
        row = Commitment(
            ticket=ticket, kind=promise.kind, cycle=promise.cycle,
            service_level_version=terms.version, calendar_version=terms.calendar,
            pauses_on_vendor=promise.pauses_on_vendor, started_at=promise.started_at,
        )  # fmt: skip
        copy_into(row, promise)
        rows.append(row)
    Commitment.objects.bulk_create(rows)
    work.commitments += rows
    work.rungs |= {row.pk: set() for row in rows}
    return {
        "cycle": ticket.cycle,
        "severity": str(ticket.severity),
        "service_level_version": terms.version.pk,
        "calendar_version": terms.calendar.pk,
        "pauses_on_vendor": terms.version.pauses_on_vendor,
        "targets": {
            str(promise.kind): int(promise.target.total_seconds() // 60) for promise in started
        },
    }


def _first_message(work: Work, sent: Sent) -> Message:
    ticket = work.ticket
    message = Message.objects.create(
        ticket=ticket, author=work.actor or ticket.requester, side=work.side, body=sent.body,
        written_at=work.at, form_token=ticket.form_token,
    )  # fmt: skip
    if sent.files:
        Attachment.objects.bulk_create(
            Attachment(message=message, file=file) for file in sent.files
        )
    if sent.copies:
        Copy.objects.bulk_create(
            Copy(ticket=ticket, user=user, added_at=work.at)
            for user in sent.copies
            if user.pk != ticket.requester_id
        )
    return message
