"""Words of the blog app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Who may read an article once it is published."""

    PUBLIC = "public", _("Tout le monde")
    CUSTOMERS = "customers", _("Clients connectés")
    COMPANIES = "companies", _("Certaines sociétés")
