"""Correcting what an incident is about: by its requester before anybody works on it, then by us."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from foundation.text import digest
from licences.models import Licence, Product
from tickets import lifecycle
from tickets.enums import Act, Origin
from tickets.models import Ticket
from tickets.operations.conversation import store_message, was_stored
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
        facts = _change_product(ticket, product, licence)
        if title != ticket.title:
            facts["title"] = [digest(ticket.title), digest(title)]
            ticket.title = title
        if facts:
            work.record(Act.CORRECT_SUBJECT, facts=facts)
    return ticket


def correct_product(
    *,
    ticket_id: int,
    actor: User,
    product: Product,
    licence: Licence | None,
    reason: str,
    at: datetime,
    form_token: UUID,
    origin: Origin = Origin.PORTAL,
) -> Ticket:
    """One of ours corrects the product while the incident is open; the customer reads the reason.

    No clock changes and no mail leaves: what is promised depends on no product. The same
    `form_token` again changes nothing.
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        ticket = work.ticket
        if was_stored(ticket.pk, form_token):
            return ticket
        work.require(Act.CORRECT_SUBJECT)
        work.require_reason(reason)
        facts: dict[str, object] = {**_change_product(ticket, product, licence)}
        if not facts:
            raise Refusal(_("L’incident porte déjà sur ce produit."))
        facts["message"] = store_message(work, reason, form_token).pk
        work.record(Act.CORRECT_SUBJECT, facts=facts, text=reason)
    return ticket


def _change_product(
    ticket: Ticket, product: Product, licence: Licence | None
) -> dict[str, list[object]]:
    """What the history keeps of it; nothing when it is the same product."""
    if licence is not None and (licence.company_id, licence.product_id) != (
        ticket.company_id,
        product.pk,
    ):
        raise Refusal(_("Cette licence n’est pas celle du logiciel choisi."))
    if product.pk == ticket.product_id:
        return {}
    facts: dict[str, list[object]] = {
        "product": [ticket.product_id, product.pk],
        "licence": [ticket.licence_id, licence.pk if licence else None],
    }
    ticket.product, ticket.licence = product, licence
    return facts


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
