"""People, companies, sites, agencies. Each call makes one row that collides with no other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from accounts.enums import CompanyRole, StaffRole
from accounts.models import Absence, Agency, Company, Membership, Site, Training, User

PASSWORD = "un-mot-de-passe-de-test"
JOINED_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

_numbers = count(1)


def make_agency(*, name: str | None = None, city: str = "Lyon", phone: str = "") -> Agency:
    name = name or f"Agence {next(_numbers)}"
    return Agency.objects.create(name=name, city=city, phone=phone)


def make_company(
    *,
    name: str | None = None,
    code: str | None = None,
    agency: Agency | None = None,
    is_active: bool = True,
    alert_note: str = "",
) -> Company:
    number = next(_numbers)
    return Company.objects.create(
        name=name or f"Société {number}",
        code=code or f"C{number:05d}",
        agency=agency or make_agency(),
        is_active=is_active,
        alert_note=alert_note,
    )


def make_site(
    company: Company, *, name: str | None = None, city: str = "", agency: Agency | None = None
) -> Site:
    name = name or f"Site {next(_numbers)}"
    return Site.objects.create(company=company, name=name, city=city, agency=agency)


def make_user(
    *,
    email: str | None = None,
    first_name: str = "Camille",
    last_name: str | None = None,
    password: str | None = PASSWORD,
    staff_role: StaffRole | None = None,
    agency: Agency | None = None,
    is_active: bool = True,
    phone: str = "",
) -> User:
    """A person; a customer unless `staff_role` is given. `password=None` is unusable."""
    number = next(_numbers)
    user: User = User.objects.create_user(
        email or f"personne{number}@exemple.test",
        password,
        first_name=first_name,
        last_name=last_name or f"Nom{number}",
        staff_role=staff_role or "",
        agency=agency,
        is_active=is_active,
        phone=phone,
        joined_at=JOINED_AT,
    )
    return user


def make_engineer(
    *,
    email: str | None = None,
    first_name: str = "Inès",
    last_name: str | None = None,
    agency: Agency | None = None,
    is_active: bool = True,
) -> User:
    return make_user(
        email=email,
        first_name=first_name,
        last_name=last_name,
        staff_role=StaffRole.ENGINEER,
        agency=agency or make_agency(),
        is_active=is_active,
    )


def make_manager(
    *, email: str | None = None, first_name: str = "Marc", agency: Agency | None = None
) -> User:
    """One of our support managers (responsable), not a company's référent."""
    return make_user(
        email=email,
        first_name=first_name,
        staff_role=StaffRole.MANAGER,
        agency=agency or make_agency(),
    )


def make_administrator(*, email: str | None = None, first_name: str = "Adèle") -> User:
    return make_user(email=email, first_name=first_name, staff_role=StaffRole.ADMINISTRATOR)


def make_membership(
    user: User,
    company: Company,
    *,
    role: CompanyRole = CompanyRole.CONTACT,
    site: Site | None = None,
    is_active: bool = True,
    told_of_all: bool = False,
) -> Membership:
    return Membership.objects.create(
        user=user,
        company=company,
        role=role,
        site=site,
        is_active=is_active,
        told_of_all=told_of_all,
    )


def make_contact(
    company: Company, *, email: str | None = None, first_name: str = "Camille"
) -> User:
    """A customer who sees their own incidents of `company`."""
    user = make_user(email=email, first_name=first_name)
    make_membership(user, company)
    return user


def make_referent(
    company: Company,
    *,
    email: str | None = None,
    first_name: str = "Réjane",
    told_of_all: bool = False,
) -> User:
    """The company's manager (référent)."""
    user = make_user(email=email, first_name=first_name)
    make_membership(user, company, role=CompanyRole.MANAGER, told_of_all=told_of_all)
    return user


def make_absence(
    engineer: User, *, starts_on: date, ends_on: date, substitute: User | None = None
) -> Absence:
    return Absence.objects.create(
        engineer=engineer, starts_on=starts_on, ends_on=ends_on, substitute=substitute
    )


def make_training(
    engineer: User,
    *,
    done_on: date,
    expires_on: date | None = None,
    vendor: str = "Autodesk",
    title: str | None = None,
    is_field_project: bool = False,
) -> Training:
    return Training.objects.create(
        engineer=engineer,
        vendor=vendor,
        title=title or f"Formation {next(_numbers)}",
        is_field_project=is_field_project,
        done_on=done_on,
        expires_on=expires_on,
    )
