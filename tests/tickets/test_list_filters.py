"""The filters of the customers’ list: what each keeps, wrong ones, the ones of the last visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import make_company, make_membership, make_site, make_user
from tests.factories.cast import Cast
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import filters, operations
from tickets.enums import Status, Turn
from tickets.models import Ticket
from tickets.queries.customer import Filters
from tickets.views.remembered import COOKIE

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


def ask(client: Client, query: str = "") -> Page:
    response = client.get(f"/incidents/{query}")
    assert response.status_code == 200
    return response


def titles(response: Page) -> list[str]:
    return [line.title for line in response.context["lines"]]


def declare(cast: Cast, title: str, requester: User | None = None, **facts: object) -> Ticket:
    return make_ticket(
        company=cast.company, requester=requester or cast.alice, title=title,
        **facts,  # type: ignore[arg-type]  # the factory's own keywords
    )  # fmt: skip


# --- what each keeps ------------------------------------------------------------------------------


@pytest.fixture
def years(cast: Cast) -> Cast:
    """One incident of each age; it is Tuesday 15 September 2026."""
    for title, received in (
        ("Hier", datetime(2026, 9, 14, 8, tzinfo=UTC)),
        # Sunday night in Paris, and the first instant of Monday.
        ("Dimanche", datetime(2026, 9, 13, 21, 59, tzinfo=UTC)),
        ("Lundi minuit", datetime(2026, 9, 13, 22, tzinfo=UTC)),
        ("Août", datetime(2026, 8, 20, 8, tzinfo=UTC)),
        ("Juillet", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("Mars", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("An passé", datetime(2025, 11, 3, 8, tzinfo=UTC)),
    ):
        declare(cast, title, at=received)
    return cast


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?periode=semaine", ["Hier", "Lundi minuit"]),
        ("?periode=30j", ["Hier", "Lundi minuit", "Dimanche", "Août"]),
        ("?periode=trimestre", ["Hier", "Lundi minuit", "Dimanche", "Août", "Juillet"]),
        ("?periode=annee", ["Hier", "Lundi minuit", "Dimanche", "Août", "Juillet", "Mars"]),
        ("?du=2026-07-01&au=2026-08-20", ["Août", "Juillet"]),
        ("?du=2026-09-14", ["Hier", "Lundi minuit"]),
        ("?au=2026-03-02", ["Mars", "An passé"]),
        # Dates say it more exactly than a period.
        ("?periode=semaine&du=2026-08-01&au=2026-08-31", ["Août"]),
    ],
)
def test_a_period_is_counted_in_days_of_paris(years: Cast, query: str, expected: list[str]) -> None:
    assert titles(ask(signed_in(years.alice), query)) == expected


def test_the_site_filter_offers_the_companys_sites_only(cast: Cast) -> None:
    second = make_site(cast.company, name="Siège de Lyon")
    declare(cast, "À l’usine", site=cast.site)
    declare(cast, "Au siège", site=second)
    client = signed_in(cast.alice)
    offered = body(ask(client, "?filtres=1"))
    assert "Usine de Vénissieux" in offered
    assert f'value="{cast.other_site.pk}"' not in offered
    assert titles(ask(client, f"?site={second.pk}")) == ["Au siège"]


def test_a_referent_filters_by_who_declared(cast: Cast) -> None:
    declare(cast, "D’Alice")
    declare(cast, "De Bob", cast.bob)
    client = signed_in(cast.rejane)
    assert titles(ask(client, f"?de={cast.bob.pk}")) == ["De Bob"]
    assert "Déclarés par\u00a0: Bob" in body(ask(client, f"?de={cast.bob.pk}"))


def test_a5_people_who_have_not_come_yet_are_not_offered(cast: Cast) -> None:
    waiting = make_membership(make_user(first_name="Zoé"), cast.company)
    waiting.awaiting_since = NOW
    waiting.save()
    client = signed_in(cast.rejane)
    assert "Zoé" not in body(ask(client, "?filtres=1"))
    assert "n’est pas de votre société" in text(ask(client, f"?de={waiting.user_id}"))


def test_by_next_deadline_shows_open_incidents_the_nearest_first(cast: Cast) -> None:
    declare(cast, "Tard", at=TUESDAY_10)
    declare(cast, "Tôt", at=TUESDAY_10 - timedelta(minutes=30))
    over = declare(cast, "Annulé")
    operations.cancel(ticket_id=over.pk, actor=cast.alice, reason="Rien", at=NOW)
    response = ask(signed_in(cast.alice), "?tri=echeance")
    assert titles(response) == ["Tôt", "Tard"]
    assert "Statut\u00a0: Ouverts" in body(response)


@pytest.mark.parametrize("words", ["{n}", "n° {n}", "N°{n}", "INC-2026-{n}", "2026-{n}", "{n:0>6}"])
def test_c43_a_number_finds_its_incident_whatever_way_it_is_written(cast: Cast, words: str) -> None:
    wanted = declare(cast, "Celui-ci")
    number = int(wanted.reference[-6:])
    other = declare(cast, "Un numéro qui contient le sien")
    Ticket.objects.filter(pk=other.pk).update(reference=f"INC-2026-{number * 10:06d}")
    query = words.format(n=str(number))
    assert titles(ask(signed_in(cast.alice), f"?q={quote(query)}")) == ["Celui-ci"]


def test_c43_a_year_is_looked_for_in_titles_not_in_every_number(cast: Cast) -> None:
    declare(cast, "Revit 2026 se ferme")
    declare(cast, "Inventor se ferme")
    assert titles(ask(signed_in(cast.alice), "?q=2026+ferme")) == ["Revit 2026 se ferme"]


# --- reading an address ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Filters()),
        ("q=a+b", Filters(text="a b")),
        ("q=" + "x" * 5_000, Filters(text="x" * 100)),
        ("tour=yours&statut=resolved", Filters(turn=Turn.YOURS, statuses=(Status.RESOLVED,))),
        ("criticite=blocking", Filters(severity=Severity.BLOCKING)),
        ("produit=0&criticite=high&tour=&statut=Déclaré", Filters()),
        ("produit=abc&produit=1%20OR%201", Filters()),
        ("de=moi", Filters()),
    ],
)
def test_a3_an_address_is_read_value_by_value(cast: Cast, query: str, expected: Filters) -> None:
    asked = filters.read(
        QueryDict(query), person=cast.alice, companies=[cast.company], shows_all=False, at=NOW
    )
    assert asked.filters == expected


def test_the_persons_filter_is_for_those_who_see_others_incidents(cast: Cast) -> None:
    asked = filters.read(
        QueryDict("de=moi"), person=cast.rejane, companies=[cast.company], shows_all=True, at=NOW
    )
    assert asked.filters == Filters(requester_id=cast.rejane.pk)


# --- wrong values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?statut=xx", "Le filtre « Statut » demande une valeur inconnue : il n’est pas appliqué."),
        ("?criticite=urgent", "Le filtre « Criticité » demande une valeur inconnue"),
        ("?tour=xx", "Le filtre « À qui le tour » demande une valeur inconnue"),
        ("?produit=999999", "Ce logiciel n’est pas, ou n’est plus, dans votre parc"),
        ("?produit=%27+OR+1%3D1--", "Ce logiciel n’est pas, ou n’est plus, dans votre parc"),
        ("?site=0", "Ce site n’est pas, ou n’est plus, l’un des vôtres"),
        ("?de=moi", "Le filtre « Déclarés par » demande une valeur inconnue"),
        ("?periode=siecle", "Le filtre « Reçus » demande une valeur inconnue"),
        ("?du=2026-02-31", "« Reçus du » n’est pas une date du calendrier"),
        ("?au=9999-12-31", "« Reçus au » n’est pas une date du calendrier"),
        ("?du=0001-01-01", "« Reçus du » n’est pas une date du calendrier"),
        ("?du=2026-09-02&au=2026-09-01", "La période finit avant de commencer"),
        ("?tri=titre", "Le filtre « Ordre » demande une valeur inconnue"),
        ("?q=a%00b", "caractère nul"),
    ],
)
def test_a3_a_wrong_value_is_said_and_the_list_still_shown(
    cast: Cast, query: str, sentence: str
) -> None:
    declare(cast, "À moi")
    response = ask(signed_in(cast.alice), query)
    assert sentence in text(response)
    assert titles(response) == ["À moi"]


def test_a2_another_companys_product_site_and_people_are_unknown(cast: Cast) -> None:
    licence = make_licence(cast.other_company, product=make_product(name="Ailleurs"))
    declare(cast, "À moi")
    client = signed_in(cast.rejane)
    for query in (
        f"?produit={licence.product_id}", f"?site={cast.other_site.pk}", f"?de={cast.charlie.pk}",
    ):  # fmt: skip
        response = ask(client, query)
        assert titles(response) == ["À moi"]
        assert "Charlie" not in body(response)
        assert "Ailleurs" not in body(response)


# --- what holds, in words -------------------------------------------------------------------------


def test_each_filter_that_holds_is_said_and_can_be_taken_away(cast: Cast) -> None:
    declare(cast, "Figé")
    shown = body(ask(signed_in(cast.alice), "?q=fige&statut=ouverts&du=2026-09-01"))
    assert "Texte\u00a0: «\u00a0fige\u00a0»" in shown
    assert 'href="?statut=ouverts&amp;du=2026-09-01"' in shown
    assert 'href="?q=fige&amp;du=2026-09-01"' in shown
    assert "Reçus du\u00a0: mar.\u00a01er\u00a0sept. 2026" in shown


def test_an_empty_result_offers_to_take_each_filter_away(cast: Cast) -> None:
    declare(cast, "Figé")
    shown = main_text(ask(signed_in(cast.alice), "?q=introuvable&statut=closed"))
    assert "Aucun incident ne correspond à ces filtres" in shown
    assert "Texte : « introuvable »" in shown
    assert "Statut : Clos" in shown
    assert "Voir tous les incidents" in shown


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?tour=yours", "Rien ne vous attend"),
        ("?tour=ours", "Aucun incident en cours chez nous"),
        ("?tour=nobody", "Aucun incident terminé"),
    ],
)
def test_an_empty_tab_says_what_will_stand_there(cast: Cast, query: str, sentence: str) -> None:
    assert sentence in main_text(ask(signed_in(cast.alice), query))


def test_the_other_filters_come_only_when_wanted(cast: Cast) -> None:
    client = signed_in(cast.rejane)
    assert 'id="id_produit"' not in body(ask(client))
    assert 'hx-get="/incidents/?filtres=1"' in body(ask(client))
    assert 'id="id_criticite"' in body(ask(client, "?filtres=1"))
    assert 'id="id_criticite"' in body(ask(client, "?criticite=blocking"))


# --- the filters of the last visit ----------------------------------------------------------------


@pytest.fixture
def two(cast: Cast) -> Cast:
    declare(cast, "Éclairage figé")
    declare(cast, "Vault perdu")
    return cast


def test_c21_coming_back_shows_the_last_filters_and_says_so(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    response = ask(client)
    assert titles(response) == ["Vault perdu"]
    assert "Vos derniers filtres sont repris." in text(response)
    assert 'href="?tout=1"' in body(response)


def test_c21_everything_is_shown_again_and_stays_so(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    assert len(titles(ask(client, "?tout=1"))) == 2
    response = ask(client)
    assert len(titles(response)) == 2
    assert "repris" not in text(response)


def test_a_form_sent_empty_forgets_too(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    ask(client, "?q=&statut=")
    assert len(titles(ask(client))) == 2


def test_another_page_is_not_the_last_filters(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    assert len(titles(ask(client, "?page=1"))) == 2


def test_an_address_with_filters_wins_over_the_last_ones(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    assert titles(ask(client, "?q=fige")) == ["Éclairage figé"]


def test_the_filters_of_somebody_else_are_forgotten(two: Cast) -> None:
    client = signed_in(two.alice)
    ask(client, "?q=vault")
    client.force_login(two.rejane)
    response = ask(client)
    assert len(titles(response)) == 2
    assert response.cookies[COOKIE]["max-age"] == 0


def test_a3_a_saved_product_that_is_gone_is_said_once_then_forgotten(cast: Cast) -> None:
    licence = make_licence(cast.company, product=make_product(name="Revit"))
    declare(cast, "À moi", product=licence.product)
    client = signed_in(cast.alice)
    ask(client, f"?produit={licence.product_id}")
    licence.delete()
    response = ask(client)
    assert titles(response) == ["À moi"]
    assert "n’est plus, dans votre parc" in text(response)
    assert "n’est plus, dans votre parc" not in text(ask(client))


def test_the_cookie_is_the_browsers_own_and_of_these_pages_only(two: Cast) -> None:
    cookie = ask(signed_in(two.alice), "?q=vault").cookies[COOKIE]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/incidents/")


@pytest.mark.parametrize(
    "value",
    [
        "", ".", "{pk}", "{pk}.", "{pk}.%00", "{pk}.q=%FF%FE", "{pk}.q%3Dvault%26_connector%3DOR",
        "{pk}." + "x" * 5_000, "{pk}.produit%3D999999", "{pk}.page%3D1e9", "{pk}.statut%3Dxx",
        "999999.q%3Dvault", "{pk}" * 100,
    ],
)  # fmt: skip
def test_a3_a_made_up_cookie_is_read_like_any_address(two: Cast, value: str) -> None:
    client = signed_in(two.alice)
    client.cookies[COOKIE] = value.format(pk=two.alice.pk)
    assert set(titles(ask(client))) <= {"Éclairage figé", "Vault perdu"}


def test_k4_a_stranger_is_given_no_cookie(client: Client, db: None) -> None:
    assert COOKIE not in client.get("/incidents/?q=vault").cookies


# --- several companies ----------------------------------------------------------------------------


def test_c9_lines_name_their_company_when_several_are_shown(cast: Cast) -> None:
    second = make_company(name="Atelier Nord")
    make_membership(cast.alice, second)
    declare(cast, "Chez Acier")
    make_ticket(company=second, requester=cast.alice, title="Au Nord")
    client = signed_in(cast.alice)
    shown = main_text(ask(client))
    assert "Acier & Fils" in shown
    assert "Atelier Nord" in shown
    client.post("/compte/societe/", {"company": second.pk})
    assert titles(ask(client)) == ["Au Nord"]


def test_c9_sites_of_several_companies_are_told_apart(cast: Cast) -> None:
    second = make_company(name="Atelier Nord")
    make_membership(cast.alice, second)
    make_site(second, name="Siège")
    shown = body(ask(signed_in(cast.alice), "?filtres=1"))
    assert "Siège (Atelier Nord)" in shown
    assert "Usine de Vénissieux (Acier &amp; Fils)" in shown


def test_statuses_have_each_their_filter(cast: Cast) -> None:
    shown = body(ask(signed_in(cast.alice), "?filtres=1"))
    assert all(f'<option value="{status.value}">' in shown for status in Status)
