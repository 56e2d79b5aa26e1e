"""What beat runs for incidents."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from tickets import operations


@shared_task(name="tickets.sweep_deadlines")
def sweep_deadlines(**kwargs: Any) -> None:
    """Record rungs, breaches and closures that fell due (S10). Takes arguments of later versions.

    Running it twice, late or not at all changes no result: every act does the same first (S17).
    """
    operations.sweep_deadlines(at=timezone.now())
