"""Passwords and keys made on this machine, each in a file that only its owner reads."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret kept in `path`; made on first use (60 letters and digits), mode 0600."""
    if not path.exists():
        _create(path)
    path.chmod(0o600)
    return path.read_text(encoding="ascii")


def _create(path: Path) -> None:
    """Write a new secret whole or not at all; the first of two writers wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(30))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()
