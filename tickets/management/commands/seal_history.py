"""`manage.py seal_history`: what beat runs at night (design: history)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.commands import PortalCommand
from tickets.operations import seal_history


class Command(PortalCommand):
    help = "Scelle l’historique : nombre d’incidents et d’événements, empreinte des têtes."

    def handle(self, *args: Any, **options: Any) -> None:
        seal = seal_history(at=timezone.now())
        self.stdout.write(f"Scellé : {seal.tickets} incidents, {seal.events} événements.")
