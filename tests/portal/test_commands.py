"""D7: what a command line or its surroundings lack is one French line and exit code 2."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.commands import in_french
from portal.demo.launcher_environment import publish

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = {
    "DATABASE_URL": "postgres://personne:rien@127.0.0.1:1/absente",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PORTAL_BASE_URL": "https://portail.exemple.test",
    "PORTAL_ALLOWED_HOSTS": "portail.exemple.test",
    "PORTAL_SECRET_KEY": "a1B2" * 15,
}


def manage(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and the error of `manage.py` in an environment of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py", *arguments],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["verify_history", "migrate", "sla_deadline"])
def test_d7_every_missing_variable_is_named_on_one_line(command: str) -> None:
    code, error = manage(command, DATABASE_URL=NOWHERE["DATABASE_URL"])
    assert (code, error.count("\n")) == (2, 1)
    assert "il manque PORTAL_BASE_URL, PORTAL_SECRET_KEY, REDIS_URL dans" in error


def test_d7_a_bad_setting_is_one_line() -> None:
    code, error = manage("verify_history", **{**NOWHERE, "PORTAL_SECRET_KEY": "court"})
    assert (code, error.count("\n"), "PORTAL_SECRET_KEY doit être" in error) == (2, 1, True)


@pytest.mark.parametrize("command", ["verify_history", "sweep_deadlines", "deliver_pending"])
def test_d7_postgresql_away_is_one_line(command: str) -> None:
    code, error = manage(command, **NOWHERE)
    assert (code, error) == (2, "PostgreSQL ne répond pas (127.0.0.1, port 1).\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sla_deadline", "--at", "demain"], "Il manque : --severity."),
        (["verify_history", "--rien"], "Argument inconnu : --rien."),
        (["seed", "--tickets", "beaucoup"], "--tickets : valeur impossible."),
        (["sla_deadline", "--severity"], "--severity attend une valeur."),
    ],
)
def test_d7_a_wrong_command_line_is_one_line(arguments: list[str], sentence: str) -> None:
    code, error = manage(*arguments, **NOWHERE)
    assert (code, error) == (2, f"{sentence} Aide : manage.py {arguments[0]} --help\n")


def test_d7_a_fault_without_a_sentence_of_ours_is_still_told() -> None:
    assert in_french("strange") == "Ligne de commande illisible : strange."


def test_d7_the_demos_environment_is_its_owners_and_a_shell_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "environnement"
    publish(path, {"PORTAL_SECRET_KEY": "a b$c'd", "HOME": "/ailleurs"})
    said = subprocess.run(
        ["/bin/sh", "-c", f'set -a; . {path}; printf "%s %s" "$PORTAL_SECRET_KEY" "$HOME"'],
        env={"HOME": "/ici"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert (said, stat.S_IMODE(path.stat().st_mode)) == ("a b$c'd /ici", 0o600)
