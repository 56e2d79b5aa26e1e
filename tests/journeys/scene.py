"""Who and what the journeys are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from accounts.models import User
from licences.models import Product
from sla.enums import Severity
from tests.factories.accounts import PASSWORD, make_engineer, make_manager
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_contract, make_licence, make_product
from tests.factories.sla import make_calendar, make_service_level
from tests.factories.tickets import make_ticket
from tickets.models import Ticket


@dataclass(frozen=True)
class Scene:
    """The people and things of the journeys, made once."""

    cast: Cast
    # A second engineer of the same agency.
    hugo: User
    # A manager of another agency, who does not help out at this one.
    sophie: User
    revit: Product
    autocad: Product
    # Declared a week ago by Charlie: nobody ever took charge of it.
    forgotten: Ticket


def make_scene() -> Scene:
    """Made once, in a database that keeps what the journeys do."""
    cast = make_cast()
    hugo = make_engineer(email="hugo@portail.test", first_name="Hugo", agency=cast.agency)
    sophie = make_manager(email="sophie@portail.test", first_name="Sophie")
    revit, autocad = make_product(name="Revit"), make_product(name="AutoCAD")
    for product in (revit, autocad):
        make_licence(cast.company, product=product)
    make_licence(cast.other_company, product=revit)
    make_contract(cast.company, number="CS-JOURNEYS")
    # Open at any time: mails about rungs wait for the desk to open (S10), and tests run at night.
    always = make_service_level(calendar=make_calendar(hours=always_open()))
    make_contract(cast.other_company, service_level=always)
    forgotten = make_ticket(
        requester=cast.charlie, product=revit, severity=Severity.BLOCKING,
        title="Personne ne s’en occupe", at=timezone.now() - timedelta(days=7),
    )  # fmt: skip
    give_demo_passwords()
    return Scene(cast, hugo, sophie, revit, autocad, forgotten)


def give_demo_passwords() -> None:
    """The demo's settings know one hasher, which is not the tests'."""
    User.objects.update(password=Argon2PasswordHasher().encode(PASSWORD, "a-salt-of-16-chars"))


def always_open() -> dict[str, object]:
    """Day and night, every day of the year."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {
        "tz": "Europe/Paris",
        "weekly": {day: [["00:00", "24:00"]] for day in days},
        "holidays": [],
    }
