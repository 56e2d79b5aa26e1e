"""Compliance figures: what is counted, when, and what stands outside (S19)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports import queries
from reports.queries import Score
from sla.enums import Severity
from tests.factories.accounts import make_engineer
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)
MINUTE = timedelta(minutes=1)


def score_of(severity: Severity | None) -> tuple[Score, Score]:
    row = next(row for row in queries.month_figures(SEPTEMBER).rows if row.severity == severity)
    return row.acknowledgement, row.resolution


def test_s19_a_promise_met_counts_in_its_month() -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 20 * MINUTE)
    assert score_of(Severity.IMPAIRING) == (Score(met=1), Score())


def test_s19_a_promise_breached_then_fulfilled_counts_as_missed_once() -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 90 * MINUTE)
    assert score_of(Severity.IMPAIRING) == (Score(missed=1), Score())


def test_s19_a_promise_breached_in_one_month_is_not_counted_in_the_next() -> None:
    ticket = make_ticket(at=TUESDAY_10)
    operations.sweep_deadlines(at=TUESDAY_10 + timedelta(days=20))
    operations.acknowledge(
        ticket_id=ticket.pk, actor=make_engineer(), at=TUESDAY_10 + timedelta(days=20)
    )
    october = queries.month_figures(date(2026, 10, 1)).rows[-1]
    assert october.acknowledgement == Score()


def test_s19_open_promises_are_outside_and_counted_apart() -> None:
    make_ticket()
    figures = queries.month_figures(SEPTEMBER)
    assert (figures.rows[-1].acknowledgement.decided, figures.open_count) == (0, 2)


def test_s19_void_promises_are_outside_and_counted_apart() -> None:
    ticket = make_ticket()
    operations.cancel(
        ticket_id=ticket.pk, actor=ticket.requester, reason="Fausse alerte", at=TUESDAY_10 + MINUTE
    )
    figures = queries.month_figures(SEPTEMBER)
    assert (figures.rows[-1].acknowledgement.decided, figures.void_count) == (0, 2)


def test_the_total_adds_the_severities_up() -> None:
    for severity in Severity:
        acknowledged_ticket(severity=severity, taken_at=TUESDAY_10 + 10 * MINUTE)
    assert score_of(None)[0] == Score(met=3)


def test_at_risk_is_past_its_warning_and_still_in_time() -> None:
    make_ticket()
    at = TUESDAY_10 + 50 * MINUTE
    operations.sweep_deadlines(at=at)
    figures = queries.now_figures()
    assert (figures.at_risk_count, figures.missed_count, figures.paused_count) == (1, 0, 0)


def test_missed_now_is_breached_and_still_not_done() -> None:
    make_ticket()
    operations.sweep_deadlines(at=TUESDAY_10 + 70 * MINUTE)
    figures = queries.now_figures()
    assert (figures.at_risk_count, figures.missed_count) == (0, 1)


def test_paused_now_waits_for_somebody() -> None:
    ticket = acknowledged_ticket()
    operations.wait_for_customer(
        ticket_id=ticket.pk,
        actor=make_engineer(),
        reason="Le journal",
        until=None,
        at=TUESDAY_10 + MINUTE,
    )
    assert queries.now_figures().paused_count == 1


def test_a_week_is_that_of_paris() -> None:
    # Sunday 23:30 in Paris is still the old week, though it is Monday for nobody but UTC+1 sums.
    acknowledged_ticket(taken_at=TUESDAY_10 + 10 * MINUTE)
    weeks = queries.weekly_scores(TUESDAY_10 + timedelta(days=1))
    assert (weeks[-1].monday, weeks[-1].acknowledgement) == (date(2026, 9, 14), Score(met=1))


def test_no_decision_is_no_percentage() -> None:
    assert Score().percent is None
