"""The park in the admin: when a licence ends, and how one is found."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10
from tests.tickets.pages import at, main_text, signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
ENDS = {
    "VIEUX": -1, "JOUR": 0, "MOIS": 30, "TRIMESTRE": 31, "FIN": 90, "LOIN": 91,
}  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def _park(cast: Cast) -> None:
    product = make_product(name="Revit")
    for version, days in ENDS.items():
        make_licence(
            cast.company, product=product, version=version, ends_on=TODAY + timedelta(days=days)
        )
    make_licence(cast.other_company, product=make_product(name="Tekla"), version="SANS")


@pytest.mark.usefixtures("_park")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("passee", {"VIEUX"}),
        ("30", {"JOUR", "MOIS"}),
        ("90", {"JOUR", "MOIS", "TRIMESTRE", "FIN"}),
        ("apres", {"LOIN", "SANS"}),
        ("autre", {*ENDS, "SANS"}),
    ],
)
def test_p9_licences_are_filtered_by_their_end(cast: Cast, wanted: str, found: set[str]) -> None:
    assert shown(cast, echeance=wanted) == found


@pytest.mark.usefixtures("_park")
@pytest.mark.parametrize(
    ("words", "found"),
    [("béton", {"SANS"}), ("BETON tekla", {"SANS"}), ("acier revit", set(ENDS)),
     ("acier tekla", set())],
)  # fmt: skip
def test_p9_a_licence_is_found_by_company_and_product(
    cast: Cast, words: str, found: set[str]
) -> None:
    assert shown(cast, q=words) == found


def shown(cast: Cast, **query: str) -> set[str]:
    with at(TUESDAY_10):
        page = signed_in(cast.ines).get(reverse("admin:licences_licence_changelist"), query)
    words = main_text(page).split()
    return {version for version in {*ENDS, "SANS"} if version in words}
