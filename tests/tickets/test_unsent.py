"""A form posted after its session had ended: said on the sign-in page, shown again as typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import unsent
from accounts.models import User
from licences.models import Product
from tests.accounts.browser import sign_in
from tests.factories.accounts import make_site
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, text
from tickets import operations
from tickets.models import Message, Note, Ticket

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"
KEPT = "Votre session a expiré : rien n’a été envoyé. Reconnectez-vous, votre texte vous attend."
BACK = "Votre session avait expiré : rien n’a été envoyé."


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(TUESDAY_10):
        yield


@pytest.fixture
def revit(cast: Cast) -> Product:
    product = make_product(name="Revit")
    make_licence(cast.company, product=product)
    make_licence(cast.company, product=make_product(name="Inventor"))
    make_site(cast.company, name="Atelier")
    return product


def filled(cast: Cast, revit: Product, **changes: Any) -> dict[str, Any]:
    return {
        "product": revit.pk,
        "severity": "blocking",
        "title": "Revit se ferme",
        "body": "Depuis ce matin.",
        "site": cast.site.pk,
        "copies": [cast.bob.pk],
        "form_token": str(uuid4()),
        unsent.MARK: unsent.mark(cast.alice),
        **changes,
    }


def post_then_sign_in(client: Client, path: str, data: dict[str, Any], user: User) -> Any:
    """The page that somebody reads after a post without session and the sign-in it asks for."""
    asked = client.post(path, data)
    login, _, query = asked["Location"].partition("?")
    assert login == reverse("account_login")
    back = sign_in(client, user, QUERY_STRING=query)
    return client.get(back["Location"], follow=True)


def test_the_sign_in_page_says_that_nothing_was_sent(cast: Cast, revit: Product) -> None:
    page = Client().post(DECLARE, filled(cast, revit), follow=True)
    assert (KEPT in text(page), Ticket.objects.count()) == (True, 0)


def test_a_post_without_a_mark_says_so_too_and_leaves_no_trace(cast: Cast, revit: Product) -> None:
    page = Client().post(DECLARE, {"title": "x"}, follow=True)
    assert "Votre session a expiré : rien n’a été envoyé." in text(page)
    assert Session.objects.count() == 0


@pytest.mark.parametrize("forged", ["1:x:y", "", "a" * 5_000])
def test_a_forged_mark_keeps_nothing(cast: Cast, revit: Product, forged: str) -> None:
    Client().post(DECLARE, filled(cast, revit, **{unsent.MARK: forged}))
    assert Session.objects.count() == 0


def test_the_declaration_comes_back_with_all_that_was_typed(cast: Cast, revit: Product) -> None:
    data = filled(cast, revit)
    page = post_then_sign_in(Client(), DECLARE, data, cast.alice)
    html = body(page)
    kept = [
        f'<option value="{revit.pk}" selected>Revit' in html,
        'value="blocking" id="id_severity_0" checked' in html,
        'value="Revit se ferme"' in html,
        "Depuis ce matin.</textarea>" in html,
        f'<option value="{cast.site.pk}" selected>' in html,
        f'name="copies" value="{cast.bob.pk}"' in html,
        data["form_token"] in html,
        BACK in text(page),
    ]
    assert kept == [True] * 8
    assert "checked" in html.split(f'name="copies" value="{cast.bob.pk}"')[1][:60]


def test_what_came_back_is_sent_once_and_then_forgotten(cast: Cast, revit: Product) -> None:
    client, data = Client(), filled(cast, revit)
    post_then_sign_in(client, DECLARE, data, cast.alice)
    client.post(DECLARE, data)
    assert Ticket.objects.count() == 1
    assert BACK not in text(client.get(DECLARE))
    assert not client.session.get(unsent.MARK)


def test_a_reload_loses_nothing(cast: Cast, revit: Product) -> None:
    client = Client()
    post_then_sign_in(client, DECLARE, filled(cast, revit), cast.alice)
    assert "Depuis ce matin.</textarea>" in body(client.get(DECLARE))


def test_nobody_else_reads_what_was_typed(cast: Cast, revit: Product) -> None:
    page = post_then_sign_in(Client(), DECLARE, filled(cast, revit), cast.bob)
    assert (page.status_code, "Depuis ce matin." in body(page)) == (200, False)


def test_after_a_day_it_is_gone(cast: Cast, revit: Product) -> None:
    client = Client()
    post_then_sign_in(client, DECLARE, filled(cast, revit), cast.alice)
    kept = client.session
    for row in kept[unsent.MARK].values():
        row["at"] = (TUESDAY_10 - timedelta(days=1, minutes=1)).isoformat()
    kept.save()
    assert "Depuis ce matin." not in body(client.get(DECLARE))


def test_a_text_too_long_for_a_session_stays_in_the_browser(cast: Cast, revit: Product) -> None:
    data = filled(cast, revit, body="x" * (unsent.CHARACTERS_MAX + 1))
    page = Client().post(DECLARE, data, follow=True)
    assert (KEPT in text(page), Session.objects.count()) == (False, 0)


def test_the_files_of_that_post_are_to_be_joined_again(cast: Cast, revit: Product) -> None:
    data = filled(cast, revit, uploads=SimpleUploadedFile("plan.pdf", PDF))
    page = post_then_sign_in(Client(), DECLARE, data, cast.alice)
    assert "Les fichiers choisis sont à joindre de nouveau." in text(page)


@pytest.mark.parametrize(
    ("act", "field"), [("message", "body"), ("annuler", "reason"), ("rouvrir", "reason")]
)
def test_an_answer_or_a_reason_comes_back(cast: Cast, act: str, field: str) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    data = {
        field: "Toujours pareil.",
        "form_token": str(uuid4()),
        unsent.MARK: unsent.mark(cast.alice),
    }
    page = post_then_sign_in(Client(), f"{ticket.get_absolute_url()}{act}/", data, cast.alice)
    assert "Toujours pareil.</textarea>" in body(page)
    assert BACK in main_text(page)


def test_a_reason_to_reopen_never_comes_back_as_a_reason_to_cancel(cast: Cast) -> None:
    """An incident reopened meanwhile only offers to be cancelled: the text becomes a message."""
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    client = Client()
    client.force_login(cast.alice)
    data = {"reason": "Toujours là.", "form_token": str(uuid4())}
    page = body(client.post(f"{ticket.get_absolute_url()}refuser/", data))
    cancel, reply = page.split('id="repondre"')
    assert ("Toujours là." in cancel.split("annuler/")[1], "Toujours là." in reply) == (False, True)


def test_every_form_of_the_customer_carries_its_mark(cast: Cast, revit: Product) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    client = Client()
    client.force_login(cast.alice)
    assert body(client.get(DECLARE)).count('name="unsent"') == 1
    # Answering, cancelling.
    assert body(client.get(ticket.get_absolute_url())).count('name="unsent"') == 2
    for asking in ("escalate", "ask_severity"):
        page = client.get(reverse(f"tickets:{asking}", args=[ticket.reference]))
        assert body(page).count('name="unsent"') == 1


# --- the desk -----------------------------------------------------------------------------------


def test_an_engineers_note_comes_back_in_its_own_pane(cast: Cast) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    page = reverse("desk:ticket", args=[ticket.reference])
    data = {
        "body": "Voir le journal.",
        "form_token": str(uuid4()),
        unsent.MARK: unsent.mark(cast.ines, page),
    }
    shown = post_then_sign_in(Client(), f"{page}note/", data, cast.ines)
    html = body(shown)
    assert "Voir le journal.</textarea>" in html.split('class="write write-note')[1]
    assert (Note.objects.count(), Message.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("assign", {"note": "TAPÉ", "assignee": "1"}),
        ("requalify", {"reason": "TAPÉ", "severity": "blocking"}),
        ("correct", {"reason": "TAPÉ", "acknowledged_at": "2026-09-15T09:50:00"}),
        ("attach", {"number": "TAPÉ"}),
        ("correct-product", {"reason": "TAPÉ"}),
        ("log-call", {"body": "TAPÉ", "began_at": "2026-09-15T09:50:00"}),
    ],
)
def test_what_the_desk_typed_in_a_fold_comes_back_open(
    cast: Cast, act: str, typed: dict[str, str]
) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    page = reverse("desk:ticket", args=[ticket.reference])
    fold = Client()
    fold.force_login(cast.marc)
    form = body(fold.get(reverse("desk:pane", args=[ticket.reference, act])))
    mark = form.split('name="unsent" value="')[1].split('"')[0]
    data = {**typed, "form_token": str(uuid4()), unsent.MARK: mark}
    path = reverse(f"desk:{act}", args=[ticket.reference])
    shown = post_then_sign_in(Client(), path, data, cast.marc)
    assert shown.request["PATH_INFO"] == page
    assert all(value in body(shown) for value in typed.values())
    assert BACK in text(shown)


def test_the_reason_to_undo_a_merge_comes_back(cast: Cast) -> None:
    first, into = (make_ticket(company=cast.company, requester=cast.alice) for _ in range(2))
    for ticket in (first, into):
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.merge(
        ticket_id=first.pk, into_id=into.pk, actor=cast.ines, reason="Le même.", at=TUESDAY_10
    )
    desk = Client()
    desk.force_login(cast.ines)
    fold = body(desk.get(reverse("desk:ticket", args=[first.reference]))).split(
        "annuler-la-fusion/"
    )
    mark = fold[1].split('name="unsent" value="')[1].split('"')[0]
    path = reverse("desk:unmerge", args=[first.reference])
    page = post_then_sign_in(Client(), path, {"reason": "TAPÉ", unsent.MARK: mark}, cast.ines)
    assert "TAPÉ</textarea>" in body(page)


def test_the_second_subject_comes_back_on_its_own_page_alone(cast: Cast) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    path = reverse("desk:split", args=[ticket.reference])
    data = {"title": "L’imprimante", "body": "TAPÉ", unsent.MARK: unsent.mark(cast.ines, path)}
    client = Client()
    page = post_then_sign_in(client, path, data, cast.ines)
    assert ("TAPÉ" in body(page), BACK in text(page)) == (True, True)
    assert BACK not in text(client.get(reverse("desk:ticket", args=[ticket.reference])))


def test_an_act_on_several_comes_back_with_its_incidents(cast: Cast) -> None:
    tickets = [make_ticket(company=cast.company, requester=cast.alice) for _ in range(2)]
    names = [ticket.reference for ticket in tickets]
    data = {"ticket": names, "acte": "annuler", "reason": "TAPÉ", "form_token": str(uuid4()),
            "queue": "q=panne", unsent.MARK: unsent.mark(cast.ines)}  # fmt: skip
    client, path = Client(), reverse("desk:bulk")
    page = post_then_sign_in(client, path, data, cast.ines)
    kept = (*names, "TAPÉ", 'href="/admin/?q=panne"')
    assert [part for part in kept if part not in body(page)] == []
    assert BACK in text(page)
    client.post(path, data)
    assert BACK not in text(client.get(path))


def test_a_call_comes_back_for_the_same_caller(cast: Cast, revit: Product) -> None:
    member = cast.alice.memberships.get()
    client = Client()
    client.force_login(cast.ines)
    form = body(client.get(reverse("desk:call"), {"appelant": member.pk}))
    mark = form.split('name="unsent" value="')[1].split('"')[0]
    data = {
        "appelant": member.pk, "title": "Appel perdu", "body": "Il rappelle.", "product": revit.pk,
        "severity": "blocking", "began_at": "2026-09-15T09:50", "form_token": str(uuid4()),
        unsent.MARK: mark,
    }  # fmt: skip
    page = post_then_sign_in(Client(), reverse("desk:call"), data, cast.ines)
    assert ("Appel perdu" in body(page), BACK in text(page)) == (True, True)


def test_an_act_forgets_only_its_own_form(cast: Cast) -> None:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    client, url = Client(), ticket.get_absolute_url()
    data = {"body": "Un mot.", "form_token": str(uuid4()), unsent.MARK: unsent.mark(cast.alice)}
    client.post(f"{url}message/", data)
    post_then_sign_in(client, DECLARE, {**data, "body": "Autre."}, cast.alice)
    client.post(f"{url}message/", data)
    assert list(client.session[unsent.MARK]) == [DECLARE]
