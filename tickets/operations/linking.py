"""Incidents with one cause (E12), and the second subject of an incident (E13).

A parent may be of another company: no customer learns that there is one unless they see it (A2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from files.models import StoredFile
from foundation.refusals import Conflict, Refusal
from licences.models import Product
from sla.enums import Severity
from tickets.enums import OPEN_STATUSES, Act, Origin, Status
from tickets.models import NEVER, Attachment, Ticket
from tickets.operations.declare import declare
from tickets.operations.work import work_on, work_on_both
from tickets.recipients import members_of

_ALIVE = (*OPEN_STATUSES, Status.RESOLVED)


class LinkRefused(Refusal):
    """These two incidents are not linked so."""


def attach(
    *, ticket_id: int, parent_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL
) -> Ticket:
    """Hang an open incident on the one that holds its cause; from another parent it moves.

    One level: a parent has no parent. No clock moves and nobody is told. Returns the child.
    """
    if ticket_id == parent_id:
        raise LinkRefused(_("Un incident ne se rattache pas à lui-même."))
    with work_on_both(ticket_id, parent_id, actor=actor, at=at, origin=origin) as (work, parent):
        work.require(Act.ATTACH)
        check_parent(work.ticket, parent.ticket)
        before = work.ticket.parent_id
        if before == parent_id:
            return work.ticket
        work.ticket.parent = parent.ticket
        facts = {"parent": parent_id, "before": before}
        work.record(Act.ATTACH, facts=facts, recipients=[])
        parent.record(Act.ATTACH, facts={"child": ticket_id}, recipients=[])
    return work.ticket


def check_parent(ticket: Ticket, parent: Ticket) -> None:
    """Whether the one may hang on the other; raises LinkRefused. The pages ask first."""
    if ticket.pk == parent.pk:
        raise LinkRefused(_("Un incident ne se rattache pas à lui-même."))
    if parent.state not in _ALIVE:
        raise LinkRefused(
            _("%(parent)s est «\u00a0%(status)s\u00a0»\u00a0: rien ne s’y rattache plus.")
            % {"parent": parent.reference, "status": parent.state.label}
        )
    if parent.parent_id is not None:
        raise LinkRefused(
            _("%(parent)s est lui-même rattaché à un autre incident\u00a0: rattachez celui-ci au "
              "même.") % {"parent": parent.reference}
        )  # fmt: skip
    if Ticket.objects.filter(parent=ticket).exists():
        raise LinkRefused(
            _("D’autres incidents sont rattachés à celui-ci\u00a0: détachez-les d’abord.")
        )


def detach(*, ticket_id: int, actor: User, at: datetime, origin: Origin = Origin.PORTAL) -> Ticket:
    """The cause was another one. Not attached any more is no fault."""
    parent_id = Ticket.objects.values_list("parent", flat=True).get(pk=ticket_id)
    if parent_id is None:
        return Ticket.objects.get(pk=ticket_id)
    with work_on_both(ticket_id, parent_id, actor=actor, at=at, origin=origin) as (work, parent):
        if work.ticket.parent_id != parent_id:
            raise Conflict(_("Quelqu’un vient de rattacher cet incident ailleurs."))
        work.require(Act.DETACH)
        work.ticket.parent = None
        work.record(Act.DETACH, facts={"parent": parent_id}, recipients=[])
        parent.record(Act.DETACH, facts={"child": ticket_id}, recipients=[])
    return work.ticket


def split(
    *,
    ticket_id: int,
    actor: User,
    title: str,
    body: str,
    product: Product,
    severity: Severity,
    at: datetime,
    form_token: UUID,
    files: Sequence[StoredFile] = (),
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """Declare the second subject of an incident as one of its own, for the same people.

    Its clocks start now, by today's contract; those of the first do not move. `files` of the first
    stand on both. Its customers are told by the receipt. The same `form_token` again gives the same
    incident. Returns the new one.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        twin = Ticket.objects.filter(form_token=form_token, split_from=ticket_id).first()
        if twin is not None:
            return twin
        work.require(Act.SPLIT)
        ticket = work.ticket
        if not title.strip() or not body.strip():
            raise Refusal(_("Donnez un titre et un texte au second sujet."))
        _require_own(ticket, files)
        same = product.pk == ticket.product_id
        created = declare(
            actor=actor, requester=ticket.requester, company=ticket.company, site=ticket.site,
            product=product, licence=ticket.licence if same else None, severity=severity,
            title=title, body=body, copies=_still_there(ticket),
            is_private=ticket.is_private, at=work.at, form_token=form_token, origin=origin,
        )  # fmt: skip
        Ticket.objects.filter(pk=created.pk).update(split_from=ticket)
        declaration = created.messages.get()
        Attachment.objects.bulk_create(
            Attachment(message=declaration, file=file, is_shared=True) for file in files
        )
        work.record(Act.SPLIT, facts={"into": created.pk}, recipients=[])
    return created


def files_shown(ticket: Ticket) -> QuerySet[Attachment]:
    """What its messages hold, but for answers taken back: no customer ever reads those (B1)."""
    return Attachment.objects.filter(message__ticket=ticket).exclude(message__visible_from=NEVER)


def _require_own(ticket: Ticket, files: Sequence[StoredFile]) -> None:
    """Files of another incident never enter this one's sequel (A1), nor those taken back (B1)."""
    own = files_shown(ticket).filter(file__in=files)
    if own.values("file").distinct().count() != len({file.pk for file in files}):
        raise Refusal(_("L’un de ces fichiers n’est pas de cet incident."))


def _still_there(ticket: Ticket) -> list[User]:
    """People in copy whose access to the company is open."""
    members = {member.user_id for member in members_of(ticket.company_id) if member.is_reached}
    return [person for person in ticket.copies.order_by("pk") if person.pk in members]
