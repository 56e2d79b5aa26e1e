"""What a command needs to run against the demo: `make manage` reads it from a file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

# Addresses, keys and folders; nothing of what the launcher found in its own environment.
NAMES = (
    "DJANGO_SETTINGS_MODULE", "PORTAL_BASE_URL", "PORTAL_DATA_DIR", "PORTAL_SECRET_KEY",
    "PORTAL_MAILBOX_DIR", "SMTP_HOST", "SMTP_PORT", "REDIS_URL", "DATABASE_URL",
    "DATABASE_OWNER_URL",
)  # fmt: skip


def publish(path: Path, environment: Mapping[str, str]) -> None:
    """Write the demo's environment as a shell reads it, for its owner alone (mode 0600)."""
    lines = [f"{name}={shlex.quote(environment[name])}\n" for name in NAMES if name in environment]
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.writelines(lines)
