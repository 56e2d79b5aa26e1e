"""`manage.py seed --companies N --tickets M --seed S`: large data for measurements.

Deterministic for a seed and an `--until`; 100,000 incidents in under two minutes. Accounts have
no usable password: nobody can sign in as one of them.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import CompanyRole, StaffRole
from accounts.models import Agency, Company, Membership, User
from licences.models import Product, SupportContract
from sla.enums import CommitmentKind, Severity
from tickets.clocks import Terms, terms_for
from tickets.copying import copy_rows, keys_of, numbers_of
from tickets.models import Commitment, Message, Pause, Rung, Ticket, TicketEvent
from tickets.seeding import Numbers, Setting, Story, live

PORTION = 2000
OPEN_SHARE = 0.05
YEARS = 3
_TABLES = {
    "ticket": Ticket, "message": Message, "commitment": Commitment, "pause": Pause,
    "rung": Rung, "event": TicketEvent,
}  # fmt: skip


def instant(text: str) -> datetime:
    """An ISO instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas un instant ISO") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Crée beaucoup d’incidents, pour mesurer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--companies", type=int, default=50)
        parser.add_argument("--tickets", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", type=instant, default=None, help="maintenant par défaut")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        until = options["until"] or timezone.now()
        dice = random.Random(options["seed"])  # noqa: S311  (data, not secrets)
        with transaction.atomic():
            settings = _people(dice, options["companies"], until)
        numbers = Numbers(
            **{name: keys_of(model) for name, model in _TABLES.items()},
            reference=numbers_of("ticket_reference"),
        )
        for portion in _portions(options["tickets"]):
            stories = list(_stories(dice, settings, numbers, until, portion))
            with transaction.atomic():
                _write(stories)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        took = time.monotonic() - started
        self.stdout.write(f"{options['tickets']} incidents en {took:.1f} s.")


def _portions(total: int) -> Iterator[int]:
    for start in range(0, total, PORTION):
        yield min(PORTION, total - start)


def _stories(
    dice: random.Random, settings: list[Setting], numbers: Numbers, until: datetime, count: int
) -> Iterator[Story]:
    for _number in range(count):
        stays_open = dice.random() < OPEN_SHARE
        days = dice.uniform(0, 15) if stays_open else dice.uniform(20, 365 * YEARS)
        hours_open = settings[0].hours
        declared_at = hours_open.next_opening(until - timedelta(days=days)) + timedelta(
            seconds=dice.randint(0, 4 * 3600)
        )
        story = Story(dice.choice(settings), numbers, dice)
        yield live(story, min(declared_at, until), until, stays_open=stays_open)


def _write(stories: list[Story]) -> None:
    copy_rows(Ticket, (story.ticket for story in stories))
    copy_rows(Message, (row for story in stories for row in story.messages))
    copy_rows(Commitment, (row for story in stories for row in story.rows.values()))
    copy_rows(Pause, (row for story in stories for row in story.pauses))
    copy_rows(Rung, (row for story in stories for row in story.rungs))
    copy_rows(TicketEvent, (row for story in stories for row in story.events))


# --- where the incidents happen -----------------------------------------------------------------


def _people(dice: random.Random, companies: int, until: datetime) -> list[Setting]:
    """Agencies, engineers, products, companies with a contract and six people each."""
    first = next(keys_of(User))
    agencies = Agency.objects.bulk_create(
        Agency(name=f"Agence {first}-{n}", city="Lyon") for n in range(5)
    )
    engineers = _users(first, "ingenieur", 20, until, StaffRole.ENGINEER)
    products = Product.objects.bulk_create(
        Product(name=f"Logiciel {first}-{n}", vendor="Éditeur") for n in range(12)
    )
    settings: list[Setting] = []
    for number in range(companies):
        company = Company.objects.create(
            name=f"Société {first}-{number}", code=f"S{first}-{number}",
            agency=dice.choice(agencies),
        )  # fmt: skip
        terms = _contract(company, first, number, until)
        people = _users(first, f"societe{number}-client", 6, until)
        _members(company, people)
        settings += [
            _setting(company, terms, person, dice.choice(engineers), dice.choice(products))
            for person in people
        ]
    return settings


def _users(
    first: int, name: str, count: int, until: datetime, role: StaffRole | None = None
) -> list[User]:
    people: list[User] = User.objects.bulk_create(
        User(
            email=f"{name}{n}.{first}@seed.example", first_name="Camille",
            last_name=f"{name.capitalize()} {n}", password=make_password(None), joined_at=until,
            staff_role=role or "",
        )
        for n in range(count)
    )  # fmt: skip
    return people


def _contract(company: Company, first: int, number: int, until: datetime) -> Terms:
    terms = terms_for(company, until)
    SupportContract.objects.create(
        company=company, number=f"CS-{first}-{number}",
        service_level=terms.version.service_level,
        starts_on=(until - timedelta(days=365 * YEARS + 30)).date(),
        ends_on=(until + timedelta(days=365)).date(),
    )  # fmt: skip
    return terms_for(company, until)


def _members(company: Company, people: list[User]) -> None:
    Membership.objects.bulk_create(
        Membership(
            user=person, company=company,
            role=CompanyRole.CONTACT if number else CompanyRole.MANAGER,
        )
        for number, person in enumerate(people)
    )  # fmt: skip


def _setting(
    company: Company, terms: Terms, requester: User, engineer: User, product: Product
) -> Setting:
    return Setting(
        company_id=company.pk,
        agency_id=company.agency_id,
        contract_id=terms.contract.pk if terms.contract else None,
        requester_id=requester.pk,
        engineer_id=engineer.pk,
        product_id=product.pk,
        service_level_version_id=terms.version.pk,
        calendar_version_id=terms.calendar.pk,
        pauses_on_vendor=terms.version.pauses_on_vendor,
        targets={
            (kind, severity): terms.version.target_minutes(kind, severity)
            for kind in CommitmentKind
            for severity in Severity
        },
        hours=terms.hours,
    )
