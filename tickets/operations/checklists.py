"""Ticking what was done. No status, no promise and no customer is concerned: no event (0005)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from tickets.models import ChecklistStep, StepDone


class NoStep(Refusal):
    """Not a step, or no longer."""


@transaction.atomic
def tick_step(*, ticket_id: int, step_id: int, is_done: bool, actor: User, at: datetime) -> None:
    """Say that a step was done on an incident, or that it was not after all.

    Who asks for what stands already changes nothing: of two who tick at once, the first is named.
    Raises NoStep, and Refusal for whoever is not of ours.
    """
    if not actor.is_staff:
        raise Refusal(_("Les listes de contrôle sont celles du support."))
    step = ChecklistStep.objects.filter(pk=step_id).first()
    if step is None:
        raise NoStep(_("Cette étape n’existe plus\u00a0: la liste a changé."))
    if not is_done:
        StepDone.objects.filter(ticket_id=ticket_id, step=step).delete()
        return
    StepDone.objects.bulk_create(
        [StepDone(ticket_id=ticket_id, step=step, done_by=actor, done_at=at)],
        ignore_conflicts=True,
    )
