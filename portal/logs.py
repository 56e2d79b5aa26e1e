"""Log lines: one JSON object each, on one line whatever the text holds (D5)."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Whoever reads the address of one of these links takes the account (F5): « Forbidden: /… ».
_LINK = re.compile(r"(/(?:bienvenue|mot-de-passe-perdu/choisir|courrier-recu)/)[^/\s\"'\\]+")
# Django and Celery hang live objects on records; they may hold personal data.
_NEVER = {"request", "response", "data", "args", "server_time"}


class JsonFormatter(logging.Formatter):
    """Instant, level, logger, message, the extra fields, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in _NEVER and not name.startswith("_"):
                line[name] = value if isinstance(value, int | float | bool) else str(value)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _LINK.sub(r"\1...", json.dumps(line, ensure_ascii=True))
