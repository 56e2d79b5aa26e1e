"""Files that come byte by byte, over as many requests as it takes (tus: see `files.tus`).

Whatever happens, the size of the spool file says how much is here; the row follows it every few
seconds and at the end of each request, for the pages and for the purge.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connection, transaction

from files import quotas, spool, types
from files.enums import FileState
from files.models import Upload
from files.operations.judging import (
    FileRefused,
    check_count,
    check_day,
    check_head,
    check_name,
    check_size,
    check_type,
    check_waiting,
    empty,
)
from files.operations.keeping import KEPT_WAITING
from files.operations.rows import (
    delete_rows,
    hand_to_worker,
    lock_person,
    new_file,
    standing,
    unclaimed,
)

logger = logging.getLogger(__name__)

CHUNK = 128 * 1024  # bytes in memory for each upload
_NOTED_EVERY = timedelta(seconds=5)
_SYNCED_EVERY = 64 * 1024**2  # bytes

Clock = Callable[[], datetime]


class Busy(Exception):
    """Another request is appending to this file."""


class NoRoom(Exception):
    """The disk is full: what was received stays, and goes on when there is room."""


class UploadGone(Exception):
    """Dropped, claimed or purged meanwhile: there is nothing to append to."""


class Excess(Exception):
    """More bytes than were announced."""


class WrongOffset(Exception):
    """The client stands elsewhere than the server: `offset` is where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Body(Protocol):
    """What a request's bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises OSError when the client is gone."""
        ...


def announce(
    *,
    person: AbstractBaseUser,
    form_token: UUID,
    name: str,
    size: int,
    fingerprint: str = "",
    at: datetime,
) -> Upload:
    """A file that will arrive: everything that can be refused now is. Raises FileRefused, NoRoom.

    A creation whose answer was lost is asked again: the same file of which nothing has arrived is
    the same upload.
    """
    check_name(name)
    if size == 0:
        raise empty(name)
    check_size(name, size, limit=settings.FILE_MAX_BYTES)
    check_type(name)
    if spool.room() < size:
        logger.error("spool_full", extra={"wanted": size})
        raise NoRoom
    with transaction.atomic():
        lock_person(person.pk)
        same = _announced(person.pk, form_token, name, size, fingerprint)
        if same is not None:
            return same
        check_count(standing(person.pk, form_token).count(), name)
        check_waiting(name, quotas.waiting_bytes(person) + size)
        check_day(name, quotas.day_bytes(person, at) + size)
        file = new_file(
            name=name, size=size, sha256="", created_by=person, at=at, state=FileState.ARRIVING
        )
        file.save(force_insert=True)
        return Upload.objects.create(
            person_id=person.pk, form_token=form_token, file=file, fingerprint=fingerprint,
            created_at=at, touched_at=at,
        )  # fmt: skip


def append(*, upload: Upload, offset: int, length: int, body: Body, clock: Clock) -> int:
    """Add `length` bytes at `offset`, as far as they come; where the upload stands afterwards.

    Must be called outside any transaction: it may take hours. Raises WrongOffset, Busy, NoRoom,
    Excess, UploadGone, or FileRefused once the first bytes are here and are not what they should
    be: the reason is then kept with the row.
    """
    if upload.file.state != FileState.ARRIVING:
        return _nothing_to_add(upload, offset, length)
    try:
        with spool.held(upload.file_id) as held:
            # It may have been completed while this request waited for its turn.
            if not _arriving(upload):
                raise UploadGone
            if held.size != offset:
                raise WrongOffset(held.size)
            if length > upload.file.size - offset:
                raise Excess
            try:
                _take(upload, held, body, length, clock)
            finally:
                held.sync()
            size = held.size
        # No longer held: the worker that this wakes must not find the file busy.
        _conclude(upload, size, clock())
    except spool.Busy as error:
        raise Busy from error
    except spool.Full as error:
        logger.exception("spool_full", extra={"file": upload.file_id})
        _note(upload, spool.size_of(upload.file_id), clock())
        raise NoRoom from error
    except FileRefused as refusal:
        _refuse(upload, refusal.reason)
        raise
    return size


def received(*, upload: Upload, at: datetime) -> int:
    """How many bytes are here. A file that became whole without its row (a process killed between
    the two) is handed to the worker now.
    """
    if upload.file.state != FileState.ARRIVING:
        return upload.file.size
    size = spool.size_of(upload.file_id)
    if size == upload.file.size and not spool.is_busy(upload.file_id):
        _conclude(upload, size, at)
    return size


def terminate(*, upload: Upload) -> None:
    """Drop an upload at its owner's word, whatever has arrived. Raises Busy."""
    if spool.is_busy(upload.file_id):
        raise Busy
    with transaction.atomic():
        mine = Upload.objects.select_for_update(of=("self",)).select_related("file")
        found = mine.filter(pk=upload.pk, claimed_at__isnull=True).first()
        if found is not None:
            delete_rows(found)


def expires_at(upload: Upload) -> datetime:
    """Until when it waits for its next byte, or for its form."""
    return upload.touched_at + KEPT_WAITING


def _announced(
    person_id: int, form_token: UUID, name: str, size: int, fingerprint: str
) -> Upload | None:
    if not fingerprint:
        return None
    found = (
        unclaimed(person_id, form_token)
        .filter(
            fingerprint=fingerprint, file__name=name, file__size=size,
            file__state=FileState.ARRIVING,
        )
        .select_related("file")
        .first()
    )  # fmt: skip
    return found if found is not None and spool.size_of(found.file_id) == 0 else None


def _nothing_to_add(upload: Upload, offset: int, length: int) -> int:
    if upload.file.state == FileState.REFUSED:
        raise UploadGone
    if offset != upload.file.size:
        raise WrongOffset(upload.file.size)
    if length:
        raise Excess
    return offset


def _arriving(upload: Upload) -> bool:
    return Upload.objects.filter(
        pk=upload.pk, claimed_at__isnull=True, file__state=FileState.ARRIVING
    ).exists()


def _take(upload: Upload, held: spool.Spool, body: Body, length: int, clock: Clock) -> None:
    """Read until the end, or until the client is gone: both leave what came in the spool."""
    name, needed = upload.file.name, min(types.HEAD_BYTES, upload.file.size)
    judged, noted, synced = False, clock(), held.size
    _free_connection()
    while True:
        if not judged and held.size >= needed:
            check_head(name, held.head(needed))
            judged = True
        data = _read(body, min(CHUNK, length)) if length else b""
        if not data:
            return
        held.append(data)
        length -= len(data)
        if held.size - synced >= _SYNCED_EVERY:
            held.sync()
            synced = held.size
        if (now := clock()) - noted >= _NOTED_EVERY:
            _note(upload, held.size, now)
            _free_connection()
            noted = now


def _read(body: Body, size: int) -> bytes:
    try:
        return body.read(size)
    except OSError:
        # The connection was cut; the client will ask where to go on.
        return b""


def _note(upload: Upload, size: int, at: datetime) -> None:
    """The row follows the spool file. Without a database the bytes still count."""
    try:
        known = Upload.objects.filter(pk=upload.pk, claimed_at__isnull=True).update(
            offset=size, touched_at=at
        )
    except DatabaseError:
        logger.warning("upload_not_noted", extra={"file": upload.file_id})
        return
    if not known:
        raise UploadGone
    upload.offset, upload.touched_at = size, at


def _conclude(upload: Upload, size: int, at: datetime) -> None:
    """Note where it stands; whole, it goes to the worker in the same transaction."""
    with transaction.atomic():
        row = Upload.objects.select_for_update(of=("self",), no_key=True).select_related("file")
        found = row.filter(pk=upload.pk, claimed_at__isnull=True).first()
        if found is None:
            raise UploadGone
        found.offset, found.touched_at = size, at
        found.save(update_fields=["offset", "touched_at"])
        if size == found.file.size and found.file.state == FileState.ARRIVING:
            hand_to_worker(found.file, at)
    upload.offset, upload.touched_at, upload.file = size, at, found.file


def _refuse(upload: Upload, reason: str) -> None:
    """The reason stays with the row, for the form that shows it; the bytes go."""
    file = upload.file
    file.state, file.refusal = FileState.REFUSED, reason
    file.save(update_fields=["state", "refusal"])
    spool.erase(file.pk)
    logger.info("upload_refused", extra={"file": file.pk})


def _free_connection() -> None:
    """An upload may last for hours: it keeps no connection to the database meanwhile."""
    if not connection.in_atomic_block:
        connection.close()
