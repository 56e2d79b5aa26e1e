"""`manage.py sla_deadline`: the deadline, its ledger, and one line for what is wrong."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("sla_deadline", *arguments)
    return capsys.readouterr().out


def test_s15_the_command_tells_the_issues_example_in_its_very_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run(capsys, "--severity", "bloquant", "--at", "2026-11-20T17:45").replace(NBSP, " ")
    assert out.splitlines()[:5] == [
        "Prise en charge : lun. 23 nov. 2026 à 9 h 15 (30 min ouvrées)",
        (
            "  ven. 20 nov. 17 h 45 → 18 h 00 : 15 min comptées · 18 h 00 → lun. 23 nov. 9 h 00 : "
            "support fermé (week-end) · 9 h 00 → 9 h 15 : 15 min comptées, échéance"
        ),
        "  Compté : 30 min",
        "  Durée totale : 63 h 30 = 30 min comptées + 63 h de fermeture",
        "Résolution : lun. 23 nov. 2026 à 12 h 45 (240 min ouvrées)",
    ]


def test_a_holiday_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--severity", "bloquant", "--at", "2026-11-10T17:45")
    assert "support fermé (Armistice" in out
    assert "(nuit" not in out


@pytest.mark.parametrize("at", ["2026-11-20T17:45:00+01:00", "2026-10-23T17:45:12.5+02:00"])
def test_s15_json_gives_the_sums(at: str, capsys: pytest.CaptureFixture[str]) -> None:
    for promise in json.loads(run(capsys, "--severity", "gênant", "--at", at, "--json")):
        ledger = promise["ledger"]
        assert (ledger[0]["from"], ledger[-1]["to"]) == (promise["from"], promise["due_at"])
        assert promise["counted_seconds"] == promise["target_minutes"] * 60
        assert promise["wall_seconds"] == sum(line["seconds"] for line in ledger)
        wall = datetime.fromisoformat(promise["due_at"]) - datetime.fromisoformat(promise["from"])
        assert promise["wall_seconds"] == wall.total_seconds()


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
        (["--severity", "bloquant", "--at", "0001-01-01T00:00+05:00"], "est hors du calendrier"),
        (["--severity", "bloquant", "--at", "9999-12-31"], "vérifiez la date"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("sla_deadline", *arguments)
    error = capsys.readouterr().err.strip()
    assert (end.value.code, sentence in error, error.count("\n")) == (2, True, 0)
