"""`manage.py take_return --recipient ADDRESS < mail`: a mail that came back, from the MTA's pipe.

Exit code 75 (EX_TEMPFAIL) when the database is away: the MTA keeps the mail and tries again.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError
from django.utils import timezone

from foundation.commands import PortalCommand
from notifications import dsn, operations

EX_TEMPFAIL = 75


class Command(PortalCommand):
    help = "Lit un e-mail revenu à son adresse de retour, sur l’entrée standard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", required=True, help="l’adresse à laquelle il est revenu")

    def handle(self, *args: Any, recipient: str, **options: Any) -> None:
        content = sys.stdin.buffer.read(dsn.SIZE_MAX)
        try:
            operations.take_return(recipient=recipient, content=content, at=timezone.now())
        except DatabaseError:
            self.stderr.write(
                "La base de données ne répond pas : l’e-mail est à présenter à nouveau."
            )
            sys.exit(EX_TEMPFAIL)
