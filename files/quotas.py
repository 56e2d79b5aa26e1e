"""Whose bytes count together in a day (C6).

This floor knows no companies. A higher one registers a function that names a person's colleagues,
in its `AppConfig.ready`; without one, each person counts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Sum

from files.enums import FileState
from files.models import Upload

DAY = timedelta(hours=24)

# The person is an `accounts.User`, a name of a higher floor; numbers of people come back.
Colleagues = Callable[[Any], Iterable[int]]

_counted: list[Colleagues] = []


def register(colleagues: Colleagues) -> None:
    """Let a higher floor say whose bytes count together with a person's."""
    _counted[:] = [colleagues]


def waiting_bytes(person: AbstractBaseUser) -> int:
    """What a person has announced or sent and attached to nothing."""
    found = Upload.objects.filter(person_id=person.pk, claimed_at__isnull=True)
    return _sum(found.exclude(file__state=FileState.REFUSED))


def day_bytes(person: AbstractBaseUser, at: datetime) -> int:
    """What a person and their colleagues announced or sent in the last 24 hours."""
    people = {person.pk, *(pk for colleagues in _counted for pk in colleagues(person))}
    found = Upload.objects.filter(person_id__in=people, created_at__gt=at - DAY)
    return _sum(found.exclude(file__state=FileState.REFUSED))


def _sum(uploads: Any) -> int:
    return uploads.aggregate(total=Sum("file__size"))["total"] or 0
