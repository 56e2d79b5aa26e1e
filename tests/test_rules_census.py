"""Each rule and each case has a test that carries its name (read, not run).

The rules of SEMANTICS are found by their number in the name of a test, its cases of §4 by the
table below, the cases of the customers' pages (reliability and security) by number and place:
C1 is a rule of the calendar in tests/sla and a case of names of files elsewhere.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
RULES = [f"c{n}" for n in range(1, 12)] + [f"s{n}" for n in range(1, 20)]

# Cases that touch the customers' pages, with what must happen in a word (issue 4).
CUSTOMERS_CASES = {
    "a1": "another company's object answers as a missing one",
    "a2": "no row, count or timing of another company",
    "a3": "an address never reaches the ORM",
    "a4": "rights are read at each request",
    "a5": "a manager of a company acts in it only",
    "a6": "a refusal writes nothing",
    "a7": "who may take a patch is asked at each click",
    "b1": "not one byte of an internal note",
    "b2": "what is the desk's own stays there",
    "b3": "errors and side doors tell nothing",
    "c1": "a name of a file is data",
    "c2": "no file runs in the browser",
    "c3": "each file is checked, held while the scanner is away",
    "c4": "an archive is never opened by the web process",
    "c5": "a body of any size leaves memory flat",
    "c6": "quotas are said, orphans purged",
    "c7": "a link that is passed on opens nothing",
    "c8": "no row without its blob, nor the reverse",
    "d1": "no text becomes a node",
    "d2": "links lead to the web or to a mail",
    "d3": "no text loads anything",
    "d4": "a line stays a line",
    "d5": "no text breaks a form, a page or the log",
    "e1": "an export runs nothing and shows the screen's rows",
    "g1": "fields that a form does not have change nothing",
    "g2": "a transition that the table does not have is refused",
    "g3": "of two at once one wins",
    "g4": "a page that is too old does not overwrite",
    "k1": "headers are on every answer",
    "k2": "cookies, tokens, and nothing done by GET",
    "k3": "the way back never leaves the portal",
    "k4": "a private page is kept by nobody",
}
# Where those numbers mean rules of the clock instead.
CLOCKS_OWN = {
    "sla", "test_rules_clock.py", "test_semantics_cases.py", "test_rules_rungs.py",
    "test_rehearsal.py", "test_random_histories.py", "test_review_promises.py",
}  # fmt: skip
# The others, which issue 4 does not bear: whose affair each is.
OTHER_CASES = {
    "b4": "secrets", "b5": "the blog",
    **{f"f{number}": "signing in" for number in range(1, 9)},
    "g5": "the clock's history", "g6": "the clock's calendars",
    "j1": "the admin", "j2": "the admin",
    **{f"n{number}": "notifications" for number in range(1, 9)},
    **{f"m{number}": "the closed mailbox" for number in range(1, 5)},
    **{f"p{number}": "the platform" for number in range(1, 7)},
    **{f"q{number}": "abuse and size" for number in range(1, 4)},
    **{f"r{number}": "people's data, and access for everybody" for number in range(1, 4)},
}  # fmt: skip
# How many of each letter the list of cases has.
NUMBERED = {
    "a": 7, "b": 5, "c": 8, "d": 5, "e": 1, "f": 8, "g": 6, "j": 2, "k": 4, "m": 4, "n": 8,
    "p": 6, "q": 3, "r": 3,
}  # fmt: skip

CLOCK, CASES, RUNGS = (
    "tickets/test_rules_clock.py",
    "tickets/test_semantics_cases.py",
    "tickets/test_rules_rungs.py",
)
MERGING, TERMS = "tickets/test_rules_merging.py", "tickets/test_rules_terms.py"

# SEMANTICS §4, in its order and words.
SECTION_4: list[tuple[str, str, str]] = [
    (
        "declared Friday 17:45 Bloquant → Monday 09:15",
        CLOCK,
        "test_s3_declared_friday_1745_blocking_is_due_monday_0915",
    ),
    (
        "and Tuesday 09:15 if Monday is a holiday",
        CASES,
        "test_s2_declared_friday_1745_blocking_is_due_monday_or_tuesday_after_a_holiday",
    ),
    ("declared Sunday", CASES, "test_s3_declared_sunday_is_counted_from_monday"),
    (
        "at 18:00:00 and 08:59:59",
        CASES,
        "test_c1_declared_at_180000_or_085959_is_counted_from_the_opening",
    ),
    (
        "paused Friday 17:00, answered Saturday, runs again Monday 09:00",
        CLOCK,
        "test_s6_paused_friday_answered_saturday_runs_again_monday",
    ),
    ("two pauses in a day", CLOCK, "test_s6_two_pauses_in_a_day_add_up"),
    (
        "a pause across a holiday",
        CASES,
        "test_s5_a_pause_across_a_holiday_stops_the_clock_by_its_open_part_only",
    ),
    (
        "severity raised while paused",
        CLOCK,
        "test_s7_severity_raised_while_paused_keeps_the_pause",
    ),
    ("contract replaced while open", CASES, "test_s13_contract_replaced_while_open"),
    (
        "solved then reopened inside the window",
        CLOCK,
        "test_s9_reopening_starts_a_new_cycle_with_full_targets",
    ),
    ("and after the window", CLOCK, "test_s9_after_the_window_reopening_is_refused"),
    (
        "after the window, a new incident linked to the old one",
        CASES,
        "test_s9_after_the_window_a_new_incident_follows_under_the_level_of_its_day",
    ),
    ("merged with an older incident", MERGING, "test_s18_merged_with_an_older_incident"),
    (
        "imported with past dates",
        CASES,
        "test_s17_imported_with_past_dates_is_decided_in_the_past_and_tells_nobody",
    ),
    (
        "calendar edited while 200 incidents are open",
        TERMS,
        "test_s12_calendar_edited_while_200_incidents_are_open",
    ),
    ("half-day closure on 24 December", CASES, "test_c10_half_day_closure_on_24_december"),
    (
        "an Alsace-Moselle agency on Good Friday",
        CASES,
        "test_s2_an_alsace_moselle_agency_on_good_friday",
    ),
    (
        "sweep stopped two hours then restarted (each rung once, lateness recorded)",
        CASES,
        "test_s10_sweep_stopped_two_hours_then_restarted",
    ),
    (
        "acknowledged by phone before the incident was typed",
        CASES,
        "test_s4_acknowledged_by_phone_before_the_incident_was_typed",
    ),
    ("no valid contract at declaration", CASES, "test_s13_no_valid_contract_at_declaration"),
    (
        "a missing cell in the severity × service-level table",
        CASES,
        "test_s12_a_missing_cell_in_the_table_cannot_be_stored",
    ),
]


def defined_in(path: Path) -> set[str]:
    """The names of the tests that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Every test's name."""
    return {name for path in TESTS.rglob("test_*.py") for name in defined_in(path)}


@pytest.fixture(scope="module")
def names_of_cases() -> set[str]:
    """Those of tests that are not about the clock's own rules."""
    return {
        name
        for path in TESTS.rglob("test_*.py")
        if not CLOCKS_OWN & set(path.relative_to(TESTS).parts)
        for name in defined_in(path)
    }


@pytest.mark.parametrize("case", CUSTOMERS_CASES, ids=str)
def test_a_case_of_the_customers_pages_is_found_by_its_number(
    case: str, names_of_cases: set[str]
) -> None:
    assert any(name.startswith(f"test_{case}_") for name in names_of_cases), CUSTOMERS_CASES[case]


def test_each_case_of_the_list_is_this_issues_or_anothers() -> None:
    listed = {f"{letter}{n}" for letter, most in NUMBERED.items() for n in range(1, most + 1)}
    assert CUSTOMERS_CASES.keys() | OTHER_CASES.keys() == listed
    assert CUSTOMERS_CASES.keys() & OTHER_CASES.keys() == set()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_found_in_the_tests_by_its_number(rule: str, names: set[str]) -> None:
    assert any(name.startswith(f"test_{rule}_") for name in names)


@pytest.mark.parametrize(
    ("path", "name"), [case[1:] for case in SECTION_4], ids=[case[0] for case in SECTION_4]
)
def test_a_case_that_broke_other_systems_is_a_named_test(path: str, name: str) -> None:
    assert name in defined_in(TESTS / path)
