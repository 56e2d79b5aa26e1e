"""`manage.py sweep_deadlines`: by hand what beat runs every 30 seconds (S10)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.commands import PortalCommand
from foundation.wording import count
from tickets import operations


class Command(PortalCommand):
    help = "Enregistre les seuils, dépassements et clôtures automatiques arrivés à échéance."

    def handle(self, *args: Any, **options: Any) -> None:
        recorded = operations.sweep_deadlines(at=timezone.now())
        self.stdout.write(count(recorded, "échéance enregistrée", "échéances enregistrées"))
