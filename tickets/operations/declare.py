"""Declaring an incident: by its customer, or by an engineer who has them on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Company, Site, User
from files.models import StoredFile
from foundation.refusals import Refusal
from foundation.wording import paris
from licences.models import Licence, Product
from sla.enums import CommitmentKind, Severity
from sla.workdays import end_of_nth_working_day
from tickets.clocks import Terms, copy_into, start_promises, terms_for
from tickets.enums import Act, Origin, Status
from tickets.models import Attachment, Commitment, Copy, Message, Ticket
from tickets.operations.charge import take_charge
from tickets.operations.due import record_due
from tickets.operations.work import Work, side_of

# A call older than this many working days needs a manager's right (S3).
OLDEST_CALL_DAYS = 5


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
) -> Ticket:
    """Receive an incident and start both promises (S1, S3).

    One `form_token`, one incident. `began_at` is the start of a call, `acknowledged_on_call` its
    tick, told by the receipt (P5); what fell due before tells nobody (S4). Raises Refusal.
    """
    if existing := Ticket.objects.filter(form_token=form_token, company=company).first():
        return existing
    _check_followed(company, follows, at)
    _check_owner(company, site, licence, [requester or actor, *copies])
    terms = terms_for(company, at)
    _check_call(actor, began_at, at, terms)
    ticket = Ticket(
        company=company, product=product, site=site, licence=licence, contract=terms.contract,
        service_level_version=terms.version, requester=requester or actor, title=title,
        agency=site.agency if site and site.agency else company.agency, origin=origin,
        is_private=is_private, declared_severity=severity, severity=severity,
        status=Status.DECLARED, received_at=began_at or at, last_event_at=at,
        form_token=form_token, follows=follows,
    )  # fmt: skip
    try:
        with transaction.atomic():
            work = Work(ticket, actor, side_of(actor), at, origin)
            _store(work, terms, body, copies, files, taken=acknowledged_on_call)
            if acknowledged_on_call:
                take_charge(work, ticket.received_at, recipients=[])
            work.record_due(silent=frozenset(CommitmentKind))
            return ticket
    except IntegrityError as error:
        return _from_the_other_tab(form_token, company, error)


def _store(
    work: Work,
    terms: Terms,
    body: str,
    copies: Sequence[User],
    files: Sequence[StoredFile],
    *,
    taken: bool,
) -> None:
    ticket = work.ticket
    ticket.reference = _next_reference(work.at)
    ticket.save(force_insert=True)
    facts = open_cycle(work, terms, ticket.received_at)
    message = _first_message(work, body, copies, files)
    work.record(
        Act.DECLARE,
        before="",
        effective_at=ticket.received_at,
        text=f"{ticket.title}\n{body}",
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


def _from_the_other_tab(form_token: UUID, company: Company, error: IntegrityError) -> Ticket:
    """Another request with the same form was faster: its incident is this one's answer.

    Any other conflict is a fault, and stays one.
    """
    twin = Ticket.objects.filter(form_token=form_token).first()
    if twin is None:
        raise error
    if twin.company_id != company.pk:
        raise Refusal(_("Ce formulaire a déjà servi pour une autre société. Ouvrez-en un nouveau."))
    return twin


def _check_owner(
    company: Company, site: Site | None, licence: Licence | None, people: Sequence[User]
) -> None:
    """A site, a licence or a customer of another company never enters an incident (A1)."""
    if (site and site.company_id != company.pk) or (licence and licence.company_id != company.pk):
        raise Refusal(_("Ce site ou cette licence n’appartient pas à la société de l’incident."))
    wanted = {person.pk for person in people if not person.is_staff}
    known = company.memberships.filter(user__in=wanted, is_active=True)
    if wanted - set(known.values_list("user_id", flat=True)):
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


def _next_reference(at: datetime) -> str:
    """`INC-2026-000123`; the year is that of Paris."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ticket_reference')")
        (number,) = cursor.fetchone()
    return f"INC-{paris(at).year}-{number:06d}"


def open_cycle(work: Work, terms: Terms, at: datetime) -> dict[str, Any]:
    """Both promises of the incident's present cycle; returns the facts of the event."""
    ticket = work.ticket
    started = start_promises(
        terms.version, terms.hours, Severity(ticket.severity), ticket.cycle, at
    )
    for promise in started:
        row = Commitment(
            ticket=ticket, kind=promise.kind, cycle=promise.cycle,
            service_level_version=terms.version, calendar_version=terms.calendar,
            pauses_on_vendor=promise.pauses_on_vendor, started_at=promise.started_at,
        )  # fmt: skip
        copy_into(row, promise)
        row.save(force_insert=True)
        work.commitments.append(row)
        work.rungs[row.pk] = set()
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


def _first_message(
    work: Work, body: str, copies: Sequence[User], files: Sequence[StoredFile]
) -> Message:
    ticket = work.ticket
    message = Message.objects.create(
        ticket=ticket, author=work.actor or ticket.requester, side=work.side, body=body,
        written_at=work.at, form_token=ticket.form_token,
    )  # fmt: skip
    Attachment.objects.bulk_create(Attachment(message=message, file=file) for file in files)
    Copy.objects.bulk_create(
        Copy(ticket=ticket, user=user, added_at=work.at)
        for user in copies
        if user.pk != ticket.requester_id
    )
    return message
