"""Every download passes here: rights at each click, nothing that a browser could run."""

from __future__ import annotations

import logging
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from files import access, operations, storage
from files.models import StoredFile

logger = logging.getLogger(__name__)

# C2: even a browser that opened it in place could run nothing and load nothing.
_INERT = "sandbox; default-src 'none'"


@require_safe
def download(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One file, as an attachment (C2, C7, C8). A HEAD tells the same and counts nothing."""
    person = request.user
    if not isinstance(person, AbstractBaseUser):
        raise Http404
    file = access.get_file(person, uuid)
    try:
        response = _by_proxy(file) if settings.FILE_ACCEL_PREFIX else _by_ourselves(file)
    except storage.BlobMissing:
        logger.exception("file_blob_missing", extra={"file": file.pk})
        return render(request, "files/unavailable.html", {"file": file}, status=410)
    if request.method == "GET":
        operations.record_access(file=file, person=person, at=timezone.now())
    return _sealed(response)


def _by_ourselves(file: StoredFile) -> HttpResponseBase:
    return FileResponse(
        storage.read(file.key),
        as_attachment=True,
        filename=file.name,
        content_type=file.content_type,
    )


def _by_proxy(file: StoredFile) -> HttpResponseBase:
    """nginx sends the blob itself; the address it is given never leaves the server."""
    if not storage.has(file.key):
        raise storage.BlobMissing(file.key)
    response = HttpResponse(content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Accel-Redirect"] = settings.FILE_ACCEL_PREFIX.rstrip("/") + "/" + quote(file.key)
    return response


def _sealed(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _INERT
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
