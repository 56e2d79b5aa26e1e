"""Mails that came back, and mails that are sent again by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from foundation.waking import wake
from notifications.enums import FAILED, DeliveryState
from notifications.models import Delivery, Resend
from notifications.outbox import DELIVER_PENDING
from notifications.queries import barred
from tickets.enums import Act

logger = logging.getLogger(__name__)


def mark_bounced(*, message_id: str, answer: str, at: datetime) -> bool:
    """A mail that was accepted came back for good; `answer` says why. False: nothing to mark.

    For whoever reads the returned mails. What a digest carried came back with it. The acceptance
    stays on record beside the return (N8).
    """
    mail = Delivery.objects.filter(message_id=message_id).values_list("pk", flat=True).first()
    found = Delivery.objects.filter(Q(pk=mail) | Q(carrier=mail), state=DeliveryState.SENT)
    marked = found.update(state=DeliveryState.BOUNCED, bounced_at=at, server_answer=answer[:300])
    if marked:
        logger.error("mail_bounced", extra={"message_id": message_id, "answer": answer[:300]})
    return bool(marked)


@transaction.atomic
def resend(*, delivery_id: int, actor: User, seen: int, at: datetime) -> Delivery:
    """Put a mail that reached nobody back in the queue, under the same Message-ID (E18).

    `seen`: how many times it had been sent again when the person decided it; a page that others
    made untrue decides nothing. Raises Refusal; the sender checks the rights once more.
    """
    delivery = (
        Delivery.objects.select_for_update(of=("self",), no_key=True)
        .select_related("event__ticket", "recipient")
        .get(pk=delivery_id)
    )
    if reason := why_not_resend(delivery):
        raise Refusal(reason)
    if delivery.resends.count() != seen:
        raise Conflict(_("Quelqu’un a déjà renvoyé cet e-mail depuis que vous l’avez affiché."))
    Resend.objects.create(
        delivery=delivery,
        asked_at=at,
        asked_by=actor,
        state_before=delivery.state,
        sent_at_before=delivery.sent_at,
        answer_before=delivery.server_answer,
    )
    delivery.state = DeliveryState.QUEUED
    delivery.attempts, delivery.next_attempt_at = 0, at
    delivery.sent_at = delivery.bounced_at = None
    # It leaves by itself: what becomes of its digest concerns it no more.
    delivery.carrier = None
    delivery.save(
        update_fields=[
            "state", "attempts", "next_attempt_at", "sent_at", "bounced_at", "carrier",
        ]
    )  # fmt: skip
    transaction.on_commit(partial(wake, DELIVER_PENDING), robust=True)
    return delivery


def why_not_resend(delivery: Delivery, why_barred: Callable[[Delivery], str] = barred) -> str:
    """The sentence that refuses to send it again; empty when it may be.

    `why_barred`: for many of them, what `barred_among` found.
    """
    if delivery.state not in FAILED:
        return _why_not_in_that_state(delivery)
    if delivery.event is None:
        return _why_not_that_kind(delivery)
    if delivery.state == DeliveryState.DROPPED and delivery.event.act == Act.RUNG:
        return _("Cette alerte de délai n’a plus d’objet.")
    if reason := why_barred(delivery):
        return _("Cet e-mail ne peut pas être renvoyé\u00a0: %(reason)s.") % {"reason": reason}
    return ""


def _why_not_in_that_state(delivery: Delivery) -> str:
    if delivery.state == DeliveryState.HELD:
        return _("Ce message partira avec le prochain récapitulatif de la personne.")
    if delivery.state == DeliveryState.QUEUED:
        return _("Cet e-mail est déjà en attente\u00a0: il partira de lui-même.")
    return _("Cet e-mail a été accepté par le serveur\u00a0: il n’y a rien à renvoyer.")


def _why_not_that_kind(delivery: Delivery) -> str:
    if delivery.is_digest:
        return _("Les messages d’un récapitulatif se renvoient un par un, depuis leur incident.")
    if delivery.is_answer:
        return _("La boîte fermée répondra d’elle-même si la personne lui écrit de nouveau.")
    return _(
        "Le texte de cet e-mail a été effacé, car il pouvait contenir un lien secret\u00a0: si "
        "c’était une invitation ou un mot de passe perdu, refaites la demande."
    )
