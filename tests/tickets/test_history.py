"""The history: chained, append-only, and enough to recompute every promise (P10, J2, S15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_engineer
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, promise
from tickets import operations
from tickets.enums import Origin
from tickets.models import HistorySeal, Ticket, TicketEvent
from tickets.operations import seal_history
from tickets.sealing import broken_seal
from tickets.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived_ticket() -> Ticket:
    """An incident that went through most acts of the table."""
    engineer = make_engineer()
    ticket = acknowledged_ticket(engineer=engineer)
    at = TUESDAY_10
    steps: list[Callable[[datetime], object]] = [
        lambda at: operations.wait_for_customer(
            ticket_id=ticket.pk, actor=engineer, reason="Le journal ?", until=None, at=at
        ),
        lambda at: operations.post_message(
            ticket_id=ticket.pk, actor=ticket.requester, body="Voici.", at=at, form_token=uuid4()
        ),
        lambda at: operations.requalify(
            ticket_id=ticket.pk, actor=engineer, severity=Severity.BLOCKING, reason="Arrêt", at=at
        ),
        lambda at: operations.resolve(
            ticket_id=ticket.pk, actor=engineer, solution="Mise à jour.", at=at
        ),
        lambda at: operations.reopen(
            ticket_id=ticket.pk, actor=ticket.requester, reason="Encore", at=at
        ),
        lambda at: operations.acknowledge(ticket_id=ticket.pk, actor=engineer, at=at),
        lambda at: operations.wait_for_vendor(
            ticket_id=ticket.pk, actor=engineer, reason="Correctif", until=None, at=at
        ),
        lambda at: operations.resolve(
            ticket_id=ticket.pk, actor=engineer, solution="Correctif livré.", at=at
        ),
    ]
    for step in steps:
        at += timedelta(minutes=47)
        step(at)
    return Ticket.objects.get(pk=ticket.pk)


def test_recomputing_every_promise_from_the_history_gives_the_stored_values(
    lived_ticket: Ticket,
) -> None:
    assert list(verify([lived_ticket.reference])) == []


def test_verify_names_an_altered_promise(lived_ticket: Ticket) -> None:
    row = promise(lived_ticket, CommitmentKind.RESOLUTION)
    type(row).objects.filter(pk=row.pk).update(target_minutes=row.target_minutes + 1)
    (difference,) = verify()
    assert difference.what == (
        f"l’engagement Résolution 2 (ligne {row.pk}) diffère de l’historique : target"
    )


def test_verify_names_a_status_changed_behind_the_operations(lived_ticket: Ticket) -> None:
    Ticket.objects.filter(pk=lived_ticket.pk).update(
        status="cancelled", cancelled_at=TUESDAY_10, resolved_at=None
    )
    (difference,) = verify()
    assert difference.what == "le statut « cancelled » n’est pas celui de l’historique"


def test_j2_the_application_may_not_update_an_event(lived_ticket: Ticket) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        TicketEvent.objects.filter(ticket=lived_ticket).update(facts={})


def test_j2_the_application_may_not_delete_an_event(lived_ticket: Ticket) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM tickets_ticketevent")


def test_a_seal_stands_while_the_history_does(lived_ticket: Ticket) -> None:
    seal_history(at=TUESDAY_10 + timedelta(days=2))
    assert broken_seal() is None


def test_a_seal_shows_a_cut_tail(lived_ticket: Ticket) -> None:
    seal = seal_history(at=TUESDAY_10 + timedelta(days=2))
    HistorySeal.objects.create(
        sealed_at=seal.sealed_at + timedelta(seconds=1),
        tickets=seal.tickets,
        events=seal.events + 1,
        heads_hash=seal.heads_hash,
    )
    assert broken_seal() is not None


def test_an_import_with_past_instants_leaves_the_last_seal_whole(lived_ticket: Ticket) -> None:
    seal_history(at=TUESDAY_10 + timedelta(days=2))
    operations.declare(
        actor=lived_ticket.requester, company=lived_ticket.company, product=lived_ticket.product,
        severity=Severity.IMPAIRING, title="Ancien", body="Repris du courrier.",
        at=TUESDAY_10 - timedelta(days=30), form_token=uuid4(), origin=Origin.IMPORT,
    )  # fmt: skip
    assert broken_seal() is None


def test_what_was_imported_is_sealed_with_the_next_act_of_the_portal(lived_ticket: Ticket) -> None:
    imported = operations.declare(
        actor=lived_ticket.requester, company=lived_ticket.company, product=lived_ticket.product,
        severity=Severity.IMPAIRING, title="Ancien", body="Repris du courrier.",
        at=TUESDAY_10 - timedelta(days=30), form_token=uuid4(), origin=Origin.IMPORT,
    )  # fmt: skip
    before = seal_history(at=TUESDAY_10 + timedelta(days=2))
    later = TUESDAY_10 + timedelta(days=3)
    operations.add_note(
        ticket_id=lived_ticket.pk, actor=make_engineer(), body="Vu.", at=later, form_token=uuid4()
    )
    after = seal_history(at=later + timedelta(days=1))
    assert (before.tickets, after.tickets) == (1, 2)
    assert after.events == TicketEvent.objects.count()
    assert imported.last_sequence >= 1


def test_a_seal_of_before_the_column_still_stands(lived_ticket: Ticket) -> None:
    seal = seal_history(at=TUESDAY_10 + timedelta(days=2))
    HistorySeal.objects.create(
        sealed_at=seal.sealed_at + timedelta(seconds=1), tickets=seal.tickets, events=seal.events,
        heads_hash=seal.heads_hash, last_event_id=None,
    )  # fmt: skip
    assert broken_seal() is None


def test_verify_history_exits_with_1_and_names_the_incident(
    lived_ticket: Ticket, capsys: pytest.CaptureFixture[str]
) -> None:
    row = promise(lived_ticket, CommitmentKind.RESOLUTION)
    type(row).objects.filter(pk=row.pk).update(target_minutes=row.target_minutes + 1)
    with pytest.raises(SystemExit):
        call_command("verify_history")
    assert lived_ticket.reference in capsys.readouterr().err
