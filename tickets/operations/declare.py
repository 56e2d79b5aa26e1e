"""Declaring an incident: by its customer, or by an engineer who has them on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Company, Site, User
from files.models import StoredFile
from files.operations import attachable_text, claim
from foundation.planned import Planned, insert
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
from tickets.operations.drafts import DECLARING, DROP_DRAFT
from tickets.operations.due import record_due
from tickets.operations.work import Work, side_of
from tickets.recipients import Member, member, members_text, told_among

# A call older than this many working days needs a manager's right (S3).
OLDEST_CALL_DAYS = 5
# Within it, the same declaration again is more likely a form sent twice than a second incident.
SAME_AGAIN = timedelta(hours=1)
# The one product that stands for all those in nobody's park.
OTHER_PRODUCT = "Autre logiciel"

# The lock and the numbers are taken once, whatever the number of members.
_BEGIN = """
WITH begun AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(%s, %s), nextval('ticket_reference') AS number,
           nextval(pg_get_serial_sequence('tickets_ticket', 'id')) AS pk
)
SELECT begun.number, begun.pk, {has_files}, members.*
FROM begun LEFT JOIN ({members}) AS members ON TRUE
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
    form: UUID | None = None,
) -> Ticket:
    """Receive an incident and start both promises (S1, S3).

    The same `form_token` again gives the incident back, or with `once` raises AlreadyDeclared. With
    `form`, the page's own token, its waiting files come too and its draft goes. `began_at` and
    `acknowledged_on_call` tell of a call (P5, S4).
    """
    _check_named(company, follows, site, licence, at)
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
        begun = _begin(actor, company, form)
        _check_people(begun.members, [ticket.requester, *copies])
        ticket.reference, ticket.pk = f"INC-{paris(at).year}-{begun.number:06d}", begun.pk
        if (found := _declared_before(ticket, actor, body, once, form)) is not None:
            return found
        if form is not None and begun.has_files:
            files = [*files, *claim(person=actor, form_token=form, at=at)]
        work, sent = Work(ticket, actor, side_of(actor), at, origin), Sent(body, copies, files)
        return _store(work, terms, sent, begun.members, taken=acknowledged_on_call)


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


class Begun(NamedTuple):
    """What a declaration starts with: its number and id, and who is told of the company's."""

    number: int
    pk: int
    has_files: bool
    members: list[Member]


def _begin(actor: User, company: Company, form: UUID | None) -> Begun:
    """Declarations of one person wait for each other here (drafts.one_at_a_time).

    The id is taken first, so that the incident is written once, with the head of its history.
    What else is read here is what stood before the wait; what the lock protects comes after.
    """
    _members, members_of = members_text(company.pk)
    files_of = attachable_text(actor.pk, form)[1] if form is not None else []
    with connection.cursor() as cursor:
        cursor.execute(
            _begun(has_form=form is not None).statement(),
            [DECLARING, actor.pk % 2**31, *files_of, *members_of],
        )
        rows = cursor.fetchall()
    (number, pk, waits, *_first) = rows[0]
    found = [member(*row[3:]) for row in rows if row[3] is not None]
    return Begun(number, pk, waits, found)


@cache
def _begun(*, has_form: bool) -> Planned:
    """The statement of `_begin`; the values that the two texts give here are of no account."""
    has_files = f"EXISTS ({attachable_text(0, UUID(int=0))[0]})" if has_form else "FALSE"
    return Planned(_BEGIN.format(has_files=has_files, members=members_text(0)[0]))


class Same(NamedTuple):
    """An incident that may be this one."""

    pk: int
    form_token: UUID
    company_id: int


def _declared_before(
    ticket: Ticket, actor: User, body: str, once: Once | None, form: UUID | None
) -> Ticket | None:
    """The incident of the same form; raises AlreadyDeclared when the caller asked for it.

    The draft of `form` goes by the same statement; it comes back when that raises.
    """
    found = {
        row.form_token == ticket.form_token: row for row in _same(ticket, actor, body, once, form)
    }
    if not found:
        return None
    twin = found.get(True)
    if twin is not None and twin.company_id != ticket.company_id:
        raise Refusal(_("Ce formulaire a déjà servi pour une autre société. Ouvrez-en un nouveau."))
    earlier = Ticket.objects.get(pk=(twin or found[False]).pk)
    if once is not None:
        raise AlreadyDeclared(earlier, by_form=twin is not None)
    return earlier


def _same(
    ticket: Ticket, actor: User, body: str, once: Once | None, form: UUID | None
) -> list[Same]:
    if once is Once.WORDS:
        statement, values = _SAME_WORDS.text(
            token=ticket.form_token, requester=ticket.requester_id, company=ticket.company_id,
            product=ticket.product_id, title=ticket.title, body=body,
            since=ticket.received_at - SAME_AGAIN,
        )  # fmt: skip
    else:
        statement, values = _SAME_FORM.text(token=ticket.form_token)
    if form is not None:
        statement = f"WITH gone AS ({DROP_DRAFT}) {statement}"
        values = [actor.pk, form, *values]
    with connection.cursor() as cursor:
        cursor.execute(_planned(statement).statement(), values)
        return [Same(*row) for row in cursor.fetchall()]


@cache
def _planned(statement: str) -> Planned:
    """One of the four statements of `_same`: by their keys, or by the few that one person made."""
    return Planned(statement)


def _said_since(since: datetime, title: str, body: str, **facts: int) -> QuerySet[Ticket]:
    """Incidents with these words, not cancelled."""
    said = Ticket.objects.filter(title=title, messages__body=body, received_at__gt=since, **facts)
    return said.exclude(status=Status.CANCELLED)


_SAME_FORM: Prepared[Any] = Prepared(
    lambda token: Ticket.objects.filter(form_token=token).values_list(*Same._fields), token=UUID
)
_SAME_WORDS: Prepared[Any] = Prepared(
    lambda token, **words: (
        Ticket.objects.filter(form_token=token)
        .values_list(*Same._fields)
        .union(_said_since(**words).values_list(*Same._fields))
        .order_by("pk")
    ),
    token=UUID, since=datetime, title=str, body=str, requester=int, company=int, product=int,
)  # fmt: skip


def _store(
    work: Work, terms: Terms, sent: Sent, members: Sequence[Member], *, taken: bool
) -> Ticket:
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
    return ticket


def _check_named(
    company: Company,
    follows: Ticket | None,
    site: Site | None,
    licence: Licence | None,
    at: datetime,
) -> None:
    """What the form names belongs to the company, and what it follows is over."""
    _check_followed(company, follows, at)
    _check_places(company, site, licence)


def _check_places(company: Company, site: Site | None, licence: Licence | None) -> None:
    """A site or a licence of another company never enters an incident (A1)."""
    if (site and site.company_id != company.pk) or (licence and licence.company_id != company.pk):
        raise Refusal(_("Ce site ou cette licence n’appartient pas à la société de l’incident."))


def _check_people(members: Sequence[Member], people: Sequence[User]) -> None:
    """Nor does a customer of another company (A1)."""
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
    insert(*rows)
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
    message = Message(
        ticket=ticket, author=work.actor or ticket.requester, side=work.side, body=sent.body,
        written_at=work.at, form_token=ticket.form_token,
    )  # fmt: skip
    insert(message)
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
