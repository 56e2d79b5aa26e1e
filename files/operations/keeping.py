"""Files that wait with a form: attached, dropped, or purged when nothing took them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import ProtectedError

from files import spool
from files.enums import FileState
from files.models import FileAccess, StoredFile, Upload
from files.operations.rows import attachable, delete_rows

# What nothing took is gone less than 24 hours after its last byte (C6): beat purges each half hour.
KEPT_WAITING = timedelta(hours=23)


def claim(*, person: AbstractBaseUser, form_token: UUID, at: datetime) -> list[StoredFile]:
    """Take the files that wait with a form, to attach them, in the caller's transaction.

    Those that are checked and those about to be: a scanner that is away never holds an incident
    (C3). One still on its way stays. They stop waiting at `at`, the instant of the act; if the
    caller's transaction fails they wait again. A concurrent claim of the same form gets an empty
    list.
    """
    uploads = list(
        attachable(person.pk, form_token)
        .select_for_update(of=("self",), no_key=True)
        .select_related("file")
        .order_by("pk")
    )
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).update(
        claimed_at=at, touched_at=at
    )
    return [upload.file for upload in uploads]


def discard(*, person: AbstractBaseUser, form_token: UUID, file: UUID) -> bool:
    """Drop one's own waiting file; False when there is no such one (any more)."""
    with transaction.atomic():
        upload = (
            Upload.objects.select_for_update(of=("self",))
            .filter(
                person_id=person.pk, form_token=form_token, file_id=file, claimed_at__isnull=True
            )
            .select_related("file")
            .first()
        )
        if upload is None:
            return False
        delete_rows(upload)
    return True


def record_access(*, file: StoredFile, person: AbstractBaseUser, at: datetime) -> None:
    """One line per download (A7, R2)."""
    FileAccess.objects.create(file=file, person_id=person.pk, at=at)


def purge_uploads(*, at: datetime, limit: int = 500) -> int:
    """Remove what no form claimed in time, and what a form claimed for nothing (C6).

    Returns how many files went, with their bytes. A file that still moves is young, however long
    it has been on its way. Spool files without a row go too.
    """
    old = Upload.objects.filter(touched_at__lt=at - KEPT_WAITING).order_by("touched_at")
    purged = sum(_purge(pk) for pk in list(old.values_list("pk", flat=True)[:limit]))
    _purge_spool(at)
    return purged


@transaction.atomic
def _purge(upload_id: int) -> bool:
    """Remove one upload; True when its file went too. A form that claims it right now wins."""
    upload = (
        Upload.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=upload_id)
        .select_related("file")
        .first()
    )
    if upload is None or spool.is_busy(upload.file_id):
        return False
    try:
        with transaction.atomic():
            delete_rows(upload)
    except ProtectedError:
        # It has an owner: only the memory of its waiting goes.
        Upload.objects.filter(pk=upload_id).delete()
        return False
    return True


def _purge_spool(at: datetime) -> None:
    """Spool files that no row needs: their row went, or their blob is stored."""
    before = (at - KEPT_WAITING).timestamp()
    for file, changed in spool.all_files():
        needed = StoredFile.objects.filter(
            pk=file, state__in=(FileState.ARRIVING, FileState.CHECKING)
        )
        if changed < before and not needed.exists() and not spool.is_busy(file):
            spool.erase(file)
    spool.erase_remains(before)
