"""The worker's part: sha256, antivirus, into the storage; then the file is available, or refused.

A row in state CHECKING is the order, `check_after` its next turn: taking it moves that instant
forward, so that two workers share the work and a killed one only delays it. One file that another
process holds is left alone. Every step may be done again.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from files import scanning, spool, storage, types
from files.enums import FileState, Scan
from files.models import StoredFile, Upload
from files.operations.judging import FileRefused, check_head
from files.operations.rows import hand_to_worker

logger = logging.getLogger(__name__)

CHUNK = 1024**2  # bytes in memory
# A worker that was killed gives its file back after this.
_LEASE = timedelta(minutes=1)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=15)


class Held(Exception):
    """The check cannot be made now: the file stays as it is, its turn comes again."""


class _Found(NamedTuple):
    sha256: str
    answer: scanning.Answer | None


def check_pending(*, at: datetime, limit: int = 200) -> int:
    """Check what waits for its turn; how many files got a result.

    Finds what the broker lost, and files that became whole as their process was killed. Stops at
    the first file that has to be held: the others would wait for the same scanner or storage.
    """
    _find_whole(at)
    due = StoredFile.objects.filter(state=FileState.CHECKING, check_after__lte=at)
    done = 0
    for pk in list(due.order_by("check_after").values_list("pk", flat=True)[:limit]):
        try:
            done += check_file(file=pk, at=at)
        except Held:
            break
    return done


def check_file(*, file: UUID, at: datetime) -> bool:
    """Check one file now; False when it needs no check or another worker has it. Raises Held."""
    row = _take_turn(file, at)
    if row is None:
        return False
    try:
        _judge(row)
    except spool.Busy:
        _give_back(row, at)
        return False
    except (scanning.ScannerAway, storage.StorageAway, storage.BlobMissing, OSError) as error:
        _hold(row, at, error)
        raise Held from error
    return True


def _find_whole(at: datetime) -> None:
    """Whole in the spool, still « arriving » in its row."""
    since = at - _LEASE
    for upload in Upload.objects.filter(
        file__state=FileState.ARRIVING, file__sha256="", touched_at__lt=since
    ).select_related("file"):
        if spool.size_of(upload.file_id) == upload.file.size and not spool.is_busy(upload.file_id):
            with transaction.atomic():
                row = _locked(upload.file_id)
                if row is not None and row.state == FileState.ARRIVING:
                    Upload.objects.filter(pk=upload.pk).update(offset=row.size)
                    hand_to_worker(row, at)


def _take_turn(file: UUID, at: datetime) -> StoredFile | None:
    with transaction.atomic():
        row = _locked(file)
        if row is None or row.state != FileState.CHECKING or row.check_after is None:
            return None
        if row.check_after > at:
            return None
        row.check_after = at + _LEASE
        row.save(update_fields=["check_after"])
    return row


def _give_back(row: StoredFile, at: datetime) -> None:
    """Whoever holds the file may only have looked at it: the next sweep finds it, not the lease."""
    StoredFile.objects.filter(pk=row.pk, state=FileState.CHECKING).update(check_after=at)


def _locked(file: UUID) -> StoredFile | None:
    rows = StoredFile.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.filter(pk=file).first()


def _judge(row: StoredFile) -> None:
    """One reading for the sum and the antivirus, then the storage, then the row."""
    try:
        # Held through the whole check; a file that came with its form has no spool file.
        with spool.held(row.pk) if spool.size_of(row.pk) else nullcontext():
            found = _read_through(row)
            _move(row, found)
    except FileRefused as refusal:
        _refuse(row, refusal.reason)


def _read_through(row: StoredFile) -> _Found:
    source = spool.opened(row.pk) or storage.read(row.key)
    digest, size = hashlib.sha256(), 0
    scans = bool(settings.CLAMD_ADDRESS) and row.size <= settings.CLAMD_MAX_BYTES
    with source, scanning.scan(settings.CLAMD_ADDRESS) if scans else nullcontext() as scan:
        while chunk := source.read(CHUNK):
            if not size:
                check_head(row.name, chunk[: types.HEAD_BYTES])
            digest.update(chunk)
            size += len(chunk)
            if scan is not None:
                scan.send(chunk)
        answer = scan.answer() if scan is not None else None
    if size != row.size:
        raise storage.BlobMissing(row.key)
    return _Found(digest.hexdigest(), answer)


def _move(row: StoredFile, found: _Found) -> None:
    """Into the storage unless it is infected; the row says where it stands."""
    verdict = found.answer.verdict if found.answer else None
    if found.answer and verdict is scanning.Verdict.INFECTED:
        logger.error("file_infected", extra={"file": row.pk, "found": found.answer.found})
        raise FileRefused(
            _("l’antivirus y a trouvé «\u00a0%(found)s\u00a0». Le fichier a été effacé.")
            % {"found": found.answer.found[:100]}
        )
    storage.adopt(row.pk, row.key, size=row.size)
    scan = Scan.CLEAN if verdict is scanning.Verdict.CLEAN else _unscanned(row, verdict)
    StoredFile.objects.filter(pk=row.pk, state=FileState.CHECKING).update(
        state=FileState.AVAILABLE, sha256=found.sha256, scan=scan, check_after=None
    )


def _unscanned(row: StoredFile, verdict: scanning.Verdict | None) -> str:
    """No antivirus here; or more than it takes: available all the same, and said (0014)."""
    if not settings.CLAMD_ADDRESS:
        return ""
    # When clamd itself said so, CLAMD_MAX_BYTES is above its StreamMaxLength.
    logger.warning(
        "file_not_scanned",
        extra={"file": row.pk, "size": row.size, "by_clamd": verdict is not None},
    )
    return Scan.TOO_LARGE


def _refuse(row: StoredFile, reason: str) -> None:
    StoredFile.objects.filter(pk=row.pk, state=FileState.CHECKING).update(
        state=FileState.REFUSED, refusal=reason[:300], check_after=None
    )
    spool.erase(row.pk)
    storage.erase(row.key)
    logger.info("file_refused", extra={"file": row.pk})


def _hold(row: StoredFile, at: datetime, error: Exception) -> None:
    """The turn comes again, later each time."""
    pause = min(_FIRST_PAUSE * 2 ** min(row.checks, 10), _LONGEST_PAUSE)
    logger.error(
        "file_check_held",
        extra={"file": row.pk, "error": type(error).__name__, "checks": row.checks + 1},
    )
    try:
        StoredFile.objects.filter(pk=row.pk, state=FileState.CHECKING).update(
            check_after=at + pause, checks=min(row.checks + 1, 1000)
        )
    except DatabaseError:
        # The lease ends by itself.
        logger.warning("check_not_noted", extra={"file": row.pk})
