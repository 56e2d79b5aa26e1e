"""`manage.py reconcile_mails`: who was to be told against the mails that were made (P5).

What beat runs at night. Exit code 1 when somebody has no mail, or one too many; `--rattraper` makes
those that are missing, then compares again.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from foundation.commands import PortalCommand
from foundation.wording import count
from notifications import operations
from notifications.models import Reconciliation


class Command(PortalCommand):
    help = "Rapproche les destinataires de chaque changement et les e-mails faits pour eux."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rattraper", action="store_true", help="fait les e-mails qui manquent, puis recompte"
        )

    def handle(self, *args: Any, rattraper: bool, **options: Any) -> None:
        found = operations.reconcile(at=timezone.now())
        if rattraper and found.missing:
            made = operations.make_up(at=timezone.now())
            self.stdout.write(f"{count(made, 'e-mail rattrapé', 'e-mails rattrapés')}.")
            found = operations.reconcile(at=timezone.now())
        self.stdout.write(_told(found))
        if not found.is_clean:
            events = ", ".join(map(str, found.gaps)) or "aucun"
            self.stderr.write(
                f"{count(found.missing, 'e-mail manquant', 'e-mails manquants')}, "
                f"{count(found.unforeseen, 'imprévu')} ; événements sans e-mail : {events}."
            )
            sys.exit(1)


def _told(found: Reconciliation) -> str:
    return (
        f"{count(found.expected, 'e-mail attendu', 'e-mails attendus')} : "
        f"{count(found.sent, 'envoyé')}, {found.queued} en attente, "
        f"{found.held} au récapitulatif, "
        f"{count(found.refused, 'refusé')}, {count(found.bounced, 'rebondi')}, "
        f"{count(found.dropped, 'abandonné')}."
    )
