"""S13: the contract, service level and calendar that a company is promised on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licences.queries import contract_on
from sla.models import ServiceLevelVersion
from sla.queries import NoVersion, default_service_level, versions_on
from tests.factories.accounts import make_company
from tests.factories.cast import Cast
from tests.factories.licences import make_contract
from tests.factories.sla import make_service_level, make_service_level_version
from tests.factories.tickets import TUESDAY_10
from tickets.clocks import terms_for

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
DAY = timedelta(days=1)


def test_s13_terms_are_those_of_the_contract_in_force_in_one_query(cast: Cast) -> None:
    level = make_service_level()
    latest = make_service_level_version(level, effective_from=TODAY)
    make_service_level_version(level, effective_from=TODAY + DAY)
    make_contract(cast.company, service_level=make_service_level(), ends_on=TODAY - DAY)
    contract = make_contract(cast.company, service_level=level, starts_on=TODAY)
    make_contract(cast.other_company, service_level=level)
    terms_for(cast.company, TUESDAY_10)

    with CaptureQueriesContext(connection) as captured:
        terms = terms_for(cast.company, TUESDAY_10)
        named = terms.contract and (terms.contract.number, str(terms.version.service_level))

    assert len(captured) == 1
    assert (terms.contract, terms.version) == (contract, latest)
    assert named == (contract.number, level.name)
    assert (terms.contract, terms.version, terms.calendar) == (
        contract_on(cast.company, TODAY), *versions_on(level, TODAY),
    )  # fmt: skip


def test_s13_without_a_contract_in_force_the_charter_s_own_level_holds(cast: Cast) -> None:
    make_contract(cast.company, service_level=make_service_level(), ends_on=TODAY - DAY)
    make_contract(cast.other_company, service_level=make_service_level())
    for company in (cast.company, make_company()):
        terms = terms_for(company, TUESDAY_10)
        assert terms.contract is None
        assert terms.version.service_level == default_service_level()


def test_s13_a_contract_whose_level_has_no_version_never_falls_back_to_the_charter(
    cast: Cast,
) -> None:
    level = make_service_level(effective_from=TODAY + DAY)
    make_contract(cast.company, service_level=level)
    with pytest.raises(NoVersion, match=level.name):
        terms_for(cast.company, TUESDAY_10)


def test_s13_a_gap_of_the_charter_is_named(cast: Cast) -> None:
    ServiceLevelVersion.objects.filter(service_level=default_service_level()).delete()
    with pytest.raises(NoVersion, match="n’est pas défini à cette date"):
        terms_for(cast.company, TUESDAY_10)
