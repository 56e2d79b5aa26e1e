"""Uploads by tus 1.0.0: headers in, one operation, headers out.

Every refusal is a French sentence in plain text. A stranger reads 401 here, not the sign-in page:
a program cannot follow it, and a browser would send the whole body there again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from files import access, operations, tus
from files.models import Upload

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

View = Callable[..., HttpResponse]

# What may happen to an upload that is not the file's own fault.
_FAULTS: dict[type[Exception], tuple[int, StrPromise]] = {
    operations.WrongOffset: (409, gettext_lazy("Le serveur en est à un autre endroit du fichier.")),
    operations.UploadGone: (
        410, gettext_lazy("Cet envoi n’existe plus. Choisissez de nouveau le fichier."),
    ),
    operations.Excess: (
        413, gettext_lazy("Le fichier est plus long qu’annoncé. Choisissez-le de nouveau."),
    ),
    operations.Busy: (
        423, gettext_lazy("Ce fichier est déjà en cours d’envoi, peut-être dans un autre onglet."),
    ),
    operations.NoRoom: (
        507,
        gettext_lazy(
            "Il n’y a plus de place sur le serveur\u00a0: ce qui est arrivé est gardé. "
            "Réessayez dans quelques minutes, l’envoi reprendra."
        ),
    ),
}  # fmt: skip


def plain(sentence: str, status: int, **headers: str) -> HttpResponse:
    """A refusal, readable by a person and by a program."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(
        sentence, status=status, content_type="text/plain; charset=utf-8", headers=named
    )


def _spoken(view: View) -> View:
    """A signed-in client that speaks tus 1.0.0, and its refusals worded."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: UUID) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers=tus.options(settings.FILE_MAX_BYTES))
        elif not request.user.is_authenticated:
            sentence = _("Votre session est terminée. Reconnectez-vous\u00a0: l’envoi reprendra.")
            response = plain(sentence, 401)
        elif request.headers.get("Tus-Resumable") != tus.VERSION:
            sentence = _("Ce programme d’envoi parle une autre version du protocole tus.")
            response = plain(sentence, 412, Tus_Version=tus.VERSION)
        else:
            response = _answered(view, request, **kwargs)
        response.headers.setdefault("Tus-Resumable", tus.VERSION)
        response.headers["Cache-Control"] = "no-store"
        return response

    return login_not_required(wrapped)


def _answered(view: View, request: HttpRequest, **kwargs: UUID) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except tus.Unreadable as error:
        return plain(_("La demande est illisible (%(detail)s).") % {"detail": error}, 400)
    except operations.FileRefused as refusal:
        return plain(refusal.sentence, 413 if isinstance(refusal, operations.FileTooLarge) else 422)
    except tuple(_FAULTS) as fault:
        status, sentence = _FAULTS[type(fault)]
        response = plain(str(sentence), status)
        if isinstance(fault, operations.WrongOffset):
            response["Upload-Offset"] = str(fault.offset)
        return response


@require_http_methods(["OPTIONS", "POST"])
@_spoken
def uploads(request: HttpRequest) -> HttpResponse:
    """Creation, with or without the first bytes."""
    at = timezone.now()
    asked = tus.creation(
        request.headers.get("Upload-Length"), request.headers.get("Upload-Metadata")
    )
    made = operations.announce(
        person=_person(request),
        form_token=asked.form_token,
        name=asked.name,
        size=asked.length,
        fingerprint=asked.fingerprint,
        at=at,
    )
    headers = {"Location": reverse("files:upload", args=[made.file_id])}
    if request.content_type == tus.BODY_TYPE:
        headers |= _progress(made, _append(request, made, offset=0))
    else:
        headers |= _progress(made, None)
    return HttpResponse(status=201, headers=headers)


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"])
@_spoken
def upload(request: HttpRequest, *, uuid: UUID) -> HttpResponse:
    """One upload: where it stands, its next bytes, its end."""
    found = access.get_upload(_person(request), uuid)
    method = request.method
    if method == "POST":
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "HEAD":
        return _head(found)
    if method == "PATCH":
        return _patch(request, found)
    if method == "DELETE":
        operations.terminate(upload=found)
        return HttpResponse(status=204)
    raise tus.Unreadable("X-HTTP-Method-Override")


def _head(found: Upload) -> HttpResponse:
    offset = operations.received(upload=found, at=timezone.now())
    if found.file.refusal:
        raise operations.UploadGone
    headers = _progress(found, offset)
    return HttpResponse(status=200, headers={**headers, "Upload-Length": str(found.file.size)})


def _patch(request: HttpRequest, found: Upload) -> HttpResponse:
    if request.content_type != tus.BODY_TYPE:
        return plain(
            _("Le contenu d’un envoi est de type %(type)s.") % {"type": tus.BODY_TYPE}, 415
        )
    offset = tus.number("Upload-Offset", request.headers.get("Upload-Offset"))
    return HttpResponse(
        status=204, headers=_progress(found, _append(request, found, offset=offset))
    )


def _append(request: HttpRequest, found: Upload, *, offset: int) -> int:
    # A body of unknown length is not read: how much is missing could not be said (C5).
    length = tus.number("Content-Length", request.META.get("CONTENT_LENGTH") or None)
    return operations.append(
        upload=found, offset=offset, length=length, body=request, clock=timezone.now
    )


def _progress(found: Upload, offset: int | None) -> dict[str, str]:
    expires = operations.expires_at(found)
    return tus.progress(offset=offset, expires=expires)


def _person(request: HttpRequest) -> AbstractBaseUser:
    if not isinstance(request.user, AbstractBaseUser):
        raise Http404
    return request.user
