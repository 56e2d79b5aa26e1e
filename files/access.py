"""The only way a view reaches a stored file or an upload."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404

from files.models import StoredFile, Upload
from files.rights import may_read


def get_file(person: AbstractBaseUser, uuid: UUID) -> StoredFile:
    """The file, or the same Http404 whether it is absent or not theirs (A1, C7)."""
    file = StoredFile.objects.filter(pk=uuid).first()
    if file is None or not may_read(person, file):
        raise Http404
    return file


def get_upload(person: AbstractBaseUser, file: UUID) -> Upload:
    """One's own file that waits with a form, or the same Http404 for any other (A1)."""
    found = Upload.objects.filter(file_id=file, person_id=person.pk, claimed_at__isnull=True)
    upload = found.select_related("file").first()
    if upload is None:
        raise Http404
    return upload
