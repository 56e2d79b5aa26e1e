"""A rehearsal: other targets on what really happened (docs/decisions/0012-rehearsal.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from reports import queries
from reports.queries import Line, Rehearsal, Score
from reports.rehearsal import Asked, Window
from sla.enums import CommitmentKind, Severity
from sla.models import ServiceLevel
from tests.factories.accounts import make_engineer, make_manager
from tests.factories.sla import make_service_level
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SEPTEMBER = queries.month_span(date(2026, 9, 1))
AT = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
TPC, RESOLUTION = CommitmentKind.ACKNOWLEDGEMENT, CommitmentKind.RESOLUTION


def asking(kind: CommitmentKind, severity: Severity, minutes: int) -> Asked:
    return {(kind.value, severity.value): minutes * MINUTE}


def rehearsed(asked: Asked, level: ServiceLevel | None = None) -> Rehearsal:
    operations.sweep_deadlines(at=AT)
    return queries.rehearse(asked, Window(*SEPTEMBER, AT), level)


def line_of(
    asked: Asked, kind: CommitmentKind = TPC, severity: Severity = Severity.IMPAIRING
) -> Line:
    lines = rehearsed(asked).lines
    return next(line for line in lines if (line.kind, line.severity) == (kind, severity))


def tpc(minutes: int) -> Line:
    return line_of(asking(TPC, Severity.IMPAIRING, minutes))


# --- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "met", "lost"), [(60, 1, 0), (51, 1, 0), (50, 1, 0), (49, 0, 1), (45, 0, 1)]
)
def test_s17_a_tpc_met_after_50_minutes_holds_down_to_50(target: int, met: int, lost: int) -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
    line = tpc(target)
    assert (line.was, line.would, line.lost) == (Score(1), Score(met, lost), lost)


@pytest.mark.parametrize(("target", "won"), [(60, 0), (89, 0), (90, 1), (120, 1)])
def test_s17_a_tpc_missed_at_60_and_done_after_90_is_won_from_90_on(target: int, won: int) -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 90 * MINUTE)
    line = tpc(target)
    assert (line.was, line.won) == (Score(missed=1), won)


def test_c2_time_while_the_desk_is_closed_does_not_count() -> None:
    # Declared at 17:30, taken at 9:10: forty minutes.
    declared = datetime(2026, 9, 15, 15, 30, tzinfo=UTC)
    acknowledged_ticket(at=declared, taken_at=datetime(2026, 9, 16, 7, 10, tzinfo=UTC))
    assert tpc(40).would == Score(met=1)


def test_another_cell_leaves_it_alone() -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
    line = line_of(asking(TPC, Severity.BLOCKING, 1))
    assert (line.was, line.would) == (Score(met=1), Score(met=1))


def resolved_after_a_pause() -> Ticket:
    """100 minutes of work on either side of a wait of a day for the customer."""
    ticket = acknowledged_ticket()
    engineer = make_engineer()
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=engineer, reason="Le journal", until=None,
        at=TUESDAY_10 + 50 * MINUTE,
    )  # fmt: skip
    back = TUESDAY_10 + timedelta(days=1)
    operations.resume(ticket_id=ticket.pk, actor=engineer, at=back)
    return operations.resolve(
        ticket_id=ticket.pk, actor=engineer, solution="Mise à jour", at=back + 50 * MINUTE
    )  # fmt: skip


@pytest.mark.parametrize(("target", "met"), [(100, 1), (99, 0)])
def test_s5_pauses_are_kept(target: int, met: int) -> None:
    resolved_after_a_pause()
    line = line_of(asking(RESOLUTION, Severity.IMPAIRING, target), RESOLUTION)
    assert line.would == Score(met, 1 - met)


def raised_ticket() -> Ticket:
    """Impairing for 20 minutes, then blocking (30 min), taken 15 minutes later."""
    ticket = make_ticket()
    engineer = make_engineer()
    operations.requalify(
        ticket_id=ticket.pk, actor=engineer, severity=Severity.BLOCKING, reason="Toute l’agence",
        at=TUESDAY_10 + 20 * MINUTE,
    )  # fmt: skip
    return operations.acknowledge(ticket_id=ticket.pk, actor=engineer, at=TUESDAY_10 + 35 * MINUTE)


@pytest.mark.parametrize(("target", "met"), [(30, 1), (15, 1), (14, 0)])
def test_s7_a_requalification_is_kept_from_its_instant(target: int, met: int) -> None:
    raised_ticket()
    line = line_of(asking(TPC, Severity.BLOCKING, target), severity=Severity.BLOCKING)
    assert line.would == Score(met, 1 - met)


@pytest.mark.parametrize(("target", "met"), [(35, 1), (34, 0), (19, 0)])
def test_s7_the_target_of_the_severity_it_had_before_counts_too(target: int, met: int) -> None:
    raised_ticket()
    line = line_of(asking(TPC, Severity.IMPAIRING, target), severity=Severity.BLOCKING)
    assert line.would == Score(met, 1 - met)


def test_s14_a_corrected_acknowledgement_is_the_one_that_is_judged() -> None:
    ticket = acknowledged_ticket(taken_at=TUESDAY_10 + 90 * MINUTE)
    operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=make_manager(), acknowledged_at=TUESDAY_10 + 50 * MINUTE,
        reason="Par téléphone", at=TUESDAY_10 + 95 * MINUTE,
    )  # fmt: skip
    assert tpc(45).lost == 1


# --- outside the denominators ---------------------------------------------------------------------


def test_s19_an_open_one_is_left_out_and_said_missed_if_it_were() -> None:
    make_ticket(at=SEPTEMBER.end - timedelta(hours=6, minutes=50))
    # At 17:10 with 120 minutes of resolution: open when the month ends, missed with 10.
    found = rehearsed(asking(RESOLUTION, Severity.IMPAIRING, 10))
    assert (found.open_count, found.open_missed) == (2, 1)


def test_s18_a_void_one_is_left_out_and_said_missed_if_it_were() -> None:
    ticket = make_ticket()
    operations.cancel(
        ticket_id=ticket.pk, actor=ticket.requester, reason="Fausse alerte",
        at=TUESDAY_10 + 30 * MINUTE,
    )  # fmt: skip
    found = rehearsed(asking(TPC, Severity.IMPAIRING, 20))
    assert (found.void_count, found.void_missed) == (2, 1)


def test_a_missed_one_never_done_waits_for_its_new_deadline() -> None:
    make_ticket()
    line = tpc(100_000)
    assert (line.was, line.would, line.undecided) == (Score(missed=1), Score(), 1)


def test_s19_what_was_decided_in_another_month_is_not_read() -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
    august = queries.month_span(date(2026, 8, 1))
    asked = asking(TPC, Severity.IMPAIRING, 45)
    assert queries.rehearse(asked, Window(*august, AT)).read == 0


def test_one_service_level_leaves_the_others_out() -> None:
    acknowledged_ticket(taken_at=TUESDAY_10 + 50 * MINUTE)
    other = make_service_level()
    assert rehearsed(asking(TPC, Severity.IMPAIRING, 45), other).read == 0
