"""`manage.py deliver_pending`: send what waits, by hand, without broker or worker."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.commands import PortalCommand
from foundation.wording import count, instant
from notifications import queries, sender
from notifications.models import SenderPause


class Command(PortalCommand):
    help = "Envoie les e-mails en attente, sans passer par la file de tâches."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while sent := sender.deliver_pending(at=timezone.now()):
            total += sent
        left = queries.sendable(timezone.now()).count()
        self.stdout.write(f"{count(total, 'e-mail envoyé', 'e-mails envoyés')}, {left} en attente.")
        if pause := SenderPause.objects.first():
            since, probe = instant(pause.since), instant(pause.probe_at)
            self.stderr.write(
                f"Le serveur d’envoi ne répond pas depuis le {since} ({pause.answer}) : "
                f"prochain essai le {probe}."
            )
