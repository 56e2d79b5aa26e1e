"""Reading files."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Min, Q

from files.enums import FileState
from files.models import StoredFile


def waiting(person: AbstractBaseUser, form_token: UUID) -> list[StoredFile]:
    """The files that this person has sent with this form, in order of arrival, whatever their
    state: on their way, being checked, available, or refused for the reason they bear.

    Without those that a process left half written while it received a form: they are nobody's.
    """
    return list(
        StoredFile.objects.filter(
            ~Q(state=FileState.ARRIVING) | Q(sha256=""),
            upload__person_id=person.pk,
            upload__form_token=form_token,
            upload__claimed_at__isnull=True,
        )
        .select_related("upload")
        .order_by("upload__pk")
    )


def unchecked(at: datetime) -> tuple[int, timedelta | None]:
    """How many files wait for the worker's check, and since when the oldest does."""
    found = StoredFile.objects.filter(state=FileState.CHECKING).aggregate(
        number=Count("pk"), oldest=Min("whole_at")
    )
    return found["number"], at - found["oldest"] if found["oldest"] else None
