"""G1: every form is sent twice, once with each field name of each model beside its own fields.

Nothing in the database may differ. Time stands still and sequences are put back, so that what
is left to differ is what the added fields did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from freezegun import freeze_time

from accounts.models import Agency, Company, User
from tests.isolation.forms import FORMS, Form
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import MISSING_UUID, World
from tests.plugins.databases import Databases
from tickets.models import Ticket

OURS = ("accounts", "tickets", "files", "licences", "blog", "sla", "notifications")
# What attackers try besides the names of columns.
GUESSED = (
    "is_staff", "is_superuser", "is_internal", "internal", "sla_due", "due_at", "actor", "at",
    "author", "staff", "admin", "user_id", "pk", "id", "groups", "user_permissions", "origin",
    "began_at", "acknowledged_on_call", "at_time", "side", "visibility", "priority",
)  # fmt: skip
# Tokens, keys, digests; the hash of a password salts anew.
_RANDOM = re.compile(r"[A-Za-z0-9_-]{32,}|md5\$\w+")


def hostile_fields(world: World) -> dict[str, str]:
    """Every column of ours by name, with a value that would hurt."""
    fields = dict.fromkeys(GUESSED, "1")
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.concrete_fields:
                fields[column.name] = fields[column.attname] = _hostile(column, world)
    return fields


def _hostile(column: models.Field[Any, Any], world: World) -> str:
    if column.choices:
        return str(list(column.flatchoices)[-1][0])
    if isinstance(column, models.ForeignKey):
        rows: dict[Any, models.Model] = {
            User: world.cast.adele, Company: world.cast.other_company, Agency: world.cast.agency,
            Ticket: world.tickets["stranger's"],
        }  # fmt: skip
        row = rows.get(column.related_model)
        return str(row.pk) if row is not None else "1"
    if isinstance(column, models.BooleanField):
        return "on"
    if isinstance(column, models.DateField):
        return "2020-01-01T00:00:00+00:00"
    return str(MISSING_UUID) if isinstance(column, models.UUIDField) else "7"


def everything() -> dict[str, list[str]]:
    """Every row of every table, without what is drawn at random."""
    found = {
        model._meta.label: sorted(_still(row) for row in model._default_manager.values_list())
        for model in apps.get_models(include_auto_created=True)
        if model is not Session
    }
    # What a session holds, whatever its key.
    sessions = [session.get_decoded() for session in Session.objects.all()]
    found["sessions"] = sorted(_still(sorted(session.items())) for session in sessions)
    return found


def _still(row: Any) -> str:
    parts = ["uuid" if isinstance(value, UUID) else repr(value) for value in row]
    return _RANDOM.sub("random", " | ".join(parts))


@contextmanager
def undone(databases: Databases) -> Iterator[None]:
    """Rolled back, sequences included (as their owner: the application may not)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        positions = cursor.fetchall()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    owner = psycopg2.connect(databases.owner_url(str(connection.settings_dict["NAME"])))
    try:
        with owner.cursor() as cursor:
            for name, value in positions:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])
        owner.commit()
    finally:
        owner.close()


def _sent(form: Form, world: World, databases: Databases, extra: dict[str, str]) -> Any:
    with undone(databases):
        form.before(world)
        client = form.client(world)
        answer = form.post(client, world, extra=extra)
        return answer.status_code, answer.get("Location"), everything()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.route)
def test_g1_fields_that_a_form_does_not_have_change_nothing(
    world: World, databases: Databases, form: Form
) -> None:
    own = {*form.data(world), *form.others}
    extra = {name: value for name, value in hostile_fields(world).items() if name not in own}
    with freeze_time(WALKED_AT):
        plain = _sent(form, world, databases, {})
        # A script saves a draft and reads the hour; a ready-made answer is put in its form.
        shown = form.route in {"tickets:draft", "desk:use-canned"}
        assert plain[0] == (200 if shown else 302)
        assert _sent(form, world, databases, extra) == plain


def test_the_hostile_fields_are_many(world: World) -> None:
    assert len(hostile_fields(world)) > 150


def test_a_field_that_is_taken_shows(world: World, databases: Databases) -> None:
    """The comparison sees what a form's own field does."""
    form = next(form for form in FORMS if form.route == "tickets:declare")
    with freeze_time(WALKED_AT):
        plain = _sent(form, world, databases, {})
        assert _sent(form, world, databases, {"is_private": "on"}) != plain
        assert _sent(form, world, databases, {}) == plain
