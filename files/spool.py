"""Where a file grows while it arrives: one spool file each, whose size is the truth.

Bytes go to the file as they come, without a buffer of ours: a process that is killed loses the
chunk it was reading and nothing else, and the next request goes on from the size of the file. One
request at a time may append (flock: held by the process, freed with it, whatever its end).
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import File

# A disk or a quota that is full, and the limit of a process on file sizes.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: OSError) -> bool:
    """Whether there was no room."""
    return error.errno in _FULL


class Busy(Exception):
    """Another request is appending to this file."""


class Full(Exception):
    """No room: what was received stays."""


@contextmanager
def _full_said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise Full from error
        raise


class Spool:
    """An open spool file that this process alone may change."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def append(self, data: bytes) -> None:
        """Add bytes at the end. Raises Full; `size` then counts what found room."""
        view = memoryview(data)
        with _full_said():
            while view:
                written = os.pwrite(self._descriptor, view, self.size)
                self.size += written
                view = view[written:]

    def head(self, length: int) -> bytes:
        """The first bytes."""
        return os.pread(self._descriptor, length, 0)

    def sync(self) -> None:
        """Have the disk keep it, against a power cut. Raises Full."""
        with _full_said():
            os.fdatasync(self._descriptor)


def folder() -> Path:
    """Where they all are; made at the first need."""
    found = Path(settings.FILE_SPOOL_DIR)
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path_of(file: UUID) -> Path:
    """Where the bytes of this file are while they arrive."""
    return Path(settings.FILE_SPOOL_DIR) / str(file)


def size_of(file: UUID) -> int:
    """How many bytes are here: 0 for none at all."""
    try:
        return path_of(file).stat().st_size
    except FileNotFoundError:
        return 0


def room() -> int:
    """Free bytes on the disk of the spool."""
    found = os.statvfs(folder())
    return found.f_bavail * found.f_frsize


@contextmanager
def held(file: UUID) -> Iterator[Spool]:
    """The spool file, made if need be, for this caller alone. Raises Busy, Full."""
    folder()
    with _full_said():
        descriptor = os.open(path_of(file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield Spool(descriptor)
    finally:
        os.close(descriptor)


def is_busy(file: UUID) -> bool:
    """Whether somebody appends to it or reads it through at this moment."""
    try:
        descriptor = os.open(path_of(file), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def erase(file: UUID) -> None:
    """Remove the spool file, if there is one."""
    path_of(file).unlink(missing_ok=True)


def opened(file: UUID, *, to_move: bool = False) -> File[bytes] | None:
    """The spool file for reading; None when absent.

    `to_move`: for Django's storage on our own disk, which renames it into its place. Others take
    the same mark as leave to delete it before anybody knows that their copy is whole.
    """
    path = path_of(file)
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return None
    return _Movable(stream, name=str(path)) if to_move else File(stream, name=str(path))


def all_files() -> Iterator[tuple[UUID, float]]:
    """Each spool file, with the instant (epoch, seconds) of its last byte."""
    for path, changed in _changes():
        try:
            file = UUID(path.name)
        except ValueError:
            continue
        yield file, changed


def erase_remains(before: float) -> None:
    """Temporary files of forms (`files.http`) whose process was killed: `before` is an epoch."""
    for path, changed in _changes():
        if path.suffix == ".upload" and changed < before:
            path.unlink(missing_ok=True)


def _changes() -> Iterator[tuple[Path, float]]:
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            yield path, path.stat().st_mtime


class _Movable(File):  # type: ignore[type-arg]  # generic in the stubs only
    """A file that Django's own storage renames into its place instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)
