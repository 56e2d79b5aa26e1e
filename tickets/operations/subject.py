"""Correcting what an incident is about, before anybody works on it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from foundation.text import digest
from licences.models import Licence, Product
from tickets import lifecycle
from tickets.enums import Act, Origin
from tickets.models import Ticket
from tickets.operations.work import Work, work_on


def correct_subject(
    *,
    ticket_id: int,
    actor: User,
    title: str,
    product: Product,
    licence: Licence | None,
    at: datetime,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """The requester corrects the title or the product while nobody has taken charge (C26).

    `licence` is the company's for the new product, if there is one to name. No clock changes.
    Without any difference nothing is recorded.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        _require_may(work, actor)
        ticket = work.ticket
        if not title.strip():
            raise Refusal(_("Donnez un titre à l’incident."))
        if licence is not None and (licence.company_id, licence.product_id) != (
            ticket.company_id,
            product.pk,
        ):
            raise Refusal(_("Cette licence n’est pas celle du logiciel choisi."))
        facts: dict[str, list[object]] = {}
        if product.pk != ticket.product_id:
            facts["product"] = [ticket.product_id, product.pk]
            facts["licence"] = [ticket.licence_id, licence.pk if licence else None]
            ticket.product, ticket.licence = product, licence
        if title != ticket.title:
            facts["title"] = [digest(ticket.title), digest(title)]
            ticket.title = title
        if facts:
            work.record(Act.CORRECT_SUBJECT, facts=facts)
    return ticket


def _require_may(work: Work, actor: User) -> None:
    if lifecycle.allowed(work.ticket.state, Act.CORRECT_SUBJECT, work.side) is None:
        raise Refusal(
            _("L’incident n’attend plus sa prise en charge\u00a0: demandez la correction au "
              "support par un message.")
        )  # fmt: skip
    if actor.pk != work.ticket.requester_id:
        raise Refusal(
            _("Seule la personne qui a déclaré l’incident corrige son titre ou son logiciel.")
        )
