"""`manage.py load_demo`: tells the demonstration's story once; a second run changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts.models import User
from foundation.commands import PortalCommand
from portal.demo import loading


class Command(PortalCommand):
    help = "Charge les données de démonstration, si elles n’y sont pas encore."

    def handle(self, *args: Any, **options: Any) -> None:
        if loading.is_loaded():
            self.stdout.write("Les données de démonstration sont déjà là.")
            return
        if User.objects.exists():
            raise CommandError(
                "Cette base contient déjà d’autres données : rien n’a été chargé. "
                "Donnez à la démonstration une base vide."
            )
        loading.load(timezone.now())
        self.stdout.write("Données de démonstration chargées.")
