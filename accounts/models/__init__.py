"""People and companies."""

from accounts.models.companies import Company, CompanyQuerySet, Membership, Site
from accounts.models.links import Invitation
from accounts.models.people import Agency, User, UserManager, UserQuerySet, normalise_email
from accounts.models.staff import Absence, Training

__all__ = [
    "Absence",
    "Agency",
    "Company",
    "CompanyQuerySet",
    "Invitation",
    "Membership",
    "Site",
    "Training",
    "User",
    "UserManager",
    "UserQuerySet",
    "normalise_email",
]
