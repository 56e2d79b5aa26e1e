"""The ledger on the pages: the same for customer and engineer, adding up to the second (S15)."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from sla.enums import CommitmentKind, Severity
from sla.queries import hours_of
from tests.factories.accounts import make_manager
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import at, body, signed_in
from tickets import operations
from tickets.enums import PauseKind
from tickets.models import Pause, Ticket
from tickets.queries.clocks import ledger_of, pauses_of, promises_shown
from tickets.views.following import LEDGER_LINES_SHOWN

pytestmark = pytest.mark.django_db

FRIDAY_1745 = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)
_LIST = re.compile(r'<ol class="ledger".*?</ol>', re.DOTALL)
_LINE = re.compile(r'<li class="ledger-line ledger-(\w+).*?</li>', re.DOTALL)
_FIGURE = re.compile(r'class="(?:ledger-aside )?ledger-length">([^<]+)<')
_UNITS = {"h": 3600, "min": 60, "s": 1}


def seconds(figure: str) -> int:
    """« 2 h 05 min 10 s », « 2 h 05 », « 1 min 40 s » as a person would add them up."""
    words = html.unescape(figure).split()
    if len(words) % 2:
        words.append("min")
    return sum(int(n) * _UNITS[unit] for n, unit in zip(words[::2], words[1::2], strict=True))


def plain(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def ledgers(page: str) -> list[str]:
    return _LIST.findall(page)


def added_up(ledger: str) -> tuple[int, int]:
    """What the lines of a page add up to, in seconds: counted, and in all."""
    counted = whole = 0
    for line in _LINE.finditer(ledger):
        (figure,) = _FIGURE.findall(line[0])
        whole += seconds(figure)
        counted += seconds(figure) if line[1] == "counted" else 0
    return counted, whole


def read(person: User, ticket: Ticket, now: datetime, name: str = "tickets:commitments") -> str:
    with at(now):
        return body(signed_in(person).get(reverse(name, args=[ticket.reference])))


def lived(cast: Cast, chance: random.Random) -> tuple[Ticket, datetime]:
    """An incident with a random life, to odd seconds, and an instant at which it is looked at."""
    now = datetime(2026, 10, 20, 6, tzinfo=UTC) + timedelta(seconds=chance.random() * 2e6)

    def later() -> datetime:
        nonlocal now
        now += timedelta(seconds=chance.choice([40, 4_000, 90_000]) * chance.random())
        return now

    ticket = make_ticket(requester=cast.alice, at=now, severity=chance.choice(list(Severity)))
    acts = chance.randrange(5)
    if acts:
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=later())
    for _time in range(acts - 1):
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=cast.ines, reason="Journal", until=None, at=later()
        )
        if chance.random() < 0.3:
            break
        operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=later())
    if acts == 3:
        operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=later())
    operations.sweep_deadlines(at=later())
    return ticket, later()


@pytest.mark.parametrize("seed", range(12))
def test_s15_the_figures_of_a_page_add_up_to_the_second(cast: Cast, seed: int) -> None:
    ticket, now = lived(cast, random.Random(seed))
    found = ledgers(read(cast.alice, ticket, now))
    shown = promises_shown(ticket, pauses_of(ticket), now)
    assert len(found) == len(shown) == 2
    for ledger, of_promise in zip(found, shown, strict=True):
        clock = of_promise.clock
        end = clock.stopped_at or max(filter(None, (clock.due_at, now)))
        counted, whole = added_up(ledger)
        assert whole == int(end.timestamp()) - int(clock.started_at.timestamp())
        assert counted == of_promise.ledger.counted.total_seconds()
        assert abs(of_promise.ledger.so_far - clock.used) < timedelta(seconds=8)
        hours = hours_of(clock.commitment.calendar_version_id)
        assert of_promise.adjusted == ""
        assert counted <= hours.elapsed(clock.started_at, end).total_seconds() + 1


@pytest.mark.parametrize("seed", range(3))
def test_s15_customer_and_engineer_read_the_same_ledger(cast: Cast, seed: int) -> None:
    ticket, now = lived(cast, random.Random(seed))
    theirs, ours = (
        [plain(found) for found in ledgers(read(person, ticket, now))]
        for person in (cast.alice, cast.ines)
    )
    # Figures and stretches are the same; who is waited for is « vous » to one of them only.
    yours, the_customers = "attente de votre réponse", "attente de la réponse du client"
    assert [ledger.replace(yours, the_customers) for ledger in theirs] == ours


def test_s15_the_issues_example_stands_on_the_page(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, at=FRIDAY_1745, severity=Severity.BLOCKING)
    acknowledgement, _resolution = ledgers(read(cast.alice, ticket, FRIDAY_1745))
    lines = [plain(line[0]) for line in _LINE.finditer(acknowledgement)]
    assert lines == [
        "ven. 20 nov. 17 h 45 → 18 h 00 : 15 min comptées à venir",
        "18 h 00 → lun. 23 nov. 9 h 00 : support fermé (week-end) à venir 63 h",
        "9 h 00 → 9 h 15 : 15 min comptées, échéance à venir",
    ]


def test_s15_a_pause_is_told_with_its_reason_and_who_asked(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal & la date", until=None,
        at=TUESDAY_10 + timedelta(hours=1),
    )  # fmt: skip
    _ack, resolution = ledgers(read(cast.alice, ticket, TUESDAY_10 + timedelta(days=1)))
    said = plain(resolution)
    assert "11 h 00 → 18 h 00 : suspendu, en attente de votre réponse 7 h" in said
    assert said.count(f"« Le journal & la date » {cast.ines.full_name}") == 1


@pytest.mark.parametrize("name", ["tickets:commitments", "tickets:print"])
def test_s15_staff_read_that_the_customers_answer_is_waited_for(cast: Cast, name: str) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal", until=None,
        at=TUESDAY_10 + timedelta(hours=1),
    )  # fmt: skip
    said = plain(read(cast.ines, ticket, TUESDAY_10 + timedelta(hours=2), name))
    assert "suspendu, en attente de la réponse du client" in said
    assert "en attente de votre réponse" not in said


def test_s18_the_gap_of_an_undone_merge_is_told_as_a_pause(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    Pause.objects.create(
        ticket=ticket, kind=PauseKind.MERGED, began_at=TUESDAY_10 + timedelta(hours=1),
        ended_at=TUESDAY_10 + timedelta(hours=2), began_by=cast.ines,
    )  # fmt: skip
    row = promise(ticket, CommitmentKind.RESOLUTION)
    lines = ledger_of(row, TUESDAY_10 + timedelta(hours=3), pauses_of(ticket)).lines
    assert next((line.what, line.by) for line in lines if not line.counted) == (
        "suspendu, fusionné", cast.ines.full_name,
    )  # fmt: skip


def test_s15_a_running_night_is_one_line_that_says_so(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, at=FRIDAY_1745, severity=Severity.BLOCKING)
    now = FRIDAY_1745 + timedelta(hours=20)
    acknowledgement, _resolution = ledgers(read(cast.alice, ticket, now))
    assert "support fermé (week-end) en ce moment 63 h 9 h 00" in plain(acknowledgement)


def test_s7_a_changed_target_is_explained_beside_the_sum(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, severity=Severity.INFORMATIONAL)
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.BLOCKING, reason="Tout est arrêté.",
        at=TUESDAY_10 + timedelta(minutes=10),
    )  # fmt: skip
    now = TUESDAY_10 + timedelta(minutes=15)
    shown = promises_shown(ticket, pauses_of(ticket), now)[0]
    assert " ".join(shown.adjusted.split()) == (
        "Le délai a changé en cours de route : 5 min sont retenues sur 30 min."
    )
    assert shown.adjusted in html.unescape(read(cast.alice, ticket, now))


def test_s15_an_earlier_cycle_keeps_its_ledger(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=TUESDAY_10)
    operations.reopen(ticket_id=ticket.pk, actor=cast.alice, reason="Non.", at=TUESDAY_10)
    assert len(ledgers(read(cast.alice, ticket, TUESDAY_10))) == 4
    assert len(ledgers(read(cast.ines, ticket, TUESDAY_10))) == 4


def test_s15_the_workspace_fetches_the_ledger_of_each_promise(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    page = read(cast.ines, ticket, TUESDAY_10, "desk:ticket")
    asked = [address for address in asked_by(page) if "engagement=" in address]
    with at(TUESDAY_10):
        fetched = [body(signed_in(cast.ines).get(address)) for address in asked]
    assert [len(ledgers(part)) for part in fetched] == [1, 1]


def test_s15_the_drawing_obeys_the_strict_policy_and_has_unique_names(cast: Cast) -> None:
    page = read(cast.alice, make_ticket(requester=cast.alice), TUESDAY_10)
    drawings = re.findall(r'<svg class="frise".*?</svg></div>', page, re.DOTALL)
    assert len(drawings) == 2
    assert not any(" style=" in drawing for drawing in drawings)
    assert all(("<title" in drawing, "<desc" in drawing) == (True, True) for drawing in drawings)
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


# --- the missed list ------------------------------------------------------------------------------


def missed(cast: Cast, number: int) -> None:
    """Incidents whose resolution is missed after a pause."""
    for _miss in range(number):
        ticket = make_ticket(requester=cast.alice, severity=Severity.BLOCKING)
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=cast.ines, reason="Journal", until=date(2026, 9, 16),
            at=TUESDAY_10 + timedelta(hours=1),
        )  # fmt: skip
        operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + timedelta(hours=2))
    operations.sweep_deadlines(at=TUESDAY_10 + timedelta(days=2))


def asked_by(page: str) -> list[str]:
    """What the lines of the missed list fetch when they are opened."""
    return [html.unescape(found) for found in re.findall(r'data-fetch hx-get="([^"]+)"', page)]


def test_s15_the_missed_list_leads_to_the_incidents_own_ledger(cast: Cast) -> None:
    missed(cast, 1)
    ticket, now = Ticket.objects.get(), TUESDAY_10 + timedelta(days=2)
    with at(now):
        manager = signed_in(make_manager())
        (address,) = asked_by(body(manager.get("/pilotage/?mois=2026-09")))
        fetched = body(manager.get(address))
    _ack, resolution = ledgers(read(cast.ines, ticket, now))
    assert [plain(found) for found in ledgers(fetched)] == [plain(resolution)]
    assert "Journal" in plain(resolution)


def test_s15_the_missed_list_costs_the_same_for_one_row_and_for_three(cast: Cast) -> None:
    client = signed_in(make_manager())
    with at(TUESDAY_10 + timedelta(days=2)):
        client.get("/pilotage/?mois=2026-09")
    counts = []
    for number in (1, 2):
        missed(cast, number)
        with at(TUESDAY_10 + timedelta(days=2)), CaptureQueriesContext(connection) as captured:
            page = client.get("/pilotage/?mois=2026-09")
        counts.append((len(captured), len(asked_by(body(page)))))
    assert [rows for _queries, rows in counts] == [1, 3]
    assert counts[0][0] == counts[1][0]
    assert '<ol class="ledger"' not in body(page)


def test_q1_a_promise_that_is_months_late_does_not_swell_its_fold(cast: Cast) -> None:
    missed(cast, 1)
    now = TUESDAY_10 + timedelta(days=120)
    with at(now):
        manager = signed_in(make_manager())
        (address,) = asked_by(body(manager.get("/pilotage/?mois=2026-09")))
        (found,) = ledgers(body(manager.get(address)))
    assert found.count("<li ") == LEDGER_LINES_SHOWN + 1
    row = promise(Ticket.objects.get(), CommitmentKind.RESOLUTION)
    assert sum(seconds(figure) for figure in _FIGURE.findall(found)) == (
        (now - row.started_at).total_seconds()
    )
