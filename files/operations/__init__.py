"""Receiving, keeping, checking, attaching and purging files.

A blob never exists without a row that names it: the row is committed first, in state ARRIVING
(C8). A file comes by one of two ways: whole, with its form (`receive`), or byte by byte over as
many requests as it takes (`announce`, `append`). What died in between is purged with the rest.
"""

from files.operations.checking import Held, check_file, check_pending
from files.operations.judging import (
    NAME_MAX,
    FileRefused,
    FileTooLarge,
    TooManyFiles,
    check_name,
)
from files.operations.keeping import claim, discard, purge_uploads, record_access
from files.operations.receiving import receive, store
from files.operations.rows import attachable_text
from files.operations.sending import (
    Busy,
    Excess,
    NoRoom,
    UploadGone,
    WrongOffset,
    announce,
    append,
    expires_at,
    received,
    terminate,
)

__all__ = [
    "NAME_MAX",
    "Busy",
    "Excess",
    "FileRefused",
    "FileTooLarge",
    "Held",
    "NoRoom",
    "TooManyFiles",
    "UploadGone",
    "WrongOffset",
    "announce",
    "append",
    "attachable_text",
    "check_file",
    "check_name",
    "check_pending",
    "claim",
    "discard",
    "expires_at",
    "purge_uploads",
    "receive",
    "received",
    "record_access",
    "store",
    "terminate",
]
