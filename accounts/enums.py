"""Words of the accounts app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffRole(models.TextChoices):
    """What one of ours may do; customers have none."""

    ENGINEER = "engineer", _("Ingénieur support")
    MANAGER = "manager", _("Responsable support")
    ADMINISTRATOR = "administrator", _("Administrateur")


class CompanyRole(models.TextChoices):
    """What a customer sees of the company: their own incidents, or all of them."""

    CONTACT = "contact", _("Contact")
    MANAGER = "manager", _("Référent")


class LinkPurpose(models.TextChoices):
    """Why a person holds a single-use link to choose a password."""

    INVITATION = "invitation", _("Première connexion")
    RESET = "reset", _("Mot de passe perdu")
