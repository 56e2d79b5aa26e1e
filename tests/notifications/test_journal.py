"""Where our people read what became of each mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from notifications import operations, sender
from notifications.admin import RESEND_MAX, DeliveryAdmin
from notifications.enums import DeliveryState
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10
from tests.notifications.smtp_stub import FaultyServer

pytestmark = pytest.mark.django_db


def register_of(cast: Cast) -> str:
    ticket = declared(cast.alice)
    sender.deliver_pending(at=TUESDAY_10 + timedelta(seconds=2))
    tag = Template("{% load deliveries %}{% mail_register ticket %}")
    return tag.render(Context({"ticket": ticket}))


def test_p5_the_register_proves_that_a_mail_left(cast: Cast, server: FaultyServer) -> None:
    page = register_of(cast)
    parts = (
        "Incident déclaré",
        "alice@acier.test",
        "Accepté par le serveur",
        "127.0.0.1\u00a0: 250 2.0.0 pris",
    )
    assert [part for part in parts if part not in page] == []


def test_p5_the_register_shows_a_refusal(cast: Cast, server: FaultyServer) -> None:
    server.at_rcpt["alice@acier.test"] = ["550 5.1.1 inconnu"]
    page = register_of(cast)
    assert ("Refusé par le serveur" in page, "550 5.1.1 inconnu" in page) == (True, True)


@pytest.mark.parametrize(
    ("role", "views"), [("ines", True), ("marc", True), ("adele", True), ("alice", False)]
)
def test_j1_our_people_read_the_journal_and_nobody_writes_it(
    role: str, views: bool, cast: Cast
) -> None:
    request = RequestFactory().get("/")
    person: User = getattr(cast, role)
    request.user = person
    journal = DeliveryAdmin(Delivery, site)
    rights = [
        journal.has_view_permission(request),
        journal.has_add_permission(request),
        journal.has_change_permission(request),
        journal.has_delete_permission(request),
    ]
    assert rights == [views, False, False, False]


def test_b4_the_journal_never_shows_the_text_of_a_mail() -> None:
    assert set(DeliveryAdmin.fields).isdisjoint({"body_text", "body_html"})


def test_the_filters_of_the_journal_begin_with_a_capital(cast: Cast) -> None:
    request = RequestFactory().get("/")
    request.user = cast.adele
    changelist = DeliveryAdmin(Delivery, site).get_changelist_instance(request)
    shown = [choice["display"] for choice in changelist.filter_specs[0].choices(changelist)]
    assert shown[1:3] == ["Au prochain récapitulatif", "À envoyer"]


# --- searching ------------------------------------------------------------------------------------


LIST = "admin:notifications_delivery_changelist"


def found(cast: Cast, query: str) -> list[str]:
    request = RequestFactory().get("/", {"q": query})
    request.user = cast.ines
    changelist = DeliveryAdmin(Delivery, site).get_changelist_instance(request)
    return sorted(row.address for row in changelist.get_queryset(request))


def test_e18_a_mail_is_found_by_incident_address_or_identifier(cast: Cast) -> None:
    ticket = declared(cast.alice)
    declared(cast.bob)
    row = Delivery.objects.get(recipient=cast.alice)
    queries = (ticket.reference, ticket.reference.lower(), "ALICE@acier", row.message_id)
    assert [found(cast, query) for query in queries] == [["alice@acier.test"]] * 4


def test_e18_two_words_narrow_the_search(cast: Cast) -> None:
    ticket = declared(cast.alice)
    assert found(cast, f"{ticket.reference} bob@") == []


@pytest.mark.parametrize("query", ["\x00", "INC-", "<", "%", "@", "'"])
def test_d5_no_search_breaks_the_journal(query: str, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ines)
    assert client.get(reverse(LIST), {"q": query}).status_code == 200


def test_q1_the_journal_costs_the_same_however_many_it_shows(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for person in (cast.alice, cast.bob, cast.charlie):
        declared(person)
    client = Client()
    client.force_login(cast.ines)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(5):
        client.get(reverse(LIST))


# --- sending again in bulk ------------------------------------------------------------------------


def refuse(*people: User) -> list[Delivery]:
    """A receipt of each, that the server refused."""
    for person in people:
        declared(person)
    for row in Delivery.objects.all():
        operations.mark_refused(delivery=row, address=row.address, answer="550 5.1.1")
    return list(Delivery.objects.order_by("address"))


def bulk(person: User, rows: list[Delivery], **data: str) -> str:
    client = Client()
    client.force_login(person)
    chosen = {"action": "resend", "_selected_action": [str(row.pk) for row in rows], **data}
    return client.post(reverse(LIST), chosen, follow=True).content.decode()


def confirmed(person: User, rows: list[Delivery]) -> str:
    return bulk(person, rows, confirmed="1", **{f"seen-{row.pk}": "0" for row in rows})


def test_e17_the_preview_says_what_leaves_and_what_stays_and_writes_nothing(cast: Cast) -> None:
    rows = refuse(cast.alice, cast.bob)
    Membership.objects.filter(user=cast.bob).update(is_active=False)
    page = bulk(cast.ines, rows)
    told = ("1\u00a0e-mail repartira", "1\u00a0e-mail ne sera pas renvoyé", "n’a plus accès")
    assert [text for text in told if text not in page] == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.REFUSED}


def test_e17_the_allowed_leave_and_each_refused_is_named_with_its_reason(cast: Cast) -> None:
    rows = refuse(cast.alice, cast.bob)
    Membership.objects.filter(user=cast.bob).update(is_active=False)
    page = confirmed(cast.ines, rows)
    assert ("1\u00a0e-mail repart." in page, "bob@acier.test\u00a0: " in page) == (True, True)
    assert list(Delivery.objects.order_by("address").values_list("state", flat=True)) == [
        DeliveryState.QUEUED,
        DeliveryState.REFUSED,
    ]


def test_g3_what_a_colleague_sent_again_meanwhile_is_named(cast: Cast) -> None:
    rows = refuse(cast.alice)
    confirmed(cast.marc, rows)
    operations.mark_refused(delivery=rows[0], address=rows[0].address, answer="550 5.1.1")
    assert "Quelqu’un a déjà renvoyé cet e-mail" in confirmed(cast.ines, rows)


def test_b4_an_account_mail_whose_secret_is_wiped_is_not_sent_again(cast: Cast) -> None:
    [row] = refuse(cast.alice)
    Delivery.objects.update(event=None)
    assert "pouvait contenir un lien secret" in bulk(cast.ines, [row])


def test_an_answer_of_the_closed_mailbox_is_not_called_an_account_mail(cast: Cast) -> None:
    row = Delivery.objects.create(
        address="alice@acier.test", message_id="<reponse@portail>", is_answer=True,
        created_at=TUESDAY_10, state=DeliveryState.REFUSED,
    )  # fmt: skip
    assert "répondra d’elle-même" in bulk(cast.ines, [row])


def test_e17_more_than_can_be_read_are_refused_whole(cast: Cast) -> None:
    refuse(cast.alice)
    Delivery.objects.bulk_create(
        Delivery(address="a@b.test", message_id=f"<{n}@x>", created_at=TUESDAY_10,
                 state=DeliveryState.REFUSED)
        for n in range(RESEND_MAX)
    )  # fmt: skip
    page = bulk(cast.ines, list(Delivery.objects.all()))
    assert f"Choisissez {RESEND_MAX} e-mails au plus" in page
