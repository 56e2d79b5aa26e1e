"""`manage.py verify_history [REFERENCE …]`: is the history what it was?

Checks each incident's hash chain, recomputes every promise from its events, and compares the
newest seal. Names the first difference of each incident; exit code 1 if there is one.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from foundation.commands import PortalCommand
from tickets.models import Ticket
from tickets.sealing import broken_seal
from tickets.verification import verify


class Command(PortalCommand):
    help = "Vérifie l’historique des incidents et recalcule leurs engagements."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("references", nargs="*", metavar="INC-2026-000123")

    def handle(self, *args: Any, references: list[str], **options: Any) -> None:
        unknown = set(references) - set(
            Ticket.objects.filter(reference__in=references).values_list("reference", flat=True)
        )
        found = [f"{reference} : incident inconnu" for reference in sorted(unknown)]
        found += [f"{item.reference} : {item.what}" for item in verify(references)]
        if not references and (seal := broken_seal()):
            found.append(f"Le scellé du {seal} ne correspond plus à l’historique.")
        for line in found:
            self.stderr.write(line)
        if found:
            sys.exit(1)
        number = len(references) or Ticket.objects.count()
        self.stdout.write(f"Historique intact : {number} incidents vérifiés.")
