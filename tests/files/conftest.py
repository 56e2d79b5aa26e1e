"""The upload handlers of the portal."""

from __future__ import annotations

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _upload_handlers(settings: Settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = [
        "files.http.ClaimedNames",
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
