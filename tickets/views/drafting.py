"""/incidents/declarer/brouillon/: what is typed is kept on the server while it is typed."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require_customer
from accounts.http import PortalRequest
from files.queries import waiting
from foundation.refusals import Refusal
from foundation.wording import hour
from tickets import operations
from tickets.declare_forms import DeclareForm
from tickets.forms import bound_token
from tickets.models import Draft
from tickets.models.draft import FIELDS
from tickets.views.subjects import Subject, subject_of

logger = logging.getLogger(__name__)

# Hidden fields of the form: the open page, and the version of the draft that it has seen.
PAGE = "draft_page"
SEEN = "draft_version"


@require_POST
@require_customer
def draft(request: PortalRequest) -> HttpResponse:
    """Save it. 200 with the hour, 204 while nothing is typed, 409 when it was sent meanwhile or
    is too long: a sentence says so, and the page keeps its text.
    """
    subject, token = subject_of(request), token_of(request)
    if subject is None or token is None:
        raise Http404
    at = timezone.now()
    try:
        saved = _save(request, token, subject, at)
    except Refusal as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=409)
    if saved is None:
        return HttpResponse(status=204)
    return JsonResponse(
        {
            "version": saved.version,
            "sentence": _("Enregistré à %(hour)s") % {"hour": hour(at)},
            "others": len(saved.others),
        }
    )


@require_POST
@require_customer
def drop_draft(request: PortalRequest) -> HttpResponse:
    """…/brouillon/supprimer/: its author wants it no more."""
    token = token_of(request)
    if token and operations.forget_draft(actor=request.user, form_token=token):
        messages.success(request, _("Le brouillon est supprimé."))
    else:
        messages.info(request, _("Ce brouillon n’existe plus."))
    return redirect("tickets:declare")


def keep_draft(
    request: PortalRequest, form: DeclareForm, subject: Subject, at: datetime
) -> Draft | None:
    """The draft of a form that was sent and did not pass; None when it cannot be kept."""
    token = form["form_token"].value()
    try:
        return _save(request, UUID(str(token)), subject, at)
    except Refusal as refusal:
        logger.info("draft_not_kept", extra={"reason": type(refusal).__name__})
        return None


def page_token(request: PortalRequest) -> str:
    """What tells this open page from another of the same form."""
    return request.POST.get(PAGE, "")[:36] or str(uuid4())


def _save(request: PortalRequest, token: UUID, subject: Subject, at: datetime) -> Draft | None:
    seen = request.POST.get(SEEN, "")
    return operations.save_draft(
        actor=request.user,
        company=subject.company,
        form_token=token,
        declared_as=bound_token(token, request.user),
        about=subject.about,
        values={name: request.POST.getlist(name) for name in FIELDS},
        page=request.POST.get(PAGE, "")[:36].replace("\x00", ""),
        seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0,
        files=len(waiting(request.user, token)),
        at=at,
    )


def token_of(request: PortalRequest) -> UUID | None:
    """The token of the form that a request is about; None for none or a broken one."""
    try:
        return UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None
