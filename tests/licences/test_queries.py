"""Reading the park: what a person sees of it, on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.models import Site
from licences import queries
from licences.enums import LicenceState
from licences.models import Licence
from sla.enums import Severity
from tests.factories.accounts import make_company, make_contact, make_membership, make_site
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import (
    make_contract,
    make_licence,
    make_patch,
    make_perpetual_licence,
    make_product,
)
from tests.factories.sla import Targets, make_service_level, make_service_level_version

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_a1_park_holds_the_licences_of_the_person_s_companies(cast: Cast) -> None:
    mine = make_licence(cast.company)
    make_licence(cast.other_company)

    assert list(queries.park(cast.alice)) == [mine]


def test_park_of_several_companies_holds_all_of_them(cast: Cast) -> None:
    make_membership(cast.alice, cast.other_company)
    make_licence(cast.company)
    make_licence(cast.other_company)

    assert queries.park(cast.alice).count() == 2


def test_park_of_one_company_when_it_is_asked(cast: Cast) -> None:
    make_membership(cast.alice, cast.other_company)
    make_licence(cast.company)
    theirs = make_licence(cast.other_company)

    assert list(queries.park(cast.alice, cast.other_company)) == [theirs]


def test_a4_park_closes_with_the_membership(cast: Cast) -> None:
    make_licence(cast.company)
    cast.alice.memberships.update(is_active=False)

    assert not queries.park(cast.alice).exists()


@pytest.mark.parametrize("state", list(LicenceState))
def test_p9_state_asked_of_the_database_is_the_state_of_the_row(state: LicenceState) -> None:
    company = make_company()
    for days in (-400, -1, 0, 1, 90, 91, 400):
        make_licence(company, starts_on=date(2020, 1, 1), ends_on=DAY + timedelta(days=days))
    make_licence(company, starts_on=DAY + timedelta(days=1), ends_on=DAY + timedelta(days=30))
    make_perpetual_licence(company)

    found = set(Licence.objects.standing(state, DAY))

    assert found == {row for row in Licence.objects.all() if row.standing_on(DAY).state is state}


def test_p9_expiring_gives_the_soonest_first(cast: Cast) -> None:
    later = make_licence(cast.company, ends_on=DAY + timedelta(days=80))
    sooner = make_licence(cast.company, ends_on=DAY + timedelta(days=20))
    make_licence(cast.company, ends_on=DAY + timedelta(days=91))
    make_licence(cast.company, ends_on=DAY - timedelta(days=1))

    found = queries.expiring(cast.alice, AT)

    assert [(line.licence, line.standing.days_left) for line in found] == [
        (sooner, 20),
        (later, 80),
    ]


def test_p9_the_day_is_that_of_paris(cast: Cast) -> None:
    """At 23:30 UTC in winter it is already the next day in Paris."""
    licence = make_licence(cast.company, ends_on=DAY)

    (line,) = queries.lines([licence], datetime(2026, 11, 23, 23, 30, tzinfo=UTC))

    assert line.standing.state is LicenceState.EXPIRED


@pytest.mark.parametrize(
    "q", ["genie", "GÉNIE", "civil 3d", "3D civil", "110-42", "vénissieux", "venissieux genie"]
)
def test_search_forgives_accents_case_and_order(cast: Cast, q: str) -> None:
    product = make_product(name="Civil 3D Génie")
    found = make_licence(
        cast.company, product=product, site=cast.site, contract_number="110-42424242"
    )
    make_licence(cast.company)

    # Ours see every park, and ask for it in another way.
    assert [queries.search(reader, q, 10) for reader in (cast.alice, cast.ines)] == [[found]] * 2


def test_q1_a_number_is_found_by_its_index_in_all_parks(cast: Cast) -> None:
    make_licence(cast.company)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as asked:
            queries.search(cast.ines, "110-42", 10)
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert [name for name in ("licence_searched", "site_named") if name not in plan] == []


@pytest.mark.parametrize("q", ["", "   ", "%", "_", "\\", "\x00", "x" * 10_000, "revit absent"])
def test_q2_search_that_means_nothing_finds_nothing(cast: Cast, q: str) -> None:
    make_licence(cast.company, product=make_product(name="Revit"))

    assert queries.search(cast.alice, q, 10) == []


def test_a2_search_finds_nothing_of_others(cast: Cast) -> None:
    make_licence(cast.other_company, product=make_product(name="Inventor"))

    assert queries.search(cast.alice, "inventor", 10) == []


def test_a1_what_a_company_holds_comes_with_its_places_in_one_query(cast: Cast) -> None:
    place = make_site(cast.company)
    make_licence(cast.company, site=place)
    make_perpetual_licence(cast.company)
    make_licence(cast.other_company, site=make_site(cast.other_company))
    licences = Licence.objects.filter(company=cast.company).select_related("product", "site")
    sites = Site.objects.filter(company=cast.company).order_by("name")

    with CaptureQueriesContext(connection) as captured:
        held, places = queries.held_by(cast.company)
        found = [(columns(row), columns(row.product), row.site) for row in held]

    assert len(captured) == 1
    assert found == [
        (columns(row), columns(row.product), row.site)
        for row in licences.order_by("product__name", "version", "pk")
    ]
    assert [columns(row) for row in places] == [columns(row) for row in sites]
    assert queries.held_by(make_company()) == ([], [])


def columns(row: Model) -> dict[str, object]:
    """What is stored of a row."""
    return {field.attname: vars(row)[field.attname] for field in row._meta.concrete_fields}


def test_s13_contract_on_a_day_includes_both_bounds() -> None:
    company = make_company()
    contract = make_contract(company, starts_on=DAY, ends_on=DAY)

    found = [queries.contract_on(company, DAY + timedelta(days=days)) for days in (-1, 0, 1)]

    assert found == [None, contract, None]


def test_p9_terms_give_the_table_of_the_level_in_force() -> None:
    level = make_service_level(targets=Targets((10, 20, 30), (60, 120, 180)))
    make_service_level_version(
        level, effective_from=DAY, targets=Targets((15, 45, 90), (240, 480, 960))
    )
    make_service_level_version(
        level, effective_from=DAY + timedelta(days=1), targets=Targets((1, 1, 1), (1, 1, 1))
    )
    company = make_company()
    make_contract(company, service_level=level)

    (terms,) = queries.terms([company], AT)

    assert [
        (row.severity, row.acknowledgement_minutes, row.resolution_minutes) for row in terms.targets
    ] == [
        (Severity.BLOCKING, 15, 240),
        (Severity.IMPAIRING, 45, 480),
        (Severity.INFORMATIONAL, 90, 960),
    ]


def test_s13_without_contract_the_charter_applies() -> None:
    company = make_company()
    over = make_contract(company, starts_on=date(2025, 1, 1), ends_on=DAY - timedelta(days=1))

    (terms,) = queries.terms([company], AT)

    assert (terms.contract, terms.last_contract, terms.service_level.code) == (None, over, "charte")
    assert terms.targets[0].acknowledgement_minutes == 30


def test_terms_of_a_level_without_version_have_no_table() -> None:
    company = make_company()
    level = make_service_level(effective_from=DAY + timedelta(days=1))
    contract = make_contract(company, service_level=level)

    (terms,) = queries.terms([company], AT)

    assert (terms.contract, terms.targets) == (contract, ())


def test_q1_terms_cost_the_same_for_one_and_three_companies() -> None:
    level = make_service_level()
    companies = [make_company() for _ in range(3)]
    for company in companies:
        make_contract(company, service_level=level)

    costs = []
    for chosen in (companies[:1], companies):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            queries.terms(chosen, AT)
        costs.append(len(captured))

    assert costs[0] == costs[1]


HOUR = timedelta(hours=1)
YESTERDAY = DAY - timedelta(days=1)


class Right(NamedTuple):
    """What entitles to a patch; the defaults are just enough."""

    licence_ends: date | None = DAY
    contract_ends: date | None = DAY
    published_at: datetime | None = AT
    withdrawn_at: datetime | None = None


@pytest.mark.parametrize(
    ("right", "offered"),
    [
        pytest.param(Right(), True, id="everything in force"),
        pytest.param(Right(licence_ends=None), True, id="perpetual licence"),
        pytest.param(Right(licence_ends=YESTERDAY), False, id="licence expired"),
        pytest.param(Right(contract_ends=YESTERDAY), False, id="support contract expired"),
        pytest.param(Right(contract_ends=None), False, id="no support contract"),
        pytest.param(Right(published_at=None), False, id="draft"),
        pytest.param(Right(published_at=AT + HOUR), False, id="published later"),
        pytest.param(Right(published_at=AT - HOUR, withdrawn_at=AT), False, id="withdrawn"),
        pytest.param(Right(withdrawn_at=AT + HOUR), True, id="withdrawn later"),
    ],
)
def test_a7_patch_is_offered_to_whom_is_entitled_now(
    cast: Cast, right: Right, offered: bool
) -> None:
    product = make_product()
    if right.licence_ends:
        make_licence(cast.company, product=product, ends_on=right.licence_ends)
    else:
        make_perpetual_licence(cast.company, product=product)
    if right.contract_ends:
        make_contract(cast.company, ends_on=right.contract_ends)
    make_patch(product, published_at=right.published_at, withdrawn_at=right.withdrawn_at)

    assert queries.patches(cast.alice, AT).exists() is offered


def test_a7_patch_of_another_product_is_not_offered(cast: Cast) -> None:
    make_licence(cast.company)
    make_contract(cast.company)
    make_patch(make_product())

    assert not queries.patches(cast.alice, AT).exists()


def test_a7_licence_and_contract_must_be_of_the_same_company() -> None:
    """One company has the licence, another the contract: neither is entitled."""
    holder, covered = make_company(), make_company()
    person = make_contact(holder)
    make_membership(person, covered)
    product = make_product()
    make_licence(holder, product=product)
    make_contract(covered)
    make_patch(product)

    assert not queries.patches(person, AT).exists()


def test_a7_patch_is_listed_once_for_two_licences(cast: Cast) -> None:
    product = make_product()
    for site in (cast.site, make_site(cast.company)):
        make_licence(cast.company, product=product, site=site)
    make_contract(cast.company)
    patch = make_patch(product)

    assert list(queries.patches(cast.alice, AT)) == [patch]


def test_ours_see_the_patches_on_offer(cast: Cast) -> None:
    patch = make_patch(make_product())
    make_patch(make_product(), published_at=None)

    assert list(queries.patches(cast.ines, AT)) == [patch]
