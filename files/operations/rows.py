"""The rows of files, as every operation makes, finds and removes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from files import spool, storage, types
from files.enums import FileState
from files.models import StoredFile, Upload
from foundation.prepared import PlannedRows
from foundation.waking import wake

CHECK = "files.check_file"


def new_file(
    *,
    name: str,
    size: int,
    sha256: str,
    created_by: AbstractBaseUser | None,
    at: datetime,
    state: FileState,
) -> StoredFile:
    """The unsaved row of a file, under a key of ours."""
    uuid, kind = uuid4(), types.ALLOWED[types.extension(name)]
    return StoredFile(
        uuid=uuid,
        key=storage.make_key(uuid, at),
        name=name,
        content_type=kind.content_type,
        size=size,
        sha256=sha256,
        state=state,
        created_at=at,
        created_by_id=created_by.pk if created_by is not None else None,
    )


def lock_person(person_id: int) -> None:
    """Posts of one person are counted one after the other: two at once cannot pass the limit."""
    get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)


def unclaimed(person_id: int, form_token: UUID) -> QuerySet[Upload]:
    """What a person has with a form, whatever its state."""
    return Upload.objects.filter(
        person_id=person_id, form_token=form_token, claimed_at__isnull=True
    )


def standing(person_id: int, form_token: UUID) -> QuerySet[Upload]:
    """What counts against the limits of a form: a refused file is shown and counts for nothing."""
    return unclaimed(person_id, form_token).exclude(file__state=FileState.REFUSED)


def attachable(person_id: int, form_token: UUID) -> QuerySet[Upload]:
    """What the form may attach: whole files, checked or about to be."""
    states = (FileState.CHECKING, FileState.AVAILABLE)
    return unclaimed(person_id, form_token).filter(file__state__in=states)


_ATTACHABLE: PlannedRows[Any] = PlannedRows(
    lambda person, token: attachable(person, token).values("pk"), person=int, token=UUID
)


def attachable_text(person_id: int, form_token: UUID) -> tuple[str, list[Any]]:
    """The same as a statement and its values, for one that asks whether there is any."""
    return _ATTACHABLE.text(person=person_id, token=form_token)


def twin(person_id: int, form_token: UUID, name: str, sha256: str) -> Upload | None:
    """The same file, already waiting with the same form."""
    waiting = attachable(person_id, form_token).filter(file__name=name, file__sha256=sha256)
    return waiting.select_related("file").first()


def hand_to_worker(file: StoredFile, at: datetime) -> None:
    """All bytes are here: the worker is woken after commit, and a sweep finds the row anyway."""
    file.state, file.whole_at, file.check_after = FileState.CHECKING, at, at
    file.save(update_fields=["state", "whole_at", "check_after"])
    transaction.on_commit(lambda: wake(CHECK, file=str(file.pk)))


def delete_rows(upload: Upload) -> None:
    """Rows in this transaction, bytes once it is committed: never a row without its blob."""
    file, key, uuid = upload.file, upload.file.key, upload.file.pk
    upload.delete()
    file.accesses.all().delete()
    file.delete()
    transaction.on_commit(lambda: _erase(uuid, key))


def _erase(uuid: UUID, key: str) -> None:
    spool.erase(uuid)
    storage.erase(key)
