"""What a run does inside Django: the data that the seed does not make, and counting statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import Count, Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import CompanyRole, StaffRole
from accounts.models import Agency, Company, Membership, User
from benchmarks.harness.scenario import PAGES, Page, fresh
from benchmarks.harness.services import HOST
from blog.enums import Audience
from blog.models import Article
from licences.enums import LicenceKind
from licences.models import Licence, Product
from tickets.enums import OPEN_STATUSES, Status
from tickets.models import Ticket

FLOOR_BACKEND = "django.contrib.auth.backends.ModelBackend"
LICENCES, ARTICLES, TO_TAKE = 8, 60, 400
_OPEN = Count("ticket", filter=Q(ticket__status__in=OPEN_STATUSES))
# Django's record holds them too; they are not questions.
_TRANSACTION = ("BEGIN", "COMMIT")
_FLOOR_TABLE = """
CREATE TABLE floor_line (
    id bigserial PRIMARY KEY, author_id bigint NOT NULL REFERENCES accounts_user,
    title varchar(200) NOT NULL, body text NOT NULL, written_at timestamptz NOT NULL
)"""

Facts = dict[str, Any]


def prepare(known: Facts) -> Facts:
    """The floor's table, what the seed does not make, then what autovacuum would have done.

    As the owner of the tables; gives what pages need to be asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR_TABLE)
        facts = complete(timezone.now())
        cursor.execute("VACUUM (ANALYZE)")
    return facts


def complete(at: datetime) -> Facts:
    """Licences, articles, staff and sessions; whoever and whatever the pages are asked for."""
    _park(at)
    people = _people()
    _articles(people["engineer"], at)
    company = _company_of(people["référent"])
    return {
        "sessions": {who: _session(person) for who, person in people.items()},
        "floor_session": _session(people["référent"], FLOOR_BACKEND),
        "incident": _incident(company, at).reference,
        "company": company.pk,
        "declaration": _declaration(company),
        "history": Ticket.objects.filter(company=_company_of(people["large"])).count(),
        "open": Ticket.objects.open().count(),
        "to_take": _to_take(),
    }


def _park(at: datetime) -> None:
    """A few licences for every company: its incidents must be about something."""
    products = list(Product.objects.order_by("pk"))
    Licence.objects.bulk_create(
        Licence(
            company=company, product=products[(turn + number) % len(products)],
            kind=LicenceKind.SUBSCRIPTION, version="2027", seats=5,
            contract_number=f"L-{company.pk}-{number}",
            starts_on=(at - timedelta(days=400)).date(),
            ends_on=(at + timedelta(days=30 + 60 * number)).date(),
        )
        for turn, company in enumerate(Company.objects.order_by("pk"))
        for number in range(LICENCES)
    )  # fmt: skip


def _people() -> dict[str, User]:
    """Somebody of each kind, in a company whose activity is the average."""
    # The large company was seeded last.
    large = Company.objects.order_by("-pk")[0]
    middling = _nearest(Company.objects.exclude(pk=large.pk), 20)
    engineer = User.objects.filter(staff_role=StaffRole.ENGINEER).order_by("pk")[0]
    engineer.agency = Agency.objects.order_by("pk")[0]
    engineer.save()
    manager = User.objects.create_user(
        "responsable@bench.example", staff_role=StaffRole.MANAGER, first_name="Claude",
        last_name="Responsable",
    )  # fmt: skip
    for person in (engineer, manager):
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    return {
        "contact": _contact(middling),
        "référent": _manager_of(middling),
        "large": _manager_of(large),
        "engineer": engineer,
        "manager": manager,
    }


def _nearest(companies: Any, wanted: int) -> Company:
    """The company whose number of open incidents is the nearest: homes show alike numbers."""
    counted: list[Any] = list(companies.annotate(number=_OPEN).order_by("pk"))
    found: Company = min(counted, key=lambda company: abs(company.number - wanted))
    return found


def _manager_of(company: Company) -> User:
    return Membership.objects.get(company=company, role=CompanyRole.MANAGER).user


def _contact(company: Company) -> User:
    """Whoever has about four open incidents."""
    people = User.objects.filter(
        memberships__company=company, memberships__role=CompanyRole.CONTACT
    ).annotate(
        number=Count(
            "requested_tickets", filter=Q(requested_tickets__status__in=OPEN_STATUSES)
        )
    )  # fmt: skip
    found: User = min(people.order_by("pk"), key=lambda person: abs(person.number - 4))
    return found


def _company_of(person: User) -> Company:
    return Membership.objects.select_related("company").get(user=person).company


def _incident(company: Company, at: datetime) -> Ticket:
    """One in progress that never waited, a week old with six events: alike at every size."""
    going_on = Ticket.objects.filter(company=company, status=Status.IN_PROGRESS, pauses=None)
    return min(
        going_on.order_by("pk"),
        key=lambda row: abs(row.last_sequence - 6) + abs((at - row.received_at).days - 7),
    )


def _to_take() -> list[str]:
    """Incidents of several companies that nobody has taken in charge."""
    found = Ticket.objects.filter(status=Status.DECLARED, assignee=None).order_by("pk")
    return list(found.values_list("reference", flat=True)[:TO_TAKE])


def _articles(author: User, at: datetime) -> None:
    text = "Le symptôme, sa cause, le correctif et comment l’appliquer sur chaque poste. " * 40
    Article.objects.bulk_create(
        Article(
            title=f"Revit : réparer une maquette, cas {number}", slug=f"cas-{number}",
            summary="Ce qui se passe et ce qu’il faut faire.", body=text, html=f"<p>{text}</p>",
            author=author, audience=(Audience.PUBLIC, Audience.CUSTOMERS)[number % 2],
            published_at=at - timedelta(days=number + 1), updated_at=at,
        )
        for number in range(ARTICLES)
    )  # fmt: skip


def _session(person: User, backend: str = "") -> str:
    """A session as the sign-in writes it; accounts of the seed have no password to sign in with."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = backend or settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _declaration(company: Company) -> dict[str, str]:
    """What somebody types to declare an incident; each form adds its `fresh` part."""
    return {
        "product": str(Licence.objects.filter(company=company).order_by("pk")[0].product_id),
        "severity": "impairing",
        "body": "Le problème se répète depuis ce matin sur deux postes. Merci de votre aide.",
    }


# --- counting -----------------------------------------------------------------------------------


def count(facts: Facts) -> Facts:
    """Statements of each page, by the page's number; the second time it is asked for.

    BEGIN and COMMIT are left out.
    """
    return {str(number): _statements(page, facts) for number, page in enumerate(PAGES)}


def _statements(page: Page, facts: Facts) -> int:
    client = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    client.cookies[settings.SESSION_COOKIE_NAME] = facts["sessions"][page.who]
    number = 0
    for _turn in range(2):
        with CaptureQueriesContext(connection) as captured:
            status = _ask(client, page, facts)
        number = sum(query["sql"] not in _TRANSACTION for query in captured)
        if status != (302 if page.is_post else 200):
            raise RuntimeError(f"{page.name}: status {status}")
    return number


def _ask(client: Client, page: Page, facts: Facts) -> int:
    path = page.path.format(**facts)
    if not page.is_post:
        return int(client.get(path).status_code)
    form = {**facts["declaration"], **fresh()}
    return int(client.post(path, form).status_code)
