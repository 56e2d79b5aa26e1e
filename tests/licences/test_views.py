"""The pages: /licences/, /licences/<id>/, /telechargements/."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from foundation.wording import NBSP
from licences.forms import ParkFilter
from licences.models import Licence
from tests.factories.accounts import make_membership, make_site
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_contract, make_licence, make_patch, make_product
from tests.factories.sla import Targets, make_service_level

pytestmark = pytest.mark.django_db

PARK = "/licences/"
DOWNLOADS = "/telechargements/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, url: str) -> str:
    """The page, its spaces made plain."""
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().replace(NBSP, " "))


def today() -> date:
    return timezone.localdate()


@pytest.mark.parametrize("url", [PARK, "/licences/1/", DOWNLOADS])
def test_p1_pages_are_behind_the_login(client: Client, url: str) -> None:
    response = client.get(url)

    assert (response.status_code, response["Location"].split("?")[0]) == (
        302,
        reverse(settings.LOGIN_URL),
    )


@pytest.mark.parametrize("url", [PARK, DOWNLOADS])
def test_k4_pages_are_kept_by_nobody(cast: Cast, url: str) -> None:
    assert signed_in(cast.alice).get(url)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("url", [PARK, "/licences/1/", DOWNLOADS])
def test_k2_pages_take_no_post(cast: Cast, url: str) -> None:
    assert signed_in(cast.alice).post(url).status_code == 405


def test_p9_park_shows_what_is_held(cast: Cast) -> None:
    make_licence(
        cast.company,
        product=make_product(name="Revit"),
        site=cast.site,
        version="2027",
        seats=12,
        contract_number="110-00000042",
        ends_on=today() + timedelta(days=20),
    )

    page = read(signed_in(cast.alice), PARK)

    for text in ("Revit", "2027", "12", "110-00000042", cast.site.name, "expire dans 20 jours"):
        assert text in page


def test_p9_park_shows_the_contract_with_its_deadlines(cast: Cast) -> None:
    level = make_service_level(name="Sérénité", targets=Targets((30, 60, 120), (240, 540, 1620)))
    make_contract(cast.company, number="CS-042", service_level=level)

    page = read(signed_in(cast.alice), PARK)

    for text in ("CS-042", "Sérénité", "Bloquant", "30 min", "4 h", "27 h"):
        assert text in page


def test_s13_without_contract_one_is_told_whom_to_contact(cast: Cast) -> None:
    page = read(signed_in(cast.alice), PARK)

    assert f"mailto:{settings.RENEWAL_CONTACT}" in page
    assert "Aucun contrat de support n’est enregistré" in page


def test_s13_an_expired_contract_is_named_with_its_end(cast: Cast) -> None:
    make_contract(
        cast.company, number="CS-OLD", starts_on=date(2020, 1, 1), ends_on=date(2024, 4, 1)
    )

    page = read(signed_in(cast.alice), PARK)

    assert "CS-OLD a pris fin le lun. 1er avr. 2024" in re.sub(r"<[^>]+>", "", page)


def test_empty_park_says_what_to_do(cast: Cast) -> None:
    assert "Aucune licence n’est enregistrée" in read(signed_in(cast.alice), PARK)


def test_filters_keep_what_matches_and_stay_in_the_address(cast: Cast) -> None:
    revit, inventor = make_product(name="Revit"), make_product(name="Inventor")
    make_licence(cast.company, product=revit, contract_number="N-REVIT")
    make_licence(cast.company, product=inventor, contract_number="N-INVENTOR")

    page = read(signed_in(cast.alice), f"{PARK}?produit={revit.pk}")

    assert ("N-REVIT" in page, "N-INVENTOR" in page) == (True, False)
    assert f'<option value="{revit.pk}" selected>' in page


def test_filter_by_site(cast: Cast) -> None:
    make_licence(cast.company, site=cast.site, contract_number="N-ICI")
    make_licence(cast.company, site=make_site(cast.company), contract_number="N-AILLEURS")

    page = read(signed_in(cast.alice), f"{PARK}?site={cast.site.pk}")

    assert ("N-ICI" in page, "N-AILLEURS" in page) == (True, False)


def test_filter_by_state(cast: Cast) -> None:
    make_licence(cast.company, contract_number="N-ACTIVE")
    make_licence(
        cast.company,
        contract_number="N-EXPIREE",
        starts_on=date(2020, 1, 1),
        ends_on=date(2021, 1, 1),
    )

    page = read(signed_in(cast.alice), f"{PARK}?etat=expired")

    assert ("N-EXPIREE" in page, "N-ACTIVE" in page) == (True, False)


def test_filter_without_result_offers_the_whole_park(cast: Cast) -> None:
    make_licence(cast.company)

    page = read(signed_in(cast.alice), f"{PARK}?etat=expired")

    assert "Aucune licence ne correspond" in page
    assert f'href="{PARK}"' in page


def test_park_follows_the_company_switch(cast: Cast) -> None:
    make_membership(cast.alice, cast.other_company)
    make_licence(cast.company, contract_number="N-ACIER")
    make_licence(cast.other_company, contract_number="N-BETON")
    client = signed_in(cast.alice)
    session = client.session
    session["company"] = cast.other_company.pk
    session.save()

    page = read(client, PARK)

    assert ("N-BETON" in page, "N-ACIER" in page) == (True, False)


HOSTILE = [
    "_connector=OR",
    "company__members__password__startswith=a",
    "order_by=password",
    "company=1",
    "societe=abc",
    "produit=1%20OR%201=1",
    "produit=99999999999999999999999",
    "produit=%00",
    "site=-1",
    "etat=__class__",
    "page[]=1",
    "%F0%28%8C%28=x",
]


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("url", [PARK, DOWNLOADS])
def test_a3_unknown_keys_and_values_are_ignored(cast: Cast, url: str, query: str) -> None:
    product = make_product()
    make_licence(cast.company, product=product)
    make_contract(cast.company)
    make_patch(product, published_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = signed_in(cast.alice)

    plain, hostile = client.get(url), client.get(f"{url}?{query}")

    assert list(hostile.context["page_obj"]) == list(plain.context["page_obj"])


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [("1", 1), ("2", 2), ("3", 2), ("1000000000", 2), ("1e9", 1), ("-1", 2), ("x", 1), ("", 1)],
)
def test_q1_page_numbers_are_clamped(cast: Cast, wanted: str, shown: int) -> None:
    product = make_product()
    Licence.objects.bulk_create(
        Licence(
            company=cast.company,
            product=product,
            kind="perpetual",
            version="2027",
            seats=1,
            contract_number=f"N-{number}",
            starts_on=date(2026, 1, 1),
        )
        for number in range(51)
    )

    response = signed_in(cast.alice).get(PARK, {"page": wanted})

    assert response.context["page_obj"].number == shown


def _cost(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", [PARK, DOWNLOADS])
def test_q1_pages_cost_the_same_for_one_and_three_rows(cast: Cast, url: str) -> None:
    make_contract(cast.company)
    client = signed_in(cast.alice)
    costs = []
    for number in (1, 2):
        for _ in range(number):
            product = make_product()
            make_licence(cast.company, product=product, site=make_site(cast.company))
            make_patch(product)
        costs.append(_cost(client, url))

    assert costs[0] == costs[1]
    assert costs[0] <= 15


def test_licence_shows_its_facts_and_its_contract(cast: Cast) -> None:
    make_contract(cast.company, number="CS-042")
    licence = make_licence(
        cast.company, product=make_product(name="Revit"), contract_number="110-00000042", seats=12
    )

    page = read(signed_in(cast.alice), f"{PARK}{licence.pk}/")

    for text in ("Revit 2027", "110-00000042", "Abonnement", "CS-042"):
        assert text in page


def _without_token(body: bytes) -> bytes:
    """The token against forged requests is masked anew on each page."""
    return re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', b"", body)


def test_a1_a_foreign_licence_is_a_missing_one(cast: Cast) -> None:
    licence = make_licence(cast.company)
    client = signed_in(cast.charlie)

    foreign = client.get(f"{PARK}{licence.pk}/")
    missing = client.get(f"{PARK}{licence.pk + 1000}/")

    assert (foreign.status_code, _without_token(foreign.content), foreign.headers) == (
        404,
        _without_token(missing.content),
        missing.headers,
    )


def test_a1_a_number_past_any_key_is_a_missing_licence(cast: Cast) -> None:
    assert signed_in(cast.alice).get(f"{PARK}{10**30}/").status_code == 404


def test_ours_read_any_licence(cast: Cast) -> None:
    licence = make_licence(cast.company)

    assert signed_in(cast.ines).get(f"{PARK}{licence.pk}/").status_code == 200


def test_ours_read_the_park_of_all(cast: Cast) -> None:
    make_licence(cast.company, contract_number="N-ACIER")
    make_licence(cast.other_company, contract_number="N-BETON")

    page = read(signed_in(cast.ines), f"{PARK}?societe={cast.other_company.pk}")

    assert ("N-BETON" in page, "N-ACIER" in page) == (True, False)


def test_p3_downloads_show_what_a_patch_is(cast: Cast) -> None:
    product = make_product(name="Revit")
    make_licence(cast.company, product=product)
    make_contract(cast.company)
    patch = make_patch(
        product, title="Correctif 1", version="2027.1", notes="Fermez <b>Revit</b> d’abord."
    )

    page = read(signed_in(cast.alice), DOWNLOADS)

    for text in (
        "Revit",
        "Correctif 1",
        "version 2027.1",
        "Fermez &lt;b&gt;Revit&lt;/b&gt; d’abord.",
        "1,4 Mo",
        patch.file.sha256,
        f"/fichiers/{patch.file_id}/",
        "lun. 1er juin 2026",
    ):
        assert text in page


def test_downloads_say_that_a_contract_is_needed(cast: Cast) -> None:
    page = read(signed_in(cast.alice), DOWNLOADS)

    assert "Acier &amp; Fils n’a pas de contrat de support en cours" in page
    assert "Aucun correctif à télécharger" in page


def test_downloads_by_product(cast: Cast) -> None:
    make_contract(cast.company)
    patches = []
    for _ in range(2):
        product = make_product()
        make_licence(cast.company, product=product)
        patches.append(make_patch(product))

    response = signed_in(cast.alice).get(DOWNLOADS, {"produit": str(patches[0].product_id)})

    assert list(response.context["page_obj"]) == [patches[0]]


def test_the_states_of_the_filter_begin_with_a_capital(cast: Cast) -> None:
    form = ParkFilter(QueryDict(), Licence.objects.all())
    labels = [str(label) for _value, label in form.fields["etat"].choices]  # type: ignore[attr-defined]  # a ChoiceField
    assert labels == [
        "Tous les états", "Active", "Expire bientôt", "Expirée", "Pas encore commencée",
    ]  # fmt: skip
