"""S6: a logged call on an existing incident counts from its start."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import CommitmentKind, Severity
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import main_text, signed_in
from tickets import operations
from tickets.enums import Act, Outcome, Status
from tickets.models import Message, Pause, Rung, Ticket, TicketEvent
from tickets.queries.clocks import ledger_of, pauses_of
from tickets.verification import verify

pytestmark = pytest.mark.django_db
RESOLUTION = CommitmentKind.RESOLUTION


def at(minutes: int) -> datetime:
    """Minutes after Tuesday 10:00 in Paris."""
    return TUESDAY_10 + timedelta(minutes=minutes)


@pytest.fixture
def working(cast: Cast) -> Ticket:
    """Alice's, Bob in copy, taken in charge by Inès at once; resolution in 9 working hours."""
    ticket = make_ticket(requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=at(0))


@pytest.fixture
def waiting(cast: Cast, working: Ticket) -> Ticket:
    """Waiting for the customer since 11:00, one hour counted."""
    return operations.wait_for_customer(
        ticket_id=working.pk, actor=cast.ines, reason="La maquette.", until=None, at=at(60)
    )


def call(
    ticket: Ticket,
    actor: User,
    *,
    began: int,
    typed: int,
    caller: User | None = None,
    token: UUID | None = None,
) -> Message:
    return operations.log_call(
        ticket_id=ticket.pk, actor=actor, caller=caller or ticket.requester, began_at=at(began),
        body="Elle envoie la maquette.", at=at(typed), form_token=token or uuid4(),
    )  # fmt: skip


def the_call(ticket: Ticket) -> TicketEvent:
    return TicketEvent.objects.get(ticket=ticket, act=Act.CALL)


# --- the clock --------------------------------------------------------------------------------


def test_s6_a_logged_call_ends_the_waiting_at_its_start(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    row, pause = promise(waiting, RESOLUTION), Pause.objects.get(ticket=waiting)
    found = (pause.ended_at, row.counting_since, int(row.counted_seconds), row.outcome)
    assert found == (at(100), at(100), 3600, Outcome.RUNNING)


def test_s6_the_incident_is_in_progress_and_awaits_nothing(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    ticket = Ticket.objects.get(pk=waiting.pk)
    assert (ticket.state, ticket.waiting_reason) == (Status.IN_PROGRESS, "")


def test_s6_the_event_is_effective_at_the_start_of_the_call(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    event = the_call(waiting)
    assert (event.effective_at, event.recorded_at) == (at(100), at(130))


def test_s15_the_history_gives_the_stored_promises_after_a_call(
    cast: Cast, waiting: Ticket
) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    assert list(verify()) == []


def test_s15_the_ledger_counts_from_the_start_of_the_call(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    lines = ledger_of(promise(waiting, RESOLUTION), at(130), pauses_of(waiting)).lines
    stands = [(line.start, line.end) for line in lines if line.what.startswith("suspendu")]
    assert stands == [(at(60), at(100))]


def test_s6_waiting_for_the_vendor_goes_on_after_a_call(cast: Cast, working: Ticket) -> None:
    operations.wait_for_vendor(
        ticket_id=working.pk, actor=cast.ines, reason="Cas 12.", until=None, at=at(60)
    )
    call(working, cast.ines, began=100, typed=130)
    pause = Pause.objects.get(ticket=working)
    state = Ticket.objects.get(pk=working.pk).state
    assert (state, pause.ended_at) == (Status.WAITING_VENDOR, None)


def test_s17_what_fell_due_since_the_call_is_recorded_with_it(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, severity=Severity.BLOCKING)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=at(0))
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal.", until=None, at=at(210)
    )
    call(ticket, cast.ines, began=220, typed=260)
    row = promise(ticket, RESOLUTION)
    reached = Rung.objects.get(commitment=row, percent=100).reached_at
    assert (row.breached_at, reached, list(verify())) == (at(250), at(250), [])


@pytest.mark.parametrize("state", ["declared", "resolved"])
def test_a_call_changes_no_other_state(cast: Cast, state: str) -> None:
    ticket = make_ticket(requester=cast.alice)
    if state == "resolved":
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=at(0))
        operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=at(5))
    call(ticket, cast.ines, began=10, typed=20)
    assert (Ticket.objects.get(pk=ticket.pk).status, list(verify())) == (state, [])


# --- what is refused --------------------------------------------------------------------------


def test_s6_a_call_that_began_before_the_waiting_is_refused(cast: Cast, waiting: Ticket) -> None:
    with pytest.raises(Refusal, match="dernier changement"):
        call(waiting, cast.ines, began=59, typed=130)


def test_s6_a_call_that_began_with_the_waiting_is_taken(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=60, typed=130)
    assert Ticket.objects.get(pk=waiting.pk).state is Status.IN_PROGRESS


def test_s7_a_call_never_goes_back_behind_another_severity(cast: Cast, waiting: Ticket) -> None:
    operations.requalify(
        ticket_id=waiting.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Arrêt.",
        at=at(90),
    )  # fmt: skip
    with pytest.raises(Refusal, match="dernier changement"):
        call(waiting, cast.ines, began=80, typed=130)


def test_s6_a_call_in_the_future_is_refused(cast: Cast, waiting: Ticket) -> None:
    with pytest.raises(Refusal, match="futur"):
        call(waiting, cast.ines, began=131, typed=130)


@pytest.mark.parametrize("name", ["charlie", "marc"])
def test_a1_somebody_who_does_not_see_the_incident_is_no_caller(
    cast: Cast, waiting: Ticket, name: str
) -> None:
    with pytest.raises(Refusal, match="ne suit pas"):
        call(waiting, cast.ines, began=100, typed=130, caller=getattr(cast, name))


def test_a_customer_logs_no_call(cast: Cast, waiting: Ticket) -> None:
    with pytest.raises(Refusal):
        call(waiting, cast.alice, began=100, typed=130)


def test_a_refused_call_writes_nothing(cast: Cast, waiting: Ticket) -> None:
    before = (Message.objects.count(), TicketEvent.objects.count())
    with pytest.raises(Refusal):
        call(waiting, cast.ines, began=10, typed=130)
    assert (Message.objects.count(), TicketEvent.objects.count()) == before


def test_a_call_sent_twice_is_one_call(cast: Cast, waiting: Ticket) -> None:
    token = uuid4()
    first = call(waiting, cast.ines, began=100, typed=130, token=token)
    second = call(waiting, cast.ines, began=100, typed=131, token=token)
    assert (second, TicketEvent.objects.filter(act=Act.CALL).count()) == (first, 1)


# --- who is told --------------------------------------------------------------------------------


def test_p5_a_call_is_told_as_a_message_is(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    assert the_call(waiting).recipients == sorted([cast.alice.pk, cast.bob.pk])


def test_a_call_taken_by_a_colleague_is_told_to_the_assignee(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.marc, began=100, typed=130)
    assert cast.ines.pk in the_call(waiting).recipients


# --- by the page -------------------------------------------------------------------------------


def post(ticket: Ticket, person: User, **data: object) -> HttpResponse:
    """The form of the workspace, sent at 12:10."""
    client = Client()
    client.force_login(person)
    with freeze_time(at(130)):
        filled = {
            "caller": ticket.requester_id, "began_at": "2026-09-15T11:40", "form_token": uuid4(),
            "body": "Elle envoie la maquette.", **data,
        }  # fmt: skip
        response: HttpResponse = client.post(  # type: ignore[assignment]  # the stubs add the client's own attributes
            reverse("desk:log-call", args=[ticket.reference]), filled
        )
    return response


def test_s6_the_desk_logs_a_call_in_paris_time(cast: Cast, waiting: Ticket) -> None:
    assert post(waiting, cast.ines).status_code == 302
    assert the_call(waiting).effective_at == at(100)


def test_a_refused_call_comes_back_with_what_was_typed(cast: Cast, waiting: Ticket) -> None:
    response = post(waiting, cast.ines, began_at="2026-09-15T10:30")
    page = response.content.decode()
    kept = "Elle envoie la maquette.</textarea>" in page
    assert (response.status_code, kept, "dernier changement" in page) == (409, True, True)


def test_a1_the_form_offers_only_who_sees_the_incident(cast: Cast, waiting: Ticket) -> None:
    assert post(waiting, cast.ines, caller=cast.charlie.pk).status_code == 400


def test_the_customer_reads_who_called_and_what_was_said(cast: Cast, waiting: Ticket) -> None:
    call(waiting, cast.ines, began=100, typed=130)
    page = main_text(signed_in(cast.bob).get(waiting.get_absolute_url()))
    said = f"Appel d’{cast.alice.full_name}, noté par {cast.ines.full_name}"
    assert (said in page, "Elle envoie la maquette." in page) == (True, True)
