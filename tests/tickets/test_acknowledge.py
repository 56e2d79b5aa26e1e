"""« Prendre en charge »: the one act that stops the TPC (S4), once (G3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from sla.enums import CommitmentKind
from tests.factories.accounts import make_engineer
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket, promise
from tickets import operations
from tickets.enums import Act, Outcome, Status
from tickets.models import TicketEvent

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


def test_s4_acknowledging_stops_the_tpc_and_assigns() -> None:
    engineer = make_engineer()
    ticket = operations.acknowledge(ticket_id=make_ticket().pk, actor=engineer, at=LATER)
    row = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT)
    assert (ticket.status, ticket.assignee, row.met_at, row.outcome) == (
        Status.IN_PROGRESS,
        engineer,
        LATER,
        Outcome.MET,
    )


def test_s4_a_note_does_not_stop_the_tpc() -> None:

    ticket = make_ticket()
    operations.add_note(
        ticket_id=ticket.pk, actor=make_engineer(), body="Vu.", at=LATER, form_token=uuid4()
    )
    assert promise(ticket, CommitmentKind.ACKNOWLEDGEMENT).outcome == Outcome.RUNNING


def test_s8_assigning_changes_no_clock() -> None:
    ticket = make_ticket()
    before = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT).due_at
    operations.assign(
        ticket_id=ticket.pk, actor=make_engineer(), assignee=make_engineer(), note="À toi.",
        at=LATER,
    )  # fmt: skip
    assert promise(ticket, CommitmentKind.ACKNOWLEDGEMENT).due_at == before


def test_g3_the_second_engineer_reads_who_and_when() -> None:
    ticket = acknowledged_ticket(engineer=make_engineer(first_name="Inès", last_name="Roux"))
    with pytest.raises(operations.AlreadyAcknowledged) as refusal:
        operations.acknowledge(ticket_id=ticket.pk, actor=make_engineer(), at=LATER)
    assert refusal.value.sentence == (
        "Déjà pris en charge par Inès Roux aujourd’hui à 10\u00a0h\u00a000."
    )


def test_g3_a_refused_act_writes_no_event() -> None:
    ticket = acknowledged_ticket()
    with pytest.raises(operations.AlreadyAcknowledged):
        operations.acknowledge(ticket_id=ticket.pk, actor=make_engineer(), at=LATER)
    assert TicketEvent.objects.filter(ticket=ticket, act=Act.ACKNOWLEDGE).count() == 1
