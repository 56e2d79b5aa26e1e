"""What demo pages show on top: the logins, on the sign-in page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

LOGINS = (
    {"email": "client@demo.example", "label": _("Client, contact de sa société")},
    {"email": "referent@demo.example", "label": _("Référent de la même société")},
    {"email": "client@autre.example", "label": _("Client d’une autre société")},
    {"email": "ingenieur@demo.example", "label": _("Ingénieur support")},
    {"email": "responsable@demo.example", "label": _("Responsable support")},
    {"email": "admin@demo.example", "label": _("Administrateur")},
)


def mark(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the demo settings."""
    return {"demo_logins": LOGINS}
