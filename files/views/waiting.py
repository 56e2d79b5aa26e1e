"""The files that wait with a form, as a fragment of its page."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from files import queries


@require_safe
def waiting(request: HttpRequest, form_token: UUID) -> HttpResponse:
    """One's own files of this form, whatever their state; of anybody else's form, none."""
    if not isinstance(request.user, AbstractBaseUser):
        raise Http404
    found = queries.waiting(request.user, form_token)
    return render(request, "files/_waiting_list.html", {"waiting_files": found})
