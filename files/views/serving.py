"""Every file that leaves passes here: rights at each click, nothing that a browser could run."""

from __future__ import annotations

import logging
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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
# What a browser wraps around an image or a PDF that it shows by itself.
_SHOWN = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"


@require_safe
def download(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One file, as an attachment (C2, C7, C8). A HEAD tells the same and counts nothing."""
    return _served(request, uuid, in_place=False)


@require_safe
def preview(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """An image or a PDF, shown in place from a sealed answer (C2); any other file is absent."""
    return _served(request, uuid, in_place=True)


def _served(request: HttpRequest, uuid: UUID, *, in_place: bool) -> HttpResponseBase:
    person = request.user
    if not isinstance(person, AbstractBaseUser):
        raise Http404
    file = access.get_file(person, uuid)
    if in_place and not file.has_preview:
        raise Http404
    try:
        response = _content(file, in_place=in_place)
    except storage.BlobMissing:
        logger.exception("file_blob_missing", extra={"file": file.pk})
        return render(request, "files/unavailable.html", {"file": file}, status=410)
    if request.method == "GET":
        operations.record_access(file=file, person=person, at=timezone.now())
    return _sealed(response, _SHOWN if in_place else _INERT)


def _content(file: StoredFile, *, in_place: bool) -> HttpResponseBase:
    if settings.FILE_ACCEL_PREFIX:
        return _by_proxy(file, in_place=in_place)
    if settings.FILE_LINK_SECONDS and not in_place:
        return _by_link(file)
    return FileResponse(
        storage.read(file.key),
        as_attachment=not in_place,
        filename=file.name,
        content_type=file.content_type,
    )


def _by_proxy(file: StoredFile, *, in_place: bool) -> HttpResponseBase:
    """nginx sends the blob itself; the address it is given never leaves the server."""
    if not storage.has(file.key):
        raise storage.BlobMissing(file.key)
    response = HttpResponse(content_type=file.content_type)
    response["Content-Disposition"] = _disposition(file, in_place=in_place)
    response["X-Accel-Redirect"] = settings.FILE_ACCEL_PREFIX.rstrip("/") + "/" + quote(file.key)
    return response


def _by_link(file: StoredFile) -> HttpResponseBase:
    """A distant storage sends it: one link, one object, a minute at most, logged by nobody.

    A preview never goes that way: the storage would not seal it.
    """
    if not storage.has(file.key):
        raise storage.BlobMissing(file.key)
    response = HttpResponseRedirect(
        storage.link(
            file.key,
            seconds=settings.FILE_LINK_SECONDS,
            content_type=file.content_type,
            disposition=_disposition(file, in_place=False),
        )
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


def _disposition(file: StoredFile, *, in_place: bool) -> str:
    kind = "inline" if in_place else "attachment"
    return content_disposition_header(not in_place, file.name) or kind


def _sealed(response: HttpResponseBase, policy: str) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = policy
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
