"""The length check: what it refuses, what it lets pass, how it says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_length.py"


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _function(lines: int, head: str = "def act():") -> str:
    return "\n".join([head, *(["    pass"] * (lines - head.count("\n") - 1))]) + "\n"


def _check(root: Path) -> tuple[int, str]:
    answer = subprocess.run(
        [sys.executable, str(TOOL), str(root)], capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout


def test_a_function_of_fifty_lines_passes(tmp_path: Path) -> None:
    _write(tmp_path, "app/views.py", _function(50))

    assert _check(tmp_path) == (0, "")


def test_a_function_of_fifty_one_lines_is_named(tmp_path: Path) -> None:
    _write(tmp_path, "app/views.py", _function(51))

    assert _check(tmp_path) == (1, "app/views.py:1: act has 51 lines, the limit is 50\n")


def test_decorators_count(tmp_path: Path) -> None:
    _write(tmp_path, "app/views.py", _function(51, "@login\n@post\ndef act():"))

    assert _check(tmp_path) == (1, "app/views.py:3: act has 51 lines, the limit is 50\n")


def test_a_method_and_a_coroutine_are_functions_too(tmp_path: Path) -> None:
    body = _function(51, "async def act(self):").replace("\n", "\n    ")
    _write(tmp_path, "app/views.py", f"class View:\n    {body}")

    assert _check(tmp_path) == (1, "app/views.py:2: act has 51 lines, the limit is 50\n")


def test_a_file_of_four_hundred_and_one_lines_is_named(tmp_path: Path) -> None:
    _write(tmp_path, "app/full.py", "x = 1\n" * 400)
    _write(tmp_path, "app/over.py", "x = 1\n" * 401)

    assert _check(tmp_path) == (1, "app/over.py: 401 lines, the limit is 400\n")


def test_a_test_file_may_have_six_hundred(tmp_path: Path) -> None:
    _write(tmp_path, "tests/app/test_full.py", "x = 1\n" * 600)
    _write(tmp_path, "tests/app/test_over.py", "x = 1\n" * 601)

    assert _check(tmp_path) == (1, "tests/app/test_over.py: 601 lines, the limit is 600\n")


def test_migrations_and_the_virtual_environment_are_exempt(tmp_path: Path) -> None:
    for name in ("app/migrations/0001_initial.py", ".venv/lib/big.py", ".local/big.py"):
        _write(tmp_path, name, _function(600))

    assert _check(tmp_path) == (0, "")
