"""Escalating once, asking for another severity: who may, what it moves (nothing), who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_absence, make_engineer
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tickets import operations
from tickets.enums import Act, AskKind, Origin, Status
from tickets.models import Ask, Commitment, EventToTell, Message, Ticket, TicketEvent
from tickets.verification import verify

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LATER = TUESDAY_10 + 20 * MINUTE


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """An incident of Alice's with Bob in copy, taken in charge by Inès."""
    found = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=TUESDAY_10 + MINUTE)


def escalate(ticket: Ticket, actor: User, at: datetime = LATER, **values: Any) -> Ask:
    values.setdefault("reason", "Le chantier est arrêté.")
    return operations.escalate(ticket_id=ticket.pk, actor=actor, at=at, **values)


def answer(ticket: Ticket, actor: User, at: datetime = LATER + MINUTE, **values: Any) -> Ask:
    values.setdefault("answer", "Je m’en occupe.")
    return operations.answer_escalation(ticket_id=ticket.pk, actor=actor, at=at, **values)


def ask(
    ticket: Ticket, actor: User, severity: Severity = Severity.BLOCKING, at: datetime = LATER,
    **values: Any,
) -> Ask:  # fmt: skip
    values.setdefault("reason", "Toute l’équipe est arrêtée.")
    return operations.ask_severity(
        ticket_id=ticket.pk, actor=actor, severity=severity, at=at, **values
    )


def decline(ticket: Ticket, actor: User, found: Ask, at: datetime = LATER + MINUTE) -> Ask:
    return operations.decline_severity(
        ticket_id=ticket.pk, actor=actor, ask_id=found.pk, reason="Un détour existe.", at=at
    )


def requalify(ticket: Ticket, actor: User, severity: Severity, at: datetime) -> Ticket:
    return operations.requalify(
        ticket_id=ticket.pk, actor=actor, severity=severity, reason="Vu ensemble.", at=at
    )


def last_event(ticket: Ticket) -> TicketEvent:
    event = TicketEvent.objects.filter(ticket=ticket).order_by("sequence").last()
    assert event is not None
    return event


def clocks(ticket: Ticket) -> list[dict[str, Any]]:
    return [dict(row) for row in Commitment.objects.filter(ticket=ticket).order_by("pk").values()]


def told(ticket: Ticket) -> set[int]:
    return set(last_event(ticket).recipients)


# --- escalating -----------------------------------------------------------------------------------


def test_c29_an_escalation_keeps_who_when_and_why(ticket: Ticket, cast: Cast) -> None:
    found = escalate(ticket, cast.alice)
    event = last_event(ticket)
    assert (found.asked_by, found.asked_at, found.reason.body) == (
        cast.alice, LATER, "Le chantier est arrêté.",
    )  # fmt: skip
    assert (event.act, event.facts) == (
        Act.ESCALATE, {"ask": found.pk, "message": found.reason_id},
    )  # fmt: skip


def test_c29_an_escalation_tells_the_managers_and_the_assignee_at_once(
    ticket: Ticket, cast: Cast
) -> None:
    escalate(ticket, cast.alice)
    assert told(ticket) == {cast.marc.pk, cast.ines.pk}
    assert EventToTell.objects.get(event=last_event(ticket)).not_before == LATER


def test_c29_an_escalation_in_the_night_does_not_wait_for_the_opening(
    ticket: Ticket, cast: Cast
) -> None:
    midnight = TUESDAY_10 + timedelta(hours=14)
    escalate(ticket, cast.alice, midnight)
    assert EventToTell.objects.get(event=last_event(ticket)).not_before == midnight


def test_s11_an_escalation_reaches_the_substitute_of_an_absent_assignee(
    ticket: Ticket, cast: Cast
) -> None:
    other, day = make_engineer(), TUESDAY_10.date()
    make_absence(cast.ines, starts_on=day, ends_on=day, substitute=other)
    escalate(ticket, cast.alice)
    assert told(ticket) == {cast.marc.pk, cast.ines.pk, other.pk}


def test_s11_an_escalation_that_nobody_took_reaches_those_on_duty(cast: Cast) -> None:
    free = make_ticket(company=cast.company, requester=cast.alice)
    escalate(free, cast.alice)
    assert told(free) == {cast.marc.pk, cast.ines.pk}


def test_c29_an_incident_is_escalated_once_and_the_next_reads_who_and_when(
    ticket: Ticket, cast: Cast
) -> None:
    escalate(ticket, cast.alice)
    with pytest.raises(Conflict, match="Déjà escaladé par Alice"):
        escalate(ticket, cast.bob, LATER + MINUTE)
    assert Ask.objects.count() == 1


def test_c29_an_answered_escalation_is_not_begun_again(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    answer(ticket, cast.marc)
    with pytest.raises(Conflict):
        escalate(ticket, cast.alice, LATER + 5 * MINUTE)


def test_c29_a_reopened_incident_keeps_its_only_escalation(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    at = LATER + 5 * MINUTE
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=at)
    operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Non.", at=at + MINUTE)
    with pytest.raises(Conflict):
        escalate(ticket, cast.alice, at + 2 * MINUTE)
    assert list(Ask.objects.owed()) == [Ask.objects.get()]


def test_c29_the_same_form_sent_twice_escalates_once(ticket: Ticket, cast: Cast) -> None:
    token = uuid4()
    first = escalate(ticket, cast.alice, form_token=token)
    assert escalate(ticket, cast.alice, LATER + MINUTE, form_token=token) == first
    assert TicketEvent.objects.filter(ticket=ticket, act=Act.ESCALATE).count() == 1


def test_an_escalation_needs_a_reason(ticket: Ticket, cast: Cast) -> None:
    with pytest.raises(Refusal, match="motif"):
        escalate(ticket, cast.alice, reason="  ")


@pytest.mark.parametrize("who", ["ines", "marc"])
def test_g2_one_of_ours_does_not_escalate_for_a_customer(
    ticket: Ticket, cast: Cast, who: str
) -> None:
    with pytest.raises(Refusal):
        escalate(ticket, getattr(cast, who))


def test_s6_neither_an_escalation_nor_a_request_ends_the_wait_or_moves_a_clock(
    ticket: Ticket, cast: Cast
) -> None:
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=LATER
    )
    before = clocks(ticket)
    escalate(ticket, cast.alice, LATER + MINUTE)
    ask(ticket, cast.bob, at=LATER + 2 * MINUTE)
    answer(ticket, cast.marc, LATER + 3 * MINUTE)
    ticket.refresh_from_db()
    assert (ticket.state, clocks(ticket)) == (Status.WAITING_CUSTOMER, before)


def test_the_database_refuses_a_second_escalation(ticket: Ticket, cast: Cast) -> None:
    found = escalate(ticket, cast.alice)
    other = Message.objects.exclude(pk=found.reason_id).latest("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ask.objects.create(
            ticket=ticket, kind=AskKind.ESCALATION, asked_by=cast.bob, asked_at=LATER, reason=other
        )


# --- answering an escalation ----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["marc", "adele"])
def test_c29_a_manager_answers_and_those_who_follow_are_told(
    ticket: Ticket, cast: Cast, who: str
) -> None:
    escalate(ticket, cast.alice)
    found = answer(ticket, getattr(cast, who))
    assert (found.answered_by, found.answered_at) == (getattr(cast, who), LATER + MINUTE)
    assert found.answer is not None
    assert found.answer.body == "Je m’en occupe."
    assert told(ticket) == {cast.alice.pk, cast.bob.pk, cast.ines.pk}


def test_j1_an_engineer_does_not_answer_an_escalation(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    with pytest.raises(Refusal, match="responsable"):
        answer(ticket, cast.ines)


def test_g3_the_second_manager_reads_who_answered(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    answer(ticket, cast.marc)
    with pytest.raises(Conflict, match="Marc"):
        answer(ticket, cast.adele, LATER + 2 * MINUTE)


def test_the_same_answer_sent_twice_is_one(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    token = uuid4()
    answer(ticket, cast.marc, form_token=token)
    answer(ticket, cast.marc, LATER + 2 * MINUTE, form_token=token)
    assert TicketEvent.objects.filter(ticket=ticket, act=Act.ANSWER_ESCALATION).count() == 1


def test_what_was_not_escalated_has_no_answer(ticket: Ticket, cast: Cast) -> None:
    with pytest.raises(Conflict, match="pas été escaladé"):
        answer(ticket, cast.marc)


def test_an_answer_is_still_given_after_the_incident_ended(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice)
    operations.cancel(ticket_id=ticket.pk, actor=cast.ines, reason="Doublon.", at=LATER + MINUTE)
    assert list(Ask.objects.owed()) == []
    assert answer(ticket, cast.marc, LATER + 2 * MINUTE).is_answered


# --- asking for another severity ------------------------------------------------------------------


def test_s7_asking_changes_neither_the_severity_nor_a_clock(ticket: Ticket, cast: Cast) -> None:
    before = clocks(ticket)
    found = ask(ticket, cast.alice)
    ticket.refresh_from_db()
    assert (ticket.severity, clocks(ticket)) == (Severity.IMPAIRING, before)
    assert (found.present, found.wanted) == (Severity.IMPAIRING, Severity.BLOCKING)
    assert last_event(ticket).facts == {
        "ask": found.pk, "message": found.reason_id, "severity": ["impairing", "blocking"],
    }  # fmt: skip


def test_a_request_tells_the_assignee_only(ticket: Ticket, cast: Cast) -> None:
    ask(ticket, cast.alice)
    assert told(ticket) == {cast.ines.pk}


def test_a_request_that_nobody_took_tells_those_on_duty(cast: Cast) -> None:
    free = make_ticket(company=cast.company, requester=cast.alice)
    ask(free, cast.alice)
    assert told(free) == {cast.ines.pk, cast.marc.pk}


def test_the_retained_severity_is_no_request(ticket: Ticket, cast: Cast) -> None:
    with pytest.raises(Refusal, match="déjà"):
        ask(ticket, cast.alice, Severity.IMPAIRING)


def test_g3_one_request_at_a_time_the_second_reads_who_asked(ticket: Ticket, cast: Cast) -> None:
    ask(ticket, cast.alice)
    with pytest.raises(Conflict, match="Alice"):
        ask(ticket, cast.bob, Severity.INFORMATIONAL, LATER + MINUTE)


def test_s7_a_requalification_answers_the_request_and_moves_the_clock(
    ticket: Ticket, cast: Cast
) -> None:
    found = ask(ticket, cast.alice)
    due = promise(ticket, CommitmentKind.RESOLUTION).due_at
    requalify(ticket, cast.ines, Severity.BLOCKING, LATER + MINUTE)
    found.refresh_from_db()
    moved = promise(ticket, CommitmentKind.RESOLUTION).due_at
    assert (found.is_granted, found.answered_by) == (True, cast.ines)
    assert moved is not None
    assert due is not None
    assert moved < due
    assert last_event(ticket).facts["ask"] == found.pk


def test_a_requalification_to_a_third_severity_answers_it_too(cast: Cast) -> None:
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, severity=Severity.INFORMATIONAL
    )
    found = ask(ticket, cast.alice)
    requalify(ticket, cast.ines, Severity.IMPAIRING, LATER + MINUTE)
    found.refresh_from_db()
    assert (found.is_granted, found.retained) == (False, Severity.IMPAIRING)


def test_a_requalification_without_a_request_names_none(ticket: Ticket, cast: Cast) -> None:
    requalify(ticket, cast.ines, Severity.BLOCKING, LATER)
    assert "ask" not in last_event(ticket).facts


def test_a_declined_request_is_told_to_those_who_follow_and_may_be_made_again(
    ticket: Ticket, cast: Cast
) -> None:
    found = decline(ticket, cast.ines, ask(ticket, cast.alice))
    assert told(ticket) == {cast.alice.pk, cast.bob.pk}
    assert (found.retained, found.is_granted) == (Severity.IMPAIRING, False)
    assert ask(ticket, cast.alice, at=LATER + 5 * MINUTE) != found


def test_g4_a_request_answered_meanwhile_is_not_declined(ticket: Ticket, cast: Cast) -> None:
    found = ask(ticket, cast.alice)
    requalify(ticket, cast.ines, Severity.BLOCKING, LATER + MINUTE)
    with pytest.raises(Conflict, match="Inès"):
        decline(ticket, cast.marc, found, LATER + 2 * MINUTE)


def test_g4_a_newer_request_is_not_declined_by_the_page_of_the_first(
    ticket: Ticket, cast: Cast
) -> None:
    first = ask(ticket, cast.alice)
    decline(ticket, cast.ines, first)
    second = ask(ticket, cast.alice, at=LATER + 5 * MINUTE)
    with pytest.raises(Conflict):
        decline(ticket, cast.marc, first, LATER + 6 * MINUTE)
    second.refresh_from_db()
    assert not second.is_answered


def test_a1_a_request_of_another_incident_is_not_declined_here(ticket: Ticket, cast: Cast) -> None:
    other = make_ticket(company=cast.other_company, requester=cast.charlie)
    found = ask(other, cast.charlie)
    with pytest.raises(Refusal):
        decline(ticket, cast.ines, found)


# --- the end of the incident ----------------------------------------------------------------------

ENDS: dict[str, Callable[[Ticket, Cast, datetime], object]] = {
    "resolved": lambda ticket, cast, at: operations.resolve(
        ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=at
    ),
    "cancelled": lambda ticket, cast, at: operations.cancel(
        ticket_id=ticket.pk, actor=cast.ines, reason="Doublon.", at=at
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_asked_of_an_incident_that_is_over(ticket: Ticket, cast: Cast, end: str) -> None:
    ENDS[end](ticket, cast, LATER)
    with pytest.raises(Refusal, match="n’est pas possible"):
        escalate(ticket, cast.alice, LATER + MINUTE)
    with pytest.raises(Refusal, match="n’est pas possible"):
        ask(ticket, cast.alice, at=LATER + MINUTE)


def test_a_resolved_incident_still_owes_its_answer_until_it_is_accepted(
    ticket: Ticket, cast: Cast
) -> None:
    escalate(ticket, cast.alice)
    ENDS["resolved"](ticket, cast, LATER + MINUTE)
    assert Ask.objects.owed().count() == 1
    operations.accept(ticket_id=ticket.pk, actor=cast.alice, at=LATER + 2 * MINUTE)
    assert Ask.objects.owed().count() == 0


def test_a_request_left_open_waits_again_once_the_incident_is_reopened(
    ticket: Ticket, cast: Cast
) -> None:
    found = ask(ticket, cast.alice)
    ENDS["resolved"](ticket, cast, LATER + MINUTE)
    with pytest.raises(Refusal):
        decline(ticket, cast.ines, found, LATER + 2 * MINUTE)
    at = LATER + 3 * MINUTE
    operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Non.", at=at)
    assert decline(ticket, cast.ines, found, at + MINUTE).is_answered


def test_s18_a_merge_leaves_the_escalation_owed_while_the_other_incident_goes_on(
    ticket: Ticket, cast: Cast
) -> None:
    into = make_ticket(company=cast.company, requester=cast.bob)
    escalate(ticket, cast.alice)
    operations.merge(
        ticket_id=ticket.pk, into_id=into.pk, actor=cast.ines, reason="Même cause.",
        at=LATER + MINUTE,
    )  # fmt: skip
    assert Ask.objects.owed().count() == 1
    operations.cancel(ticket_id=into.pk, actor=cast.ines, reason="Faux.", at=LATER + 2 * MINUTE)
    assert Ask.objects.owed().count() == 0


def test_s18_a_request_waits_again_once_the_merge_is_undone(ticket: Ticket, cast: Cast) -> None:
    into = make_ticket(company=cast.company, requester=cast.bob)
    found = ask(ticket, cast.alice)
    operations.merge(
        ticket_id=ticket.pk, into_id=into.pk, actor=cast.ines, reason="Même cause.",
        at=LATER + MINUTE,
    )  # fmt: skip
    operations.unmerge(
        ticket_id=ticket.pk, actor=cast.ines, reason="Deux causes.", at=LATER + 2 * MINUTE
    )
    requalify(ticket, cast.ines, Severity.BLOCKING, LATER + 3 * MINUTE)
    found.refresh_from_db()
    assert found.is_granted
    assert list(verify([ticket.reference])) == []


# --- history --------------------------------------------------------------------------------------


@pytest.fixture
def asked_ticket(ticket: Ticket, cast: Cast) -> Ticket:
    """Escalated and answered, a request declined, another granted."""
    escalate(ticket, cast.alice)
    answer(ticket, cast.marc)
    decline(ticket, cast.ines, ask(ticket, cast.bob, at=LATER + 2 * MINUTE), LATER + 3 * MINUTE)
    ask(ticket, cast.alice, at=LATER + 4 * MINUTE)
    requalify(ticket, cast.ines, Severity.BLOCKING, LATER + 5 * MINUTE)
    return ticket


def test_j2_the_history_gives_every_request_and_answer(asked_ticket: Ticket) -> None:
    assert list(verify([asked_ticket.reference])) == []


def test_j2_no_event_holds_a_text(asked_ticket: Ticket) -> None:
    facts = " ".join(str(event.facts) for event in TicketEvent.objects.filter(ticket=asked_ticket))
    assert not any(word in facts for word in ("chantier", "occupe", "équipe", "détour"))


@pytest.mark.parametrize(
    ("kind", "altered"),
    [
        (AskKind.ESCALATION, {"answered_at": LATER}),
        (AskKind.ESCALATION, {"asked_at": LATER - MINUTE}),
        (AskKind.SEVERITY, {"wanted": Severity.INFORMATIONAL}),
        (AskKind.SEVERITY, {"retained": Severity.INFORMATIONAL}),
    ],
)
def test_j2_an_altered_request_is_named(
    asked_ticket: Ticket, kind: AskKind, altered: dict[str, Any]
) -> None:
    found = Ask.objects.filter(kind=kind).latest("pk")
    Ask.objects.filter(pk=found.pk).update(**altered)
    (difference,) = verify([asked_ticket.reference])
    assert f"la demande (ligne {found.pk}) diffère" in difference.what


def test_j2_a_deleted_request_is_missed(asked_ticket: Ticket) -> None:
    pk = Ask.objects.escalations().get().pk
    Ask.objects.filter(pk=pk).delete()
    (difference,) = verify([asked_ticket.reference])
    assert difference.what == f"il manque la demande (ligne {pk})"


def test_acts_of_the_demonstration_tell_nobody(ticket: Ticket, cast: Cast) -> None:
    escalate(ticket, cast.alice, origin=Origin.DEMO)
    assert told(ticket) == set()
