"""What the owner of the tables may not do to the history, and what a superuser cannot hide."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from tests.factories.tickets import make_ticket
from tests.plugins.databases import Databases, connected_to
from tickets.models import TicketEvent
from tickets.verification import verify


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_ticketevent SET facts = '{}'",
        "DELETE FROM tickets_ticketevent",
        "TRUNCATE tickets_ticketevent CASCADE",
        "TRUNCATE tickets_historyseal",
    ],
)
def test_j2_even_the_owner_may_not_alter_the_history(
    statement: str, committed_db: str, databases: Databases
) -> None:
    make_ticket()
    name = committed_db.rsplit("/", 1)[1]
    with (
        connected_to(databases.owner_url(name)),
        pytest.raises(DatabaseError, match="append-only"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_verify_names_the_row_that_a_superuser_altered(
    committed_db: str, databases: Databases
) -> None:
    ticket = make_ticket()
    event = TicketEvent.objects.get(ticket=ticket)
    name = committed_db.rsplit("/", 1)[1]
    with connected_to(databases.owner_url(name)), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE tickets_ticketevent SET effective_at = effective_at - '1 s'::interval"
        )
    (difference,) = verify()
    assert difference.what == f"l’événement n° 1 (ligne {event.pk}) a été modifié"
