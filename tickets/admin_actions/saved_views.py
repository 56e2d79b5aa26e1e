"""The saved views of the queue: keeping one, renaming it, sharing it, forgetting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PortalRequest
from accounts.models import User
from foundation.refusals import Refusal
from tickets.admin_actions.guard import desk_page
from tickets.admin_forms.queue import VIEW, Asked, read, read_view
from tickets.admin_forms.saved_views import NewViewForm, ViewForm
from tickets.models import SavedView
from tickets.operations import saved_views as operations
from tickets.queries import desk
from tickets.queries.saved_views import kept_view, numbers_kept, views_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A view with what it keeps today and how many it finds; its form for whoever keeps it."""

    view: SavedView
    asked: Asked
    number: str
    is_own: bool
    form: ViewForm | None


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: PortalRequest) -> HttpResponse:
    """…/vues/: all that one may open; a new one is posted here, from the queue."""
    at = timezone.now()
    if request.method != "POST":
        return _page(request, at)
    form = NewViewForm(request.POST)
    if not form.is_valid():
        return _page(request, at, new=form, status=400)
    values = form.cleaned_data
    kept = read(values.pop("asked"), person=request.user).kept
    try:
        view = operations.save_view(actor=request.user, at=at, asked=kept, **values)
    except Refusal as refusal:
        form.add_error("name", refusal.sentence)
        return _page(request, at, new=form, status=409)
    messages.success(request, _("Vue «\u00a0%s\u00a0» enregistrée.") % view.name)
    return redirect(f"{reverse('admin:index')}?{VIEW}={view.pk}")


@desk_page
@require_POST
def change(request: PortalRequest, view_id: int) -> HttpResponse:
    """…/vues/<number>/: another name, shared or not."""
    at, view = timezone.now(), _kept(request.user, view_id)
    form = ViewForm(request.POST, auto_id=f"vue-{view_id}-%s")
    if not form.is_valid():
        return _page(request, at, bound=(view.pk, form), status=400)
    try:
        operations.change_view(actor=request.user, at=at, view_id=view.pk, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error("name", refusal.sentence)
        return _page(request, at, bound=(view.pk, form), status=409)
    messages.success(request, _("Vue modifiée."))
    return redirect("desk:views")


@desk_page
@require_POST
def delete(request: PortalRequest, view_id: int) -> HttpResponse:
    """…/vues/<number>/supprimer/: forget it, for everybody."""
    view = _kept(request.user, view_id)
    try:
        operations.delete_view(actor=request.user, at=timezone.now(), view_id=view.pk)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Vue «\u00a0%s\u00a0» supprimée.") % view.name)
    return redirect("desk:views")


def _kept(user: User, view_id: int) -> SavedView:
    """One that this person may change; absent and forbidden give the same 404."""
    view = kept_view(user, view_id)
    if view is None:
        raise Http404("No such view.")
    return view


def _page(
    request: PortalRequest,
    at: datetime,
    *,
    new: NewViewForm | None = None,
    bound: tuple[int, ViewForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = dict([bound] if bound else [])
    kept = numbers_kept(request.user)
    rows = [
        _shown(view, request.user, at, form=(_form(view, forms) if view.pk in kept else None))
        for view in views_of(request.user)
    ]
    context: dict[str, Any] = {
        "has_permission": True,
        "is_nav_sidebar_enabled": False,
        "title": _("Vues enregistrées"),
        "now": at,
        "views": rows,
        "new": new,
    }
    return render(request, "desk/views.html", context, status=status)


def _form(view: SavedView, bound: dict[int, ViewForm]) -> ViewForm:
    initial = {"name": view.name, "is_shared": view.is_shared}
    return bound.get(view.pk) or ViewForm(initial=initial, auto_id=f"vue-{view.pk}-%s")


def _shown(view: SavedView, user: User, at: datetime, *, form: ViewForm | None) -> Shown:
    asked = read_view(view, {}, person=user)
    number = desk.number_of(desk.queue_of(user, asked.criteria, at), asked.tab)
    return Shown(view, asked, number, view.owner_id == user.pk, form)
