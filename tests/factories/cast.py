"""The standing cast: the same people in every test that needs more than one.

Alice and Bob are contacts of Acier & Fils, Réjane is its référente; Charlie belongs to another
company. Inès (engineer), Marc (manager) and Adèle (administrator) are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Agency, Company, Site, User
from tests.factories.accounts import (
    make_administrator,
    make_agency,
    make_company,
    make_contact,
    make_engineer,
    make_manager,
    make_referent,
    make_site,
)


@dataclass(frozen=True)
class Cast:
    agency: Agency
    company: Company
    site: Site
    other_company: Company
    other_site: Site
    alice: User
    bob: User
    rejane: User
    charlie: User
    ines: User
    marc: User
    adele: User


def make_cast() -> Cast:
    """Two companies of one agency, their people, and ours. Once per test: addresses are fixed."""
    agency = make_agency(name="Lyon", city="Lyon")
    company = make_company(name="Acier & Fils", code="ACIER", agency=agency)
    other = make_company(name="Béton Durand", code="BETON", agency=agency)
    return Cast(
        agency=agency,
        company=company,
        site=make_site(company, name="Usine de Vénissieux", city="Vénissieux"),
        other_company=other,
        other_site=make_site(other, name="Siège", city="Bron"),
        alice=make_contact(company, email="alice@acier.test", first_name="Alice"),
        bob=make_contact(company, email="bob@acier.test", first_name="Bob"),
        rejane=make_referent(company, email="rejane@acier.test", first_name="Réjane"),
        charlie=make_contact(other, email="charlie@beton.test", first_name="Charlie"),
        ines=make_engineer(email="ines@portail.test", first_name="Inès", agency=agency),
        marc=make_manager(email="marc@portail.test", first_name="Marc", agency=agency),
        adele=make_administrator(email="adele@portail.test", first_name="Adèle"),
    )
