"""The first page of the stock admin (decision 0006): the engineers' queue, then the rest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.enums import StaffRole
from accounts.models import User
from tickets.admin_actions.queue import queue


def index(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """In the place of `AdminSite.index`, which puts its `admin_view` around it."""
    person = request.user
    role = person.staff_role if isinstance(person, User) else ""
    return queue(request, rest=_rest(StaffRole(role), get_language()))


@lru_cache(maxsize=8)
def _rest(role: StaffRole, _language: str | None) -> SafeString:
    """The models that a role may open: rights are a table of roles (accounts.permissions), so that
    it says the same to everybody of one role, and is drawn once for each.
    """
    request = HttpRequest()
    request.user = User(staff_role=role)
    apps = {"app_list": admin.site.get_app_list(request)}
    return mark_safe(render_to_string("desk/_rest.html", apps))  # noqa: S308 (a template escapes)
