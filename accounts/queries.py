"""What others ask about people: who is on duty, who is in a team, whose link this is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Contains

from accounts.enums import CompanyRole, LinkPurpose, StaffRole
from accounts.models import (
    COMPANY_WORDS,
    PERSON_WORDS,
    SITE_WORDS,
    Absence,
    Agency,
    Company,
    Invitation,
    Membership,
    Site,
    Training,
    User,
)
from foundation.database import Digits, holds, words_of
from foundation.prepared import PlannedRows
from foundation.text import digest

# Both are asked on every page: rights are never kept (A4).
_open_memberships = PlannedRows(
    lambda user: (
        Membership.objects.filter(user=user, is_active=True, company__is_active=True)
        .select_related("company")
        .order_by("company__name")
    ),
    user=int,
)
_person = PlannedRows(lambda pk: User.objects.filter(pk=pk), pk=int)


def person(pk: int) -> User | None:
    """Whoever has this number, open account or not."""
    return next(iter(_person(pk=pk)), None)


def open_memberships(user: User) -> list[Membership]:
    """A customer's open memberships in open companies, by company name; staff have none."""
    return [] if user.is_staff else _open_memberships(user=user.pk)


def may_sign_in(user: User) -> bool:
    """Staff with an open account, and customers with at least one open company."""
    if not user.is_active:
        return False
    return user.is_staff or Company.objects.visible_to(user).exists()


def team(company: Company) -> QuerySet[Membership]:
    """Everybody the company's manager has to do with: open accesses by name, then those who have
    not come yet (in an order that says nothing of them, A5), then closed ones.
    """
    return (
        Membership.objects.filter(company=company)
        .select_related("user", "site")
        .order_by(
            "-is_active",
            F("awaiting_since").asc(nulls_first=True),
            Lower("user__last_name"),
            Lower("user__first_name"),
            "pk",
        )
    )


def people_named(people: QuerySet[User], words: Iterable[str]) -> QuerySet[User]:
    """Those whose names and address hold each of these words. By an index."""
    for word in words:
        people = people.filter(holds(words_of(*PERSON_WORDS), word))
    return people


def companies_named(companies: QuerySet[Any], words: Iterable[str]) -> QuerySet[Any]:
    """Those whose name and code hold each of these words. By an index."""
    for word in words:
        companies = companies.filter(holds(words_of(*COMPANY_WORDS), word))
    return companies


def sites_named(words: Iterable[str]) -> QuerySet[Site]:
    """Those whose name and town hold each of these words. By an index."""
    sites = Site.objects.all()
    for word in words:
        sites = sites.filter(holds(words_of(*SITE_WORDS), word))
    return sites


def memberships_named(words: Sequence[str]) -> QuerySet[Membership]:
    """Memberships, closed ones too, whose person or company answers to each of these words.

    The longest word is the one that indexes answer; the others only narrow what it found.
    """
    longest = max(words, key=len)
    found = _of_either(
        people_named(User.objects.all(), [longest]),
        companies_named(Company.objects.all(), [longest]),
    )
    person = words_of(*(f"user__{field}" for field in PERSON_WORDS))
    company = words_of(*(f"company__{field}" for field in COMPANY_WORDS))
    for word in words:
        if word != longest:
            found = found.filter(Q(holds(person, word)) | Q(holds(company, word)))
    return found


def memberships_phoned(digits: str) -> QuerySet[Membership]:
    """Memberships of whoever has a number with these digits, or whose company has. By an index."""
    has = Contains(Digits("phone"), Value(digits))
    return _of_either(User.objects.filter(has), Company.objects.filter(has))


def _of_either(people: QuerySet[User], companies: QuerySet[Any]) -> QuerySet[Membership]:
    """Their memberships: a union, so that each half keeps its index."""
    rows = Membership.objects.order_by().values("pk")
    of_people = rows.filter(user__in=people.order_by().values("pk"))
    of_companies = rows.filter(company__in=companies.order_by().values("pk"))
    return Membership.objects.filter(pk__in=of_people.union(of_companies))


def colleagues(company: Company) -> QuerySet[User]:
    """People of the company who can be named on an incident.

    Those who have not come yet are left out: showing them would say who they are (A5).
    """
    people: QuerySet[User] = User.objects.filter(
        is_active=True,
        memberships__company=company,
        memberships__is_active=True,
        memberships__awaiting_since__isnull=True,
    ).order_by("last_name", "first_name", "pk")
    return people


def counted_together(user: User) -> list[int]:
    """Whose uploads count together in a day (C6): everybody of the person's open companies."""
    companies = [membership.company_id for membership in open_memberships(user)]
    found = Membership.objects.filter(company__in=companies).values_list("user_id", flat=True)
    return list(found.distinct()) if companies else []


def managers_of(company: Company) -> QuerySet[User]:
    """The company's managers (référents) whose access is open."""
    people: QuerySet[User] = User.objects.filter(
        is_active=True,
        memberships__company=company,
        memberships__is_active=True,
        memberships__role=CompanyRole.MANAGER,
    ).order_by("last_name", "first_name", "pk")
    return people


def on_duty(agency: Agency, day: date) -> list[User]:
    """Who is alerted for an incident of `agency` on that day (S11).

    Its active engineers (managers who help out among them) who are not absent, and the
    substitutes of those who are; if that leaves nobody, every active engineer. A substitute who
    is closed or absent stands in for nobody.
    """
    away = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)
    engineers = User.objects.engineers()
    replaced = away.filter(engineer__in=engineers.filter(agency=agency))
    present = User.objects.active().filter(~Exists(away.filter(engineer=OuterRef("pk"))))
    of_agency = Q(agency=agency, staff_role__in=[StaffRole.ENGINEER, StaffRole.MANAGER])
    stands_in = Q(pk__in=replaced.filter(substitute__isnull=False).values("substitute"))
    found = present.exclude(staff_role="").filter(of_agency | stands_in)
    return list(found) or list(engineers)


def stand_ins(engineer: User, day: date) -> list[User] | None:
    """Who stands in for an engineer absent on that day (S11); None when he or she is there.

    Empty when nobody does: a substitute who is closed or absent stands in for nobody.
    """
    away = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)
    named = away.filter(engineer=engineer)
    if not named.exists():
        return None
    return list(
        User.objects.active()
        .exclude(staff_role="")
        .filter(~Exists(away.filter(engineer=OuterRef("pk"))))
        .filter(pk__in=named.filter(substitute__isnull=False).values("substitute"))
    )


def open_link(*, token: str, purpose: LinkPurpose, at: datetime) -> Invitation | None:
    """The link this token opens, if it is still alive at `at` and its account open."""
    return (
        Invitation.objects.filter(
            token_digest=digest(token),
            purpose=purpose,
            used_at__isnull=True,
            replaced_at__isnull=True,
            expires_at__gt=at,
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )


# How long before its end a certification is said to end.
TRAINING_NOTICE = timedelta(days=90)


def trainings_ending(*, on: date) -> QuerySet[Training]:
    """Vendor trainings that end within TRAINING_NOTICE, and that no later one replaces (E24)."""
    later = Training.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        engineer=OuterRef("engineer"),
        vendor=OuterRef("vendor"),
        is_field_project=False,
    )
    ending = Training.objects.filter(
        ~Exists(later), is_field_project=False, expires_on__gte=on,
        expires_on__lte=on + TRAINING_NOTICE, engineer__in=User.objects.engineers(),
    )  # fmt: skip
    return ending.select_related("engineer").order_by("expires_on", "pk")


def training_gaps(*, on: date) -> list[User]:
    """Engineers and managers without a vendor training in the calendar year of `on` (P10).

    A training counts if it was followed that year and is still valid on the day.
    """
    done = Training.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=on),
        engineer=OuterRef("pk"),
        is_field_project=False,
        done_on__year=on.year,
        done_on__lte=on,
    )
    return list(User.objects.engineers().filter(~Exists(done)).select_related("agency"))
