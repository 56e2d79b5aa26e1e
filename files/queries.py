"""Reading files."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from files.enums import FileState
from files.models import StoredFile


def waiting(person: AbstractBaseUser, form_token: UUID) -> list[StoredFile]:
    """The files that this person has already sent with this form, in order of arrival."""
    return list(
        StoredFile.objects.filter(
            upload__person_id=person.pk,
            upload__form_token=form_token,
            upload__claimed_at__isnull=True,
            state=FileState.AVAILABLE,
        ).order_by("upload__pk")
    )
