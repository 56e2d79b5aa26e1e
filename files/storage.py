"""Where blobs lie: Django's default storage, under keys that the server makes (C1).

The storage is outside any public folder: nothing here gives an address.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

from files import spool

logger = logging.getLogger(__name__)

# What uploads and storages hand over: bytes, read by chunks.
Blob: TypeAlias = "File[Any]"


class StorageAway(Exception):
    """The storage did not do what it was asked; nothing is half there."""


class BlobMissing(Exception):
    """The row has a key and the storage has nothing under it (C8)."""


class Fingerprint(NamedTuple):
    """True size in bytes and sha256 (hexadecimal) of a content."""

    size: int
    sha256: str


def make_key(uuid: UUID, at: datetime) -> str:
    """« 2026/11/<uuid> »: never anything of the name that a person gave."""
    return f"{at:%Y/%m}/{uuid}"


def fingerprint(content: Blob) -> Fingerprint:
    """Read once, by chunks: memory stays flat whatever the size."""
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    for chunk in content.chunks():
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return Fingerprint(size, digest.hexdigest())


def write(key: str, content: Blob, *, size: int) -> None:
    """Keep a blob whole or not at all (P2); raises StorageAway."""
    try:
        content.seek(0)
        _save_whole(key, content, size)
    except Exception as error:
        # Each storage has exceptions of its own: whichever it is, no blob may stay behind.
        logger.exception("storage_write_failed", extra={"key": key})
        erase(key)
        raise StorageAway from error


def adopt(file: UUID, key: str, *, size: int) -> None:
    """Move a file from the spool to its key: a rename on the same disk, else a stream.

    May be done again after any fault: while the spool file is there it is the truth, and once it
    is gone the blob must be whole. Raises StorageAway, BlobMissing.
    """
    source = spool.opened(file, to_move=isinstance(default_storage, FileSystemStorage))
    try:
        if source is None:
            whole = default_storage.exists(key) and default_storage.size(key) == size
        else:
            with source:
                if default_storage.exists(key):
                    default_storage.delete(key)
                _save_whole(key, source, size)
            spool.erase(file)
            whole = True
    except Exception as error:
        # Each storage has exceptions of its own.
        logger.exception("storage_write_failed", extra={"key": key})
        raise StorageAway from error
    if not whole:
        raise BlobMissing(key)


def _save_whole(key: str, content: Blob, size: int) -> None:
    kept_as = default_storage.save(key, content)
    if kept_as != key:
        erase(kept_as)
        raise OSError("the key was already taken")
    if default_storage.size(key) != size:
        raise OSError("the blob is cut")


def read(key: str) -> Blob:
    """Open a blob for reading; raises BlobMissing."""
    try:
        return default_storage.open(key, "rb")
    except OSError as error:
        raise BlobMissing(key) from error


def has(key: str) -> bool:
    """Whether the blob is there."""
    return default_storage.exists(key)


def link(key: str, *, seconds: int, content_type: str, disposition: str) -> str:
    """An address of one object at a distant storage, signed, good for `seconds` (C7)."""
    parameters = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
    # The parameters of django-storages; a storage on our own disk has no such links.
    address: str = default_storage.url(key, parameters=parameters, expire=seconds)  # type: ignore[call-arg]
    return address


def erase(key: str) -> bool:
    """Remove a blob; False (and a log line) when the storage would not."""
    try:
        default_storage.delete(key)
    except Exception:
        # The caller is often already handling a failure of this storage.
        logger.exception("storage_erase_failed", extra={"key": key})
        return False
    return True
