"""A folder for servers of a test's own, where PostgreSQL's user can reach it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.places import own_folder
from tests.portal.visitors import cast, production_like, sign_in, tuesday

__all__ = ["cast", "folder", "production_like", "sign_in", "tuesday"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Beside the run's own cluster: in memory where there is room, and open to `nobody`."""
    parent = own_folder(Path(os.environ["PORTAL_DATA_DIR"]).parent / "servers")
    made = Path(tempfile.mkdtemp(dir=parent))
    made.chmod(parent.stat().st_mode & 0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)
