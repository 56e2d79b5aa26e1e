"""The measure of uploads itself, at 64 MB: the real nginx, gunicorn and worker (C5)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness.proxy import program

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    program() is None and not os.environ.get("CI"), reason="nginx is not installed here"
)


def test_c5_the_web_process_stays_flat_and_the_file_is_the_same() -> None:
    """Exit code 0 says so: cut in the middle, resumed, summed, stored, downloaded."""
    command = [sys.executable, "-m", "benchmarks.uploads", "--gigabytes", "0.0625"]
    # A database server of its own, as for the full size.
    own = {name: value for name, value in os.environ.items() if name not in _OURS}
    result = subprocess.run(
        command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=500
    )
    assert result.returncode == 0, result.stdout + result.stderr


_OURS = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
