"""Saved views of the queue (E16): a filter with a name, one's own or the desk's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import make_engineer, make_manager
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.test_desk_queue import signed_in
from tickets.models import SavedView
from tickets.operations import saved_views
from tickets.operations.saved_views import NameTaken, NotTheirs, TooManyViews
from tickets.queries.saved_views import SHOWN_MAX, views_of

pytestmark = pytest.mark.django_db


def save(
    owner: User, name: str = "Le matin", *, is_shared: bool = False, **asked: str
) -> SavedView:
    return saved_views.save_view(
        actor=owner, at=TUESDAY_10, name=name, asked=asked, is_shared=is_shared
    )


def page_of(client: Client, view: SavedView) -> str:
    return client.get(f"/admin/?vue={view.pk}").content.decode()


def test_e16_a_filter_is_kept_under_a_name_and_opened_again() -> None:
    client = signed_in(make_engineer())
    kept = make_ticket(severity=Severity.BLOCKING, title="À voir d’abord")
    other = make_ticket(severity=Severity.INFORMATIONAL, title="Sans urgence")
    posted = {"name": "Bloquants", "asked": "?criticite=blocking&onglet=a-prendre&o=password"}
    answer = client.post(reverse("desk:views"), posted)
    view = SavedView.objects.get()
    assert answer["Location"] == f"/admin/?vue={view.pk}"
    assert view.asked == {"onglet": "a-prendre", "criticite": "blocking"}
    page = page_of(client, view)
    assert kept.title in page
    assert other.title not in page


def test_e16_a_view_is_its_owners_until_it_is_shared() -> None:
    view = save(make_engineer(), criticite="blocking")
    colleague = signed_in(make_engineer())
    assert "n’existe pas, ou n’est plus partagée avec vous" in page_of(colleague, view)
    SavedView.objects.update(is_shared=True)
    page = page_of(colleague, view)
    assert "n’existe pas, ou" not in page
    assert "Le matin" in page


def test_e16_ones_own_views_stand_first_however_many_the_desk_shares() -> None:
    mine, colleagues = make_engineer(), [make_engineer(), make_engineer()]
    for number in range(SHOWN_MAX):
        save(colleagues[number % 2], f"A {number:03d}", is_shared=True)
    save(mine, "Z à moi", is_shared=True)
    save(mine, "Y à moi")
    assert [view.name for view in views_of(mine)[:3]] == ["Y à moi", "Z à moi", "A 000"]


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "%00", "²"])
def test_a3_a_wrong_view_shows_the_whole_queue_and_says_so(number: str) -> None:
    ticket = make_ticket()
    page = signed_in(make_engineer()).get(f"/admin/?vue={number}").content.decode()
    assert "Cette vue n’existe pas" in page
    assert ticket.reference in page


def test_e16_a_filter_that_is_gone_is_said_and_the_rest_is_applied() -> None:
    engineer, product = make_engineer(), make_product(name="Disparu")
    kept = make_ticket(severity=Severity.BLOCKING)
    other = make_ticket(severity=Severity.INFORMATIONAL)
    view = save(
        engineer, criticite="blocking", produit=str(product.pk), tour="ours", ingenieur="999999"
    )
    product.delete()
    page = page_of(signed_in(engineer), view)
    assert "Ce produit n’existe pas, ou plus" in page
    assert "Cette personne ne fait pas, ou plus, partie du support" in page
    assert "Un filtre de cette vue n’existe plus" in page
    assert "Le reste de la vue «\u00a0Le matin\u00a0» est appliqué." in page
    assert "Criticité\u00a0: Bloquant" in page
    assert kept.reference in page
    assert other.reference not in page


def test_e16_the_page_of_views_says_how_many_each_finds() -> None:
    engineer = make_engineer()
    make_ticket(severity=Severity.BLOCKING)
    make_ticket(severity=Severity.BLOCKING)
    save(engineer, criticite="blocking")
    save(engineer, "Introuvables", q="introuvable")
    page = signed_in(engineer).get(reverse("desk:views")).content.decode()
    assert 'Le matin</a> <span class="tab-count">2</span>' in page
    assert 'Introuvables</a> <span class="tab-count">0</span>' in page


def test_a_name_serves_once_for_a_person_whatever_its_capitals() -> None:
    engineer = make_engineer()
    save(engineer)
    with pytest.raises(NameTaken):
        save(engineer, "LE MATIN")
    save(make_engineer())


def test_what_was_typed_of_a_refused_name_is_kept() -> None:
    engineer = make_engineer()
    save(engineer)
    posted = {"name": "Le matin", "asked": "?q=revit", "is_shared": "on"}
    answer = signed_in(engineer).post(reverse("desk:views"), posted)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Une vue porte déjà le nom" in page
    assert 'value="?q=revit"' in page
    assert 'value="Le matin"' in page


def test_nobody_keeps_more_views_than_they_can_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "VIEWS_MAX", 1)
    engineer = make_engineer()
    save(engineer)
    with pytest.raises(TooManyViews):
        save(engineer, "Le soir")


def test_an_engineer_changes_no_view_of_another() -> None:
    view = save(make_engineer(), is_shared=True)
    colleague = make_engineer()
    with pytest.raises(NotTheirs):
        saved_views.delete_view(actor=colleague, at=TUESDAY_10, view_id=view.pk)
    client = signed_in(colleague)
    assert client.post(reverse("desk:view", args=[view.pk]), {"name": "Pris"}).status_code == 404
    assert client.post(reverse("desk:view-delete", args=[view.pk])).status_code == 404


def test_a_manager_keeps_the_shared_views_of_others_only() -> None:
    engineer, manager = make_engineer(), make_manager()
    shared, own = save(engineer, is_shared=True), save(engineer, "Le soir")
    saved_views.delete_view(actor=manager, at=TUESDAY_10, view_id=shared.pk)
    with pytest.raises(NotTheirs):
        saved_views.delete_view(actor=manager, at=TUESDAY_10, view_id=own.pk)
    assert SavedView.objects.get() == own


def test_an_owner_renames_shares_and_deletes() -> None:
    engineer = make_engineer()
    view, client = save(engineer), signed_in(engineer)
    client.post(reverse("desk:view", args=[view.pk]), {"name": "Le midi", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Le midi", True)
    client.post(reverse("desk:view-delete", args=[view.pk]))
    assert not SavedView.objects.exists()
