"""The pages that are measured: as many queries whatever the number of incidents (Q1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction
from freezegun import freeze_time
from pytest_django import Settings

from benchmarks.harness import inside, report
from benchmarks.harness.measure import Sample
from benchmarks.harness.scenario import PAGES
from benchmarks.harness.services import HOST
from benchmarks.harness.weight import Weight, _linked

# Tuesday, 10:00 in Paris.
NOW = datetime(2026, 9, 15, 8, tzinfo=UTC)
SMALL, LARGE = 300, 1_500


@pytest.fixture
def _open_desk(settings: Settings) -> Iterator[None]:
    """The host of the measures is ours, and the desk is open."""
    settings.ALLOWED_HOSTS = [HOST]
    with freeze_time(NOW):
        yield


def statements(tickets: int) -> dict[str, int]:
    """Of each page at this size, in a database that is forgotten afterwards."""
    with transaction.atomic():
        call_command("seed", companies=3, tickets=tickets, until=NOW)
        call_command("seed", companies=1, tickets=tickets // 2, seed=2, until=NOW)
        found = inside.count(inside.complete(NOW))
        transaction.set_rollback(True)
    return {f"{page.name}, {page.who}": found[str(n)] for n, page in enumerate(PAGES)}


@pytest.mark.django_db
@pytest.mark.usefixtures("_open_desk")
def test_q1_pages_ask_as_many_queries_at_five_times_the_incidents() -> None:
    assert statements(LARGE) == statements(SMALL)


def sample(*seconds: float, cpu: float = 1.0) -> Sample:
    return Sample(list(seconds), cpu)


def row(
    *, statements: list[int], slower: float = 1.0, cpu: float = 1.0, larger_cpu: float = 0.0
) -> report.Row:
    """A page whose goal is twice the floor, which takes 1 s of CPU."""
    page = next(page for page in PAGES if page.goal == 2)
    samples = [sample(1.0, cpu=cpu), sample(slower, cpu=larger_cpu or cpu)]
    return report.Row(page, samples, [sample(1.0), sample(1.0)], statements)


@pytest.mark.parametrize(
    ("made", "number"),
    [
        (row(statements=[9, 10]), 0),
        (row(statements=[13, 13]), 1),
        (row(statements=[9, 9], slower=1.6), 2),
        (row(statements=[9, 9], larger_cpu=1.6), 3),
        (row(statements=[9, 9], cpu=2.1), 4),
    ],
)
def test_a_missed_goal_is_said(made: report.Row, number: int) -> None:
    lines = list(report.verdicts([made]))
    assert ["**no**" in line for line in lines] == [n == number for n in range(5)]


@pytest.mark.parametrize(
    ("html", "files", "missed"),
    [(60_000, 100_000, [False, False]), (60_001, 0, [True, False]), (1, 150_001, [False, True])],
)
def test_a_weight_past_its_goal_is_said(html: int, files: int, missed: list[bool]) -> None:
    made = row(statements=[9, 9])
    page = next(page for page in PAGES if page.html_goal)
    made = replace(made, page=page, weight=Weight(html, html // 10, {"/static/a.css": files}))
    assert ["**no**" in line for line in report.verdicts([made])][-2:] == missed


def test_linked_files_are_those_that_a_browser_fetches() -> None:
    html = """<link rel="stylesheet" href="/static/a.css"><script src="/static/b.js"></script>
    <img src="/static/c.svg"><a href="/static/d.pdf">d</a><link href="/static/a.css">"""
    assert list(_linked(html)) == ["/static/a.css", "/static/b.js", "/static/c.svg"]


def test_percentiles_are_those_of_the_requests() -> None:
    taken = sample(*(n / 1000 for n in range(1, 101)))
    assert (taken.p50, round(taken.p95)) == (50.5, 95)
