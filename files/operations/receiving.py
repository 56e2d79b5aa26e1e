"""Files that come whole: with a form of a customer, or from us."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from files import storage, types
from files.enums import FileState
from files.models import StoredFile, Upload
from files.operations.judging import (
    FileRefused,
    check_count,
    check_head,
    check_name,
    check_size,
    check_type,
    empty,
)
from files.operations.rows import (
    delete_rows,
    hand_to_worker,
    lock_person,
    new_file,
    standing,
    twin,
)


def receive(
    *,
    person: AbstractBaseUser,
    form_token: UUID,
    name: str,
    content: storage.Blob,
    at: datetime,
) -> Upload:
    """Keep a file that a person sent with a form, until the form is accepted (design: files).

    `name` is the name as it was claimed. The same name and content sent again with the same form
    is the same upload: a double submit doubles nothing. Available at once, or checked by the
    worker first where an antivirus is configured. Raises FileRefused. Must be called outside any
    transaction: its row is committed before the blob is written.
    """
    check_name(name)
    found = _check_content(name, content)
    upload = _announce(person=person, form_token=form_token, name=name, found=found, at=at)
    if upload.file.state != FileState.ARRIVING:
        return upload
    try:
        storage.write(upload.file.key, content, size=found.size)
    except storage.StorageAway as error:
        _forget(upload)
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0» n’a pas pu être enregistré\u00a0: "
                "le stockage ne répond pas. Réessayez dans quelques minutes."
            )
            % {"name": name}
        ) from error
    return _settle(upload, at)


def store(
    *, name: str, content: storage.Blob, actor: AbstractBaseUser | None, at: datetime
) -> StoredFile:
    """Keep a file of ours (a patch, demo data) inside the caller's transaction.

    The same checks as for a customer's. The blob goes first and is erased when its row is
    refused; raises FileRefused or `storage.StorageAway`.
    """
    check_name(name)
    found = _check_content(name, content)
    file = new_file(
        name=name, size=found.size, sha256=found.sha256, created_by=actor, at=at,
        state=FileState.AVAILABLE,
    )  # fmt: skip
    storage.write(file.key, content, size=found.size)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except Exception:
        storage.erase(file.key)
        raise
    return file


def _check_content(name: str, content: storage.Blob) -> storage.Fingerprint:
    """Size, type and content, cheapest first; the claimed size and type are never believed."""
    limit = min(settings.FILE_FORM_MAX_BYTES, settings.FILE_MAX_BYTES)
    check_size(name, content.size or 0, limit=limit)
    check_type(name)
    content.seek(0)
    head = content.read(types.HEAD_BYTES)
    if not head:
        raise empty(name)
    check_head(name, head)
    return storage.fingerprint(content)


def _announce(
    *,
    person: AbstractBaseUser,
    form_token: UUID,
    name: str,
    found: storage.Fingerprint,
    at: datetime,
) -> Upload:
    """The committed row that names the blob to come, or the same upload sent before."""
    with transaction.atomic(durable=True):
        lock_person(person.pk)
        same = twin(person.pk, form_token, name, found.sha256)
        if same is not None:
            return same
        check_count(standing(person.pk, form_token).count(), name)
        file = new_file(
            name=name, size=found.size, sha256=found.sha256, created_by=person, at=at,
            state=FileState.ARRIVING,
        )  # fmt: skip
        file.save(force_insert=True)
        return Upload.objects.create(
            person_id=person.pk, form_token=form_token, file=file, offset=found.size,
            created_at=at, touched_at=at,
        )  # fmt: skip


def _settle(upload: Upload, at: datetime) -> Upload:
    """The blob is whole. Of two equal uploads that arrived together, the second yields."""
    file = upload.file
    with transaction.atomic():
        lock_person(upload.person_id)
        same = twin(upload.person_id, upload.form_token, file.name, file.sha256)
        if same is not None:
            delete_rows(upload)
            return same
        if settings.CLAMD_ADDRESS:
            hand_to_worker(file, at)
        else:
            file.state, file.whole_at = FileState.AVAILABLE, at
            file.save(update_fields=["state", "whole_at"])
    return upload


def _forget(upload: Upload) -> None:
    with transaction.atomic():
        delete_rows(upload)
