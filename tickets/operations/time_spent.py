"""Noting the time that ours spend on an incident. It is optional, and no customer reads it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from tickets.models import MINUTES_MAX, TimeSpent


@transaction.atomic
def note_time(*, ticket_id: int, minutes: int, actor: User, at: datetime, form_token: UUID) -> None:
    """So many minutes of `actor`. The same `form_token` again changes nothing."""
    if not actor.is_staff:
        raise Refusal(_("Le temps passé est noté par le support."))
    if not 0 < minutes <= MINUTES_MAX:
        raise Refusal(_("Indiquez entre 1\u00a0minute et 24\u00a0heures."))
    TimeSpent.objects.bulk_create(
        [
            TimeSpent(
                ticket_id=ticket_id, person=actor, minutes=minutes, noted_at=at,
                form_token=form_token,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


@transaction.atomic
def remove_time(*, ticket_id: int, time_id: int, actor: User, at: datetime) -> None:
    """Its author was wrong. What is gone already stays gone; of others' nothing is removed."""
    own = TimeSpent.objects.filter(pk=time_id, ticket_id=ticket_id)
    if own.exclude(person=actor).exists():
        raise Refusal(_("Seule la personne qui a noté ce temps peut le retirer."))
    own.delete()
