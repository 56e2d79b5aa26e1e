"""Reading uploads: the name as the browser claimed it, and no more files than can be judged.

Django strips folders and control characters from a file's name before any form sees it. The
portal refuses such names and says why (issue: bad input), so the raw name has to survive: it
travels in the file's `content_type_extra`, beside the cleaned name that Django goes on using.

Two things Django would do in silence or with a bare 400: leave out a part whose heading is no
UTF-8 (a name with half a character), and refuse the whole form for one file too many. Here the
heading is made readable, and the files past what a form may hold are read off without being kept,
so that the form itself can say both.
"""

from __future__ import annotations

import html
import io
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    StopFutureHandlers,
    TemporaryFileUploadHandler,
)
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from files import spool

logger = logging.getLogger(__name__)

CLAIMED_NAME = "claimed-name"
# In `content_type_extra`: this file was one too many, and its bytes were not kept.
NOT_KEPT = "not-kept"
# There too: the disk was full.
NO_ROOM = "no-room"
_END_OF_HEADING = b"\r\n\r\n"
# What `surrogateescape` makes of a byte that is no UTF-8.
_NOT_UTF8 = re.compile(r"[\udc80-\udcff]")
_HEADING_MAX = 8 * 1024  # a longer heading is Django's to refuse


class _ReadableHeadings:
    """The body of a form, the heading of each part in UTF-8: a byte that is none becomes « _ ».

    The contents go through untouched. A heading is never cut between two reads: its beginning is
    held back until the rest is there.
    """

    def __init__(self, body: IO[bytes], boundary: bytes) -> None:
        self._body = body
        self._opening = b"--" + boundary + b"\r\n"
        self._held = b""

    def read(self, size: int) -> bytes:
        """At least one byte unless the body is over."""
        while True:
            more = self._body.read(size)
            data = self._held + more
            cut = self._whole(data) if more else len(data)
            self._held = data[cut:]
            if cut or not more:
                return self._mended(data[:cut])

    def _whole(self, data: bytes) -> int:
        """How much of `data` ends neither within a heading nor within what opens one."""
        start = data.rfind(self._opening)
        if start >= 0 and data.find(_END_OF_HEADING, start) < 0:
            return start if len(data) - start < _HEADING_MAX else len(data)
        for length in range(len(self._opening) - 1, 0, -1):
            if data.endswith(self._opening[:length]):
                return len(data) - length
        return len(data)

    def _mended(self, data: bytes) -> bytes:
        parts, done = [], 0
        while (start := data.find(self._opening, done)) >= 0:
            end = data.find(_END_OF_HEADING, start)
            if end < 0:
                break
            parts += [data[done:start], _as_utf8(data[start:end])]
            done = end
        return b"".join([*parts, data[done:]])


def _as_utf8(heading: bytes) -> bytes:
    return _NOT_UTF8.sub("_", heading.decode(errors="surrogateescape")).encode()


class _ClaimingParser(MultiPartParser):
    """Django's parser, which also remembers the raw name of the part it is reading."""

    claimed = ""

    def sanitize_file_name(self, file_name: str) -> str:
        self.claimed = html.unescape(file_name)
        # A name with nothing left must still be refused, not skipped without a word; and a
        # temporary file takes its extension from this one, so it stays short.
        return (super().sanitize_file_name(file_name) or "-")[-100:]


class ClaimedNames(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: keeps nothing itself, hands the raw name on."""

    _parser: _ClaimingParser | None = None
    _count = 0
    _keeps = True

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803  (Django's name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]] | None:
        if self._parser is not None or self.request is None:
            return None
        # The boundary comes in bytes, whatever the stubs say.
        self._parser = _ClaimingParser(
            META,
            _ReadableHeadings(input_data, cast("bytes", boundary)),  # type: ignore[arg-type]  # all it needs
            self.request.upload_handlers,
            encoding,
        )
        return self._parser.parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._count += 1
        self._keeps = self._count <= 2 * settings.FILE_MAX_COUNT
        if self._parser is not None and self.content_type_extra is not None:
            # The very dict that the handlers after this one give to the uploaded file.
            self.content_type_extra[CLAIMED_NAME] = self._parser.claimed.encode()
        if not self._keeps:
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if self._keeps else None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Nothing: a later handler has the file. One too many is named, without its bytes."""
        if self._keeps:
            return None
        extra = {**(self.content_type_extra or {}), NOT_KEPT: b"1"}
        return UploadedFile(io.BytesIO(), self.file_name, content_type_extra=extra, size=0)


class SpooledFiles(TemporaryFileUploadHandler):
    """Last of FILE_UPLOAD_HANDLERS: a large file of a form is written beside those of the spool,
    on the disk where it will be stored. On a full disk the rest of the form is still read.
    """

    _full = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self._full = False
        self.file = _SpooledFile(
            self.file_name, self.content_type, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self._full:
            with self._room_watched():
                self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """The file; without its bytes, and saying so, when there was no room for them."""
        if not self._full:
            with self._room_watched():
                return super().file_complete(file_size)
        extra = {**(self.content_type_extra or {}), NO_ROOM: b"1"}
        return UploadedFile(io.BytesIO(), self.file_name, content_type_extra=extra, size=0)

    @contextmanager
    def _room_watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not spool.is_full(error):
                raise
            logger.exception("spool_full")
            self._full = True
            with suppress(OSError):
                self.file.close()


class _SpooledFile(TemporaryUploadedFile):
    """A temporary file that the purge of the spool finds when its process was killed."""

    def __init__(
        self,
        name: str | None,
        content_type: str | None,
        charset: str | None,
        extra: dict[str, bytes] | None,
    ) -> None:
        # Open for as long as the request: Django closes it, and with it the file goes.
        written = tempfile.NamedTemporaryFile(suffix=".upload", dir=spool.folder())  # noqa: SIM115
        UploadedFile.__init__(self, written, name, content_type, 0, charset, extra)


def had_no_room(uploaded: UploadedFile[Any]) -> bool:
    """Whether the disk was full when the file came."""
    return NO_ROOM in (uploaded.content_type_extra or {})


def was_kept(uploaded: UploadedFile[Any]) -> bool:
    """Whether the file's bytes are here; False for those past what a form may hold."""
    return NOT_KEPT not in (uploaded.content_type_extra or {})


def claimed_name(uploaded: UploadedFile[Any]) -> str:
    """The name as it was sent; the cleaned one when no handler kept it."""
    extra = uploaded.content_type_extra or {}
    return extra.get(CLAIMED_NAME, b"").decode() or uploaded.name or ""
