"""`manage.py sla_deadline`: the deadline, its ledger, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("sla_deadline", *arguments)
    return capsys.readouterr().out


def test_friday_1745_blocking_is_due_monday_0915_with_its_ledger(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run(capsys, "--severity", "bloquant", "--at", "2026-11-20T17:45").replace(NBSP, " ")
    assert out.splitlines()[:5] == [
        "Prise en charge : lun. 23 nov. 2026 à 9 h 15 (30 min ouvrées)",
        "  aujourd’hui à 17 h 45 → 18 h 00 : 15 min comptées",
        "  aujourd’hui à 18 h 00 → lun. 23 nov. à 9 h 00 : support fermé",
        "  lun. 23 nov. à 9 h 00 → 9 h 15 : 15 min comptées",
        "Résolution : lun. 23 nov. 2026 à 12 h 45 (240 min ouvrées)",
    ]


def test_a_holiday_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--severity", "bloquant", "--at", "2026-11-10T17:45")
    assert "support fermé (Armistice" in out


def test_json_adds_up_to_the_wall_time(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--severity", "gênant", "--at", "2026-11-20T17:45:00+01:00", "--json")
    resolution = json.loads(out)[1]
    ledger = resolution["ledger"]
    assert (ledger[0]["from"], ledger[-1]["to"]) == (resolution["from"], resolution["due_at"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--severity", "bloquant", "--at", "demain"], "--at : « demain » n’est pas"),
        (["--severity", "urgent", "--at", "2026-11-20T17:45"], "--severity : « urgent » n’est"),
        (
            ["--severity", "bloquant", "--at", "2026-11-20", "--service-level", "or"],
            "--service-level : « or » est inconnu",
        ),
        (["--severity", "bloquant", "--at", "1999-01-01"], "n’est pas défini à cette date"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("sla_deadline", *arguments)
    error = capsys.readouterr().err.strip()
    assert (end.value.code, sentence in error, error.count("\n")) == (2, True, 0)
