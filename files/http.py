"""Reading uploads: the name as the browser claimed it.

Django strips folders and control characters from a file's name before any form sees it. The
portal refuses such names and says why (issue: bad input), so the raw name has to survive: it
travels in the file's `content_type_extra`, beside the cleaned name that Django goes on using.
"""

from __future__ import annotations

import html
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

CLAIMED_NAME = "claimed-name"


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
        self._parser = _ClaimingParser(
            META,
            input_data,  # type: ignore[arg-type]  # the stubs have two types for one stream
            self.request.upload_handlers,
            encoding,
        )
        return self._parser.parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._parser is not None and self.content_type_extra is not None:
            # The very dict that the handlers after this one give to the uploaded file.
            self.content_type_extra[CLAIMED_NAME] = self._parser.claimed.encode()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def claimed_name(uploaded: UploadedFile[Any]) -> str:
    """The name as it was sent; the cleaned one when no handler kept it."""
    extra = uploaded.content_type_extra or {}
    return extra.get(CLAIMED_NAME, b"").decode() or uploaded.name or ""
