"""J1, J2: the admin's own pages by role, generated from its registry: what a role may not do is
refused and leaves no trace in any table. tests/tickets/test_admin_matrix.py says who may what.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import RequestFactory
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from foundation.database import AppendOnly
from tests.isolation.fingerprint import changed, fingerprint
from tests.isolation.routes import all_routes
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import World

LABELS = sorted(model._meta.label for model in admin.site._registry)
STAFF = ("engineer", "manager", "administrator")
# A message that waits for the next page.
MESSAGES = {"django_session"}
# Nobody's pages: rights follow the role, second factors are secrets, traces are read elsewhere.
UNSEEN = (
    "auth.Group", "auth.Permission", "account.EmailAddress", "mfa.Authenticator",
    "usersessions.UserSession", "sessions.Session", "admin.LogEntry", "files.FileAccess",
    "accounts.Invitation", "tickets.HistorySeal", "tickets.Note", "tickets.Message",
)  # fmt: skip


def admin_of(label: str) -> ModelAdmin[Any]:
    return next(page for model, page in admin.site._registry.items() if model._meta.label == label)


def asked_by(person: User) -> Any:
    request = RequestFactory().get("/")
    request.user = person
    return request


def attempts(page: ModelAdmin[Any], person: User) -> dict[str, tuple[str, dict[str, object]]]:
    """What this person may not post: address and form, by the name of the act."""
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    request, row = asked_by(person), page.model._default_manager.order_by("pk").first()
    found: dict[str, tuple[str, dict[str, object]]] = {}
    if not page.has_add_permission(request):
        found["add"] = (reverse(f"{name}_add"), {})
    if row is None:
        return found
    if not page.has_change_permission(request, row):
        found["change"] = (reverse(f"{name}_change", args=[row.pk]), {"_save": "1"})
    if not page.has_delete_permission(request, row):
        found["delete"] = (reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"})
    allowed = page.get_actions(request)
    every: list[Any] = [*(page.actions or ()), "delete_selected"]
    for action in every:
        if action not in allowed:
            form = {"action": action, "_selected_action": [row.pk], "post": "yes", "index": "0"}
            found[f"action {action}"] = (reverse(f"{name}_changelist"), form)
    return found


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("label", LABELS)
def test_j1_what_a_role_may_not_do_is_refused_and_writes_nothing(
    world: World, label: str, role: str
) -> None:
    person = world.people[role]
    assert person is not None
    refused = attempts(admin_of(label), person)
    client = client_of(world, role)
    with freeze_time(WALKED_AT):
        client.get("/admin/")
        before = fingerprint()
        statuses = {act: client.post(*sent).status_code for act, sent in refused.items()}
        touched = changed(before, fingerprint())
    pages = {act: status for act, status in statuses.items() if not act.startswith("action")}
    assert (touched - MESSAGES, set(pages.values()) - {403}) == (set(), set())


@pytest.mark.parametrize("label", LABELS)
def test_j1_an_engineer_writes_articles_and_patches_alone(world: World, label: str) -> None:
    page, request = admin_of(label), asked_by(world.cast.ines)
    writes = (
        page.has_add_permission(request), page.has_change_permission(request),
        page.has_delete_permission(request), bool(page.get_actions(request)),
    )  # fmt: skip
    expected = label in {"blog.Article", "licences.Patch"}
    # The one act of the journal of mails: what reached nobody is sent again.
    acts = expected or label == "notifications.Delivery"
    # An address that is good again is forgotten as a dead one.
    forgets = label == "notifications.DeadAddress"
    assert writes == (expected, expected, forgets, acts or forgets)


@pytest.mark.parametrize("label", LABELS)
def test_j1_nor_through_the_lines_of_another_s_page(world: World, label: str) -> None:
    request = asked_by(world.cast.ines)
    lines = [kind(admin_of(label).model, admin.site) for kind in admin_of(label).inlines]
    writes = [
        (line.model._meta.label, right)
        for line in lines
        for right in ("add", "change", "delete")
        if getattr(line, f"has_{right}_permission")(request, None)
    ]
    assert writes == []


@pytest.mark.parametrize("role", ["engineer", "manager"])
@pytest.mark.parametrize("whose", ["ines", "marc", "adele"])
def test_j1_staff_accounts_are_the_administrators_alone(
    world: World, role: str, whose: str
) -> None:
    target = getattr(world.cast, whose)
    client = client_of(world, role)
    acts = [str(action) for action in admin_of("accounts.User").actions or ()]
    with freeze_time(WALKED_AT):
        client.get("/admin/")
        before = fingerprint()
        changing = client.post(
            reverse("admin:accounts_user_change", args=[target.pk]),
            {"email": "prise@portail.test", "staff_role": "administrator", "last_name": "x"},
        )
        for action in acts:
            client.post(
                reverse("admin:accounts_user_changelist"),
                {"action": action, "_selected_action": [target.pk], "index": "0"},
            )
        touched = changed(before, fingerprint())
    assert (changing.status_code, touched - MESSAGES) == (403, set())


def test_j1_groups_permissions_and_secrets_have_no_page() -> None:
    apps = {label.split(".")[0] for label in UNSEEN} - {label.split(".")[0] for label in LABELS}
    routes = [route.name for route in all_routes() if route.is_admin_model]
    assert set(LABELS).isdisjoint(UNSEEN)
    assert [
        name for name in routes if name.startswith(tuple(f"admin:{app}_" for app in apps))
    ] == []


@pytest.mark.parametrize("role", STAFF)
def test_j2_nobody_edits_history(world: World, role: str) -> None:
    shown = [page for model, page in admin.site._registry.items() if issubclass(model, AppendOnly)]
    assert shown
    request = asked_by(
        getattr(world.cast, {"engineer": "ines", "manager": "marc"}.get(role, "adele"))
    )
    for page in shown:
        row = page.model._default_manager.first()
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request, row)
        assert not page.has_delete_permission(request, row)
        assert page.get_actions(request) == {}
