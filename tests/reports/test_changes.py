"""Changes in the counts (S7, S14), and the month as it was issued (S19)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from reports import queries
from reports.queries import Correction, Month, Score
from sla.enums import Severity
from tests.factories.accounts import make_engineer, make_manager
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.enums import Outcome
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
MINUTE = timedelta(minutes=1)
IN_MONTH = TUESDAY_10 + timedelta(days=1)
LATER = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)


def september() -> Month:
    return queries.month_figures(SEPTEMBER)


def acknowledgements(month: Month) -> Score:
    return month.rows[-1].acknowledgement


def correct(
    ticket: Ticket, acknowledged_at: datetime, at: datetime, by: User | None = None
) -> None:
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=by or make_manager(), acknowledged_at=acknowledged_at,
        reason="Pris en charge par téléphone", at=at,
    )  # fmt: skip


def missed_ticket() -> Ticket:
    """Impairing (60 min), taken in charge after 90."""
    return acknowledged_ticket(taken_at=TUESDAY_10 + 90 * MINUTE)


# --- the month as issued --------------------------------------------------------------------------


def test_s19_a_correction_inside_the_month_changes_its_figure() -> None:
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, IN_MONTH)
    assert acknowledgements(september()) == Score(met=1)


def test_s19_a_correction_after_the_months_end_leaves_its_figure() -> None:
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, LATER)
    assert acknowledgements(september()) == Score(missed=1)


def test_s19_a_correction_after_the_months_end_is_shown_beside() -> None:
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, LATER)
    month = september()
    assert ([row.changed_outcome for row in month.since], month.today.acknowledgement) == (
        [True], Score(met=1),
    )  # fmt: skip


def test_s19_only_what_was_corrected_after_the_end_is_taken_back() -> None:
    ticket = missed_ticket()
    correct(ticket, TUESDAY_10 + 20 * MINUTE, IN_MONTH)
    correct(ticket, TUESDAY_10 + 80 * MINUTE, LATER)
    month = september()
    assert (acknowledgements(month), month.today.acknowledgement) == (
        Score(met=1), Score(missed=1),
    )  # fmt: skip


def test_s19_the_last_instant_of_the_month_is_inside_it() -> None:
    ticket = missed_ticket()
    midnight = queries.month_span(SEPTEMBER).end
    correct(ticket, TUESDAY_10 + 20 * MINUTE, midnight - timedelta(microseconds=1))
    assert acknowledgements(september()) == Score(met=1)


def test_s19_the_first_instant_of_the_next_month_is_after_it() -> None:
    ticket = missed_ticket()
    correct(ticket, TUESDAY_10 + 20 * MINUTE, queries.month_span(SEPTEMBER).end)
    assert acknowledgements(september()) == Score(missed=1)


def test_s19_an_open_one_acknowledged_by_a_later_correction_stays_open_in_its_month() -> None:
    ticket = make_ticket(at=datetime(2026, 9, 30, 15, 30, tzinfo=UTC))
    correct(ticket, datetime(2026, 9, 30, 15, 40, tzinfo=UTC), LATER)
    month = september()
    # Due on October 1st at 9:30: both promises were open when September ended.
    assert (acknowledgements(month), month.open_count) == (Score(), 2)


def test_s19_a_void_one_corrected_later_stays_void_in_its_month() -> None:
    ticket = make_ticket()
    operations.cancel(
        ticket_id=ticket.pk, actor=ticket.requester, reason="Fausse alerte",
        at=TUESDAY_10 + 30 * MINUTE,
    )  # fmt: skip
    correct(ticket, TUESDAY_10 + 10 * MINUTE, LATER)
    month = september()
    assert (acknowledgements(month), month.void_count) == (Score(), 2)


def test_s19_open_at_the_months_end_stays_so_once_decided() -> None:
    ticket = make_ticket(at=datetime(2026, 9, 30, 15, 30, tzinfo=UTC))
    operations.acknowledge(
        ticket_id=ticket.pk, actor=make_engineer(), at=datetime(2026, 10, 1, 7, 5, tzinfo=UTC)
    )
    assert september().open_count == 2


def test_s19_a_correction_is_no_business_of_the_months_it_does_not_concern() -> None:
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, LATER)
    assert queries.month_figures(date(2026, 8, 1)).since == []


# --- counts ---------------------------------------------------------------------------------------


def requalify(ticket: Ticket, severity: Severity) -> None:
    operations.requalify(
        ticket_id=ticket.pk, actor=make_engineer(), severity=severity, reason="Toute l’agence",
        at=TUESDAY_10 + 5 * MINUTE,
    )  # fmt: skip


def test_s7_requalifications_are_counted_by_their_direction() -> None:
    requalify(make_ticket(), Severity.BLOCKING)
    requalify(make_ticket(), Severity.INFORMATIONAL)
    requalify(make_ticket(severity=Severity.INFORMATIONAL), Severity.BLOCKING)
    month = september()
    assert (month.raised_count, month.lowered_count) == (2, 1)


def test_s7_a_requalification_counts_in_the_month_of_the_act() -> None:
    requalify(make_ticket(), Severity.BLOCKING)
    assert queries.month_figures(OCTOBER).raised_count == 0


def test_s14_corrections_are_counted_with_those_that_changed_an_outcome() -> None:
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, IN_MONTH)
    correct(missed_ticket(), TUESDAY_10 + 100 * MINUTE, IN_MONTH)
    month = september()
    assert (len(month.corrections), month.changed_count) == (2, 1)


def only_correction() -> Correction:
    return queries.changes_of(SEPTEMBER).corrections[0]


def test_s14_a_correction_says_before_after_who_and_why() -> None:
    manager = make_manager()
    correct(missed_ticket(), TUESDAY_10 + 20 * MINUTE, IN_MONTH, by=manager)
    row = only_correction()
    assert (row.before, row.after, row.who, row.reason) == (
        TUESDAY_10 + 90 * MINUTE, TUESDAY_10 + 20 * MINUTE, manager.full_name,
        "Pris en charge par téléphone",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("corrected_after", "outcome"), [(60, Outcome.MET), (61, Outcome.BREACHED)]
)
def test_s14_both_outcomes_of_a_correction_follow_the_deadline(
    corrected_after: int, outcome: Outcome
) -> None:
    correct(missed_ticket(), TUESDAY_10 + corrected_after * MINUTE, IN_MONTH)
    row = only_correction()
    assert (row.was.outcome, row.now.outcome) == (Outcome.BREACHED, outcome)


def test_s7_a_requalification_says_before_after_and_why() -> None:
    requalify(make_ticket(), Severity.BLOCKING)
    row = queries.changes_of(SEPTEMBER).raised[0]
    assert (row.before, row.after, row.reason) == (
        Severity.IMPAIRING, Severity.BLOCKING, "Toute l’agence",
    )  # fmt: skip
