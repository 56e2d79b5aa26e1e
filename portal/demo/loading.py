"""Loading the demonstration: the cast, the park, the blog, then three months of incidents.

The incidents are lived through the operations that people use, act after act in time order, with
past instants (design §4): nothing here writes a status. Events of origin DEMO tell nobody.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.enums import StaffRole
from accounts.models import Agency, Company, Membership, Site, Training, User
from blog.operations import publish, save_article
from files.operations import store
from foundation.wording import paris
from licences.models import Licence, Patch, Product, SupportContract
from portal.demo import telling
from portal.demo.story import articles, cast, desk
from portal.demo.story.typography import french
from sla.models import Calendar, ServiceLevel, ServiceLevelVersion
from tickets.models import Canned, Checklist, ChecklistStep, Ticket
from tickets.operations import note_time, tick_step

logger = logging.getLogger(__name__)

SINCE = date(2025, 1, 1)


def is_loaded() -> bool:
    """Whether the story is already told here."""
    return bool(User.objects.filter(email="client@demo.example").exists())


def load(now: datetime) -> None:
    """Tell the whole story, relative to `now`, in one transaction."""
    with transaction.atomic():
        agencies = {facts.name: _agency(facts) for facts in cast.AGENCIES}
        staff = _staff(agencies, now)
        _levels()
        products = {
            name: Product.objects.create(name=name, vendor=vendor) for name, vendor in cast.PRODUCTS
        }
        for facts in cast.COMPANIES:
            _company(facts, agencies, products, now)
        _patches(products, staff["ingenieur@demo.example"], now)
        _articles(products, staff, now)
        _trainings(staff, paris(now).date())
        telling.tell(now)
        _desk(products, staff["ingenieur@demo.example"], now)


def _agency(facts: cast.AgencyFacts) -> Agency:
    return Agency.objects.create(
        name=facts.name, city=facts.city, phone=facts.phone,
        hours_text=french("Du lundi au vendredi, de 9 h à 18 h"),
    )  # fmt: skip


def _staff(agencies: dict[str, Agency], now: datetime) -> dict[str, User]:
    password = make_password(cast.PASSWORD)
    people = User.objects.bulk_create(
        User(
            email=facts.email, first_name=facts.first_name, last_name=facts.last_name,
            agency=agencies[facts.agency], staff_role=facts.role, password=password,
            joined_at=now - timedelta(days=400),
        )
        for facts in cast.STAFF
    )  # fmt: skip
    return {person.email: person for person in people}


def _levels() -> None:
    calendar = Calendar.objects.get(code="bureaux")
    for facts in cast.LEVELS:
        level = ServiceLevel.objects.create(
            code=facts.code, name=facts.name, description=facts.description
        )
        first, second = facts.acknowledgement, facts.resolution
        ServiceLevelVersion.objects.create(
            service_level=level, effective_from=SINCE, calendar=calendar,
            pauses_on_vendor=facts.pauses_on_vendor,
            acknowledgement_blocking=first[0], acknowledgement_impairing=first[1],
            acknowledgement_informational=first[2], resolution_blocking=second[0],
            resolution_impairing=second[1], resolution_informational=second[2],
        )  # fmt: skip


def _company(
    facts: cast.CompanyFacts,
    agencies: dict[str, Agency],
    products: dict[str, Product],
    now: datetime,
) -> None:
    company = Company.objects.create(
        name=facts.name, code=facts.code, agency=agencies[facts.agency],
        alert_note=french(facts.alert_note),
    )  # fmt: skip
    sites = [
        Site.objects.create(company=company, name=name, postal_code=code, city=city)
        for name, code, city in facts.sites
    ]
    _people(facts, company, now)
    today = paris(now).date()
    for number, licence in enumerate(facts.licences):
        site = sites[number % len(sites)]
        _licence(company, licence, products=products, site=site, number=number, today=today)
    _contracts(facts, company, today)


def _people(facts: cast.CompanyFacts, company: Company, now: datetime) -> None:
    password = make_password(cast.PASSWORD)
    people = User.objects.bulk_create(
        User(
            email=person.email, first_name=person.first_name, last_name=person.last_name,
            password=password, joined_at=now - timedelta(days=200),
        )
        for person in facts.people
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(user=user, company=company, role=person.role)
        for user, person in zip(people, facts.people, strict=True)
    )


def _licence(
    company: Company,
    facts: cast.LicenceFacts,
    *,
    products: dict[str, Product],
    site: Site,
    number: int,
    today: date,
) -> None:
    ends_on = None if facts.ends_in is None else today + timedelta(days=facts.ends_in)
    Licence.objects.create(
        company=company, product=products[facts.product], site=site, kind=facts.kind,
        version=facts.version, seats=facts.seats, ends_on=ends_on,
        contract_number=f"110{company.pk:03d}{number:03d}",
        starts_on=(ends_on or today) - timedelta(days=364),
    )  # fmt: skip


def _contracts(facts: cast.CompanyFacts, company: Company, today: date) -> None:
    """The contract in force; a company without one had one that has just run out."""
    level = ServiceLevel.objects.get(code=facts.level or "essentiel")
    ended = facts.level is None
    SupportContract.objects.create(
        company=company, number=f"CS-{today.year}-{company.code}", service_level=level,
        starts_on=today - timedelta(days=385 if ended else 160),
        ends_on=today + timedelta(days=-21 if ended else 205),
    )  # fmt: skip


def _patches(products: dict[str, Product], author: User, now: datetime) -> None:
    for number, (product, title, version, notes) in enumerate(cast.PATCHES):
        at = now - timedelta(days=6 + 9 * number)
        content = ContentFile(f"{title}\nPaquet de démonstration.\n".encode() * 400)
        file = store(name=f"{product.lower()}-{version}.txt", content=content, actor=author, at=at)
        Patch.objects.create(
            product=products[product], title=title, version=version, notes=french(notes),
            file=file, published_at=at,
        )  # fmt: skip


def _articles(products: dict[str, Product], staff: dict[str, User], now: datetime) -> None:
    for facts in reversed(articles.ARTICLES):
        author, at = staff[facts.author], now - timedelta(days=facts.age)
        article = save_article(
            actor=author, at=at, title=french(facts.title), summary=french(facts.summary),
            body=french(facts.body), audience=facts.audience,
            products=[products[name] for name in facts.products],
        )  # fmt: skip
        publish(article_id=article.pk, actor=author, at=at)


def _trainings(staff: dict[str, User], today: date) -> None:
    """Each engineer's yearly vendor training; two of them are due again (P10)."""
    engineers = [person for person in staff.values() if person.staff_role == StaffRole.ENGINEER]
    for number, engineer in enumerate(engineers):
        done_on = today - timedelta(days=40 + 45 * number)
        Training.objects.create(
            engineer=engineer, vendor="Autodesk", title=french("Certification produit 2027"),
            done_on=done_on, expires_on=done_on + timedelta(days=365),
        )  # fmt: skip
        Training.objects.create(
            engineer=engineer, vendor="Autodesk", title=french("Déploiement chez un client"),
            is_field_project=True, done_on=done_on + timedelta(days=20),
        )  # fmt: skip


def _desk(products: dict[str, Product], engineer: User, now: datetime) -> None:
    """Ready-made answers, checklists, and what the engineer has done of them today."""
    for facts in desk.CANNED:
        Canned.objects.create(
            name=facts.name, body=french(facts.body), sequel=facts.sequel,
            reason=french(facts.reason),
        )  # fmt: skip
    for kind in desk.CHECKLISTS:
        made = Checklist.objects.create(
            name=kind.name, product=products.get(kind.product), severity=kind.severity
        )
        ChecklistStep.objects.bulk_create(
            ChecklistStep(checklist=made, position=number, text=french(text))
            for number, text in enumerate(kind.steps, start=1)
        )
    first = ChecklistStep.objects.filter(checklist__product=None).order_by("pk")[:2]
    for ticket in Ticket.objects.open().filter(assignee=engineer).order_by("pk")[:4]:
        at = now - timedelta(minutes=20)
        note_time(ticket_id=ticket.pk, minutes=25, actor=engineer, at=at, form_token=uuid4())
        for step in first:
            tick_step(ticket_id=ticket.pk, step_id=step.pk, is_done=True, actor=engineer, at=at)
