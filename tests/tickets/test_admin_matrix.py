"""J1, J2: what each role may do in the admin, one line per ModelAdmin; a new one needs a line.

v view, a add, c change, d delete. The administrator has every right that a ModelAdmin leaves, so
the last column says what the admin can do at all: nobody edits an incident or its history.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import (
    make_administrator,
    make_company,
    make_contact,
    make_engineer,
    make_manager,
)
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.models import Commitment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}
ROLES: dict[str, Callable[[], User]] = {
    "contact": lambda: make_contact(make_company()),
    "engineer": make_engineer,
    "manager": make_manager,
    "administrator": make_administrator,
}
#                            contact  engineer  manager  administrator
TABLE = {
    "accounts.Absence":        ("----", "v---", "vacd", "vacd"),
    "accounts.Agency":         ("----", "v---", "v---", "vacd"),
    "accounts.Company":        ("----", "v---", "vac-", "vac-"),
    "accounts.Membership":     ("----", "v---", "vac-", "vac-"),
    "accounts.Site":           ("----", "v---", "vac-", "vac-"),
    "accounts.Training":       ("----", "v---", "vacd", "vacd"),
    "accounts.User":           ("----", "v---", "vac-", "vac-"),
    "blog.Article":            ("----", "vac-", "vac-", "vac-"),
    "licences.Licence":        ("----", "v---", "vac-", "vac-"),
    "licences.Patch":          ("----", "vac-", "vac-", "vac-"),
    "licences.Product":        ("----", "v---", "vac-", "vac-"),
    "licences.SupportContract": ("----", "v---", "vac-", "vac-"),
    "notifications.DeadAddress": ("----", "v--d", "v--d", "v--d"),
    "notifications.Delivery":  ("----", "v---", "v---", "v---"),
    "notifications.ReceivedMail": ("----", "v---", "v---", "v---"),
    "sla.Calendar":            ("----", "v---", "vac-", "vac-"),
    "sla.CalendarVersion":     ("----", "v---", "vac-", "vac-"),
    "sla.ServiceLevel":        ("----", "v---", "vac-", "vac-"),
    "sla.ServiceLevelVersion": ("----", "v---", "vac-", "vac-"),
    "tickets.Canned":          ("----", "v---", "vac-", "vac-"),
    "tickets.Checklist":       ("----", "v---", "vac-", "vac-"),
    "tickets.Commitment":      ("----", "v---", "v---", "v---"),
    "tickets.Ticket":          ("----", "v---", "v---", "v---"),
    "tickets.TicketEvent":     ("----", "v---", "v---", "v---"),
}  # fmt: skip

CELLS = [
    pytest.param(label, role, rights, id=f"{label}-{role}")
    for label, line in TABLE.items()
    for role, rights in zip(ROLES, line, strict=True)
]


def registered() -> dict[str, ModelAdmin[Model]]:
    return {model._meta.label: found for model, found in admin.site._registry.items()}


def address(label: str, page: str) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}")


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(ROLES[role]())
    return client


def test_j1_every_model_admin_has_its_line() -> None:
    assert set(registered()) == set(TABLE)


@pytest.mark.parametrize(("label", "role", "rights"), CELLS)
def test_j1_rights_are_those_of_the_table(label: str, role: str, rights: str) -> None:
    request = RequestFactory().get("/")
    request.user = ROLES[role]()
    found = registered()[label]
    has = {
        letter: getattr(found, f"has_{verb}_permission")(request) for letter, verb in VERBS.items()
    }
    assert "".join(letter if has[letter] else "-" for letter in VERBS) == rights


@pytest.mark.parametrize(("label", "role", "rights"), CELLS)
def test_j1_pages_answer_as_the_table_says(label: str, role: str, rights: str) -> None:
    client = signed_in(role)
    statuses = (
        client.get(address(label, "changelist")).status_code,
        client.get(address(label, "add")).status_code,
    )
    refused = 302 if role == "contact" else 403
    expected = (200 if "v" in rights else refused, 200 if "a" in rights else refused)
    assert statuses == expected


@pytest.mark.parametrize(("label", "role", "rights"), CELLS)
def test_j2_nothing_is_deleted_in_bulk_without_the_right(
    label: str, role: str, rights: str
) -> None:
    request = RequestFactory().get("/")
    request.user = ROLES[role]()
    actions = registered()[label].get_actions(request)
    assert ("delete_selected" in actions) is ("d" in rights)


@pytest.mark.parametrize("label", TABLE)
@pytest.mark.parametrize(
    "lookup",
    ["password__startswith", "user__password__startswith", "assignee__password__contains",
     "company__members__password__startswith", "created_by__password__regex"],
)  # fmt: skip
def test_a3_no_list_can_be_asked_about_passwords(label: str, lookup: str) -> None:
    """Refused, or sent back to the whole list: the answer never depends on the value."""
    client = signed_in("administrator")
    answers = {
        client.get(address(label, "changelist"), {lookup: value}).status_code
        for value in ("argon2", "nothing")
    }
    assert answers in ({400}, {302})


# --- history (J2) -------------------------------------------------------------------------------


def row_of(model: type[Model]) -> Model:
    """A row of an incident that went through an act."""
    ticket = acknowledged_ticket()
    operations.add_note(
        ticket_id=ticket.pk, actor=make_engineer(), body="Vu.", at=TUESDAY_10, form_token=uuid4()
    )
    found = model._default_manager.first()
    assert found is not None
    return found


@pytest.mark.parametrize("role", ["engineer", "manager", "administrator"])
@pytest.mark.parametrize("page", ["change", "delete"])
@pytest.mark.parametrize("model", [Ticket, TicketEvent, Commitment])
def test_j2_nobody_edits_an_incident_or_its_history(
    model: type[Model], page: str, role: str
) -> None:
    row = row_of(model)
    before = list(model._default_manager.order_by("pk").values())
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    response = signed_in(role).post(
        reverse(name, args=[row.pk]), {"post": "yes", "status": "closed", "act": "note"}
    )
    after = list(model._default_manager.order_by("pk").values())
    assert (response.status_code, after) == (403, before)


@pytest.mark.parametrize("model", [Ticket, TicketEvent, Commitment])
def test_an_engineer_reads_the_row_of_each(model: type[Model]) -> None:
    row = row_of(model)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    assert signed_in("engineer").get(reverse(name, args=[row.pk])).status_code == 200


@pytest.mark.parametrize("label", ["tickets.Ticket", "tickets.TicketEvent", "tickets.Commitment"])
def test_a_list_finds_an_incident_by_its_reference(label: str) -> None:
    ticket, other = make_ticket(), make_ticket()
    page = signed_in("engineer").get(address(label, "changelist"), {"q": ticket.reference})
    text = page.content.decode()
    workspace = [reverse("desk:ticket", args=[row.reference]) for row in (ticket, other)]
    assert [link in text for link in workspace] == [True, False]
