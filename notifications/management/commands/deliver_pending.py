"""`manage.py deliver_pending`: send what waits, by hand, without broker or worker."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.commands import PortalCommand
from foundation.wording import count
from notifications import queries, sender


class Command(PortalCommand):
    help = "Envoie les e-mails en attente, sans passer par la file de tâches."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while sent := sender.deliver_pending(at=timezone.now()):
            total += sent
        left = queries.sendable(timezone.now()).count()
        self.stdout.write(f"{count(total, 'e-mail envoyé', 'e-mails envoyés')}, {left} en attente.")
