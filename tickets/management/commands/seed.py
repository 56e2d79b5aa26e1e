"""`manage.py seed --companies N --tickets M --seed S`: large data for measurements.

Deterministic for a seed and an `--until`; 100,000 incidents in under two minutes, told by all
cores while this process writes. Accounts have no usable password: nobody can sign in as one.
"""

from __future__ import annotations

import os
import random
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.core.management.base import CommandParser
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.enums import CompanyRole, StaffRole
from accounts.models import Agency, Company, Membership, User
from foundation.commands import PortalCommand
from licences.models import Product, SupportContract
from sla.enums import CommitmentKind, Severity
from tickets.clocks import Terms, terms_for
from tickets.copying import copy_lines, keys_of, lines_of, numbers_of
from tickets.models import Commitment, Message, Pause, Rung, Ticket, TicketEvent
from tickets.seeding import Numbers, Setting, Story, live

PORTION = 1000
OPEN_SHARE = 0.05
YEARS = 3
_TABLES: dict[str, type[Model]] = {
    "ticket": Ticket, "message": Message, "commitment": Commitment, "pause": Pause,
    "rung": Rung, "event": TicketEvent,
}  # fmt: skip
# Rows that one story writes at most (tickets.seeding): numbers are set aside for as many.
_MOST = {"ticket": 1, "message": 6, "commitment": 2, "pause": 1, "rung": 8, "event": 20}


def instant(text: str) -> datetime:
    """An ISO instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas un instant ISO") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(PortalCommand):
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
        portions = list(_portions(dice, options["tickets"], until))
        with _tellers(len(portions)) as tell:
            for lines in tell(partial(_told, settings), portions):
                with transaction.atomic():
                    for name, model in _TABLES.items():
                        copy_lines(model, lines[name])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        took = time.monotonic() - started
        self.stdout.write(f"{options['tickets']} incidents en {took:.1f} s.")


# --- the stories ----------------------------------------------------------------------------------


class Portion(NamedTuple):
    """So many stories, told by dice of their own: the same whoever tells them."""

    stories: int
    seed: int
    until: datetime
    numbers: dict[str, range]


Lines = dict[str, str]
Tell = Callable[[Callable[[Portion], Lines], list[Portion]], Iterable[Lines]]


def _portions(dice: random.Random, total: int, until: datetime) -> Iterator[Portion]:
    for start in range(0, total, PORTION):
        count = min(PORTION, total - start)
        numbers = {name: keys_of(model, _MOST[name] * count) for name, model in _TABLES.items()}
        numbers["reference"] = numbers_of("ticket_reference", count)
        yield Portion(count, dice.getrandbits(64), until, numbers)


@contextmanager
def _tellers(portions: int) -> Iterator[Tell]:
    """One process per core when there is enough to tell: stories need no database."""
    if portions == 1 or connection.in_atomic_block:
        yield map
        return
    # Two processes cannot share a connection; this one opens another when it needs it.
    connection.close()
    with get_context("fork").Pool(min(portions, os.cpu_count() or 1)) as pool:
        yield pool.imap


def _told(settings: list[Setting], portion: Portion) -> Lines:
    """The rows of a portion, by table, ready to be copied."""
    dice = random.Random(portion.seed)  # noqa: S311  (data, not secrets)
    numbers = Numbers(**{name: iter(taken) for name, taken in portion.numbers.items()})
    stories = [_story(dice, settings, numbers, portion.until) for _number in range(portion.stories)]
    return {
        "ticket": lines_of(Ticket, (story.ticket for story in stories)),
        "message": lines_of(Message, (row for story in stories for row in story.messages)),
        "commitment": lines_of(
            Commitment, (row for story in stories for row in story.rows.values())
        ),
        "pause": lines_of(Pause, (row for story in stories for row in story.pauses)),
        "rung": lines_of(Rung, (row for story in stories for row in story.rungs)),
        "event": lines_of(TicketEvent, (row for story in stories for row in story.events)),
    }


def _story(
    dice: random.Random, settings: list[Setting], numbers: Numbers, until: datetime
) -> Story:
    stays_open = dice.random() < OPEN_SHARE
    days = dice.uniform(0, 15) if stays_open else dice.uniform(20, 365 * YEARS)
    declared_at = settings[0].hours.next_opening(until - timedelta(days=days)) + timedelta(
        seconds=dice.randint(0, 4 * 3600)
    )
    story = Story(dice.choice(settings), numbers, dice)
    return live(story, min(declared_at, until), until, stays_open=stays_open)


# --- where the incidents happen -----------------------------------------------------------------


def _people(dice: random.Random, companies: int, until: datetime) -> list[Setting]:
    """Agencies, engineers, products, companies with a contract and six people each."""
    first = keys_of(User, 1)[0]
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
