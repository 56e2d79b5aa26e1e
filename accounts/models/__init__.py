"""People and companies."""

from accounts.models.companies import (
    COMPANY_WORDS,
    SITE_WORDS,
    Company,
    CompanyQuerySet,
    Membership,
    Site,
)
from accounts.models.links import Invitation
from accounts.models.people import (
    PERSON_WORDS,
    Agency,
    User,
    UserManager,
    UserQuerySet,
    normalise_email,
)
from accounts.models.staff import Absence, Training

__all__ = [
    "COMPANY_WORDS",
    "PERSON_WORDS",
    "SITE_WORDS",
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
