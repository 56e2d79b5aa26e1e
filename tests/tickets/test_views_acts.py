"""What customers do on an incident: answer, accept, refuse, reopen, cancel, people in copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.licences import make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tests.tickets.snapshot import rows_of_everything
from tickets import operations
from tickets.enums import Act, Side, Status
from tickets.lifecycle import allowed
from tickets.models import Attachment, Ticket

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=40)
LATER = NOW - timedelta(minutes=10)
AFTER_THE_WINDOW = TUESDAY_10 + timedelta(days=20)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    revit = make_product(name="Revit")
    make_licence(cast.company, product=revit)
    return make_ticket(company=cast.company, requester=cast.alice, product=revit)


def bring_to(cast: Cast, ticket: Ticket, status: Status) -> Ticket:
    """The incident in a status, by the operations that lead there."""
    start = TUESDAY_10 + timedelta(minutes=5)
    facts: dict[str, Any] = {"ticket_id": ticket.pk, "actor": cast.ines}
    if status is Status.CANCELLED:
        operations.cancel(**facts, reason="Doublon", at=start)
    elif status is not Status.DECLARED:
        operations.acknowledge(**facts, at=start)
    if status is Status.WAITING_CUSTOMER:
        operations.wait_for_customer(**facts, reason="Journal", until=None, at=start)
    if status is Status.WAITING_VENDOR:
        operations.wait_for_vendor(**facts, reason="Autodesk", until=None, at=start)
    if status in {Status.RESOLVED, Status.CLOSED}:
        operations.resolve(**facts, solution="Fait.", at=start)
    if status is Status.CLOSED:
        operations.accept(ticket_id=ticket.pk, actor=cast.alice, at=start)
    return Ticket.objects.get(pk=ticket.pk)


def act(client: Client, ticket: Ticket, name: str, /, **data: Any) -> Page:
    data.setdefault("form_token", str(uuid4()))
    address = f"{ticket.get_absolute_url()}{name}/"
    return client.post(address, data)


def status_of(ticket: Ticket) -> Status:
    return Ticket.objects.get(pk=ticket.pk).state


# --- messages ----------------------------------------------------------------------------------


def test_a_message_is_stored_and_the_page_is_shown_again(alice: Client, ticket: Ticket) -> None:
    response = act(alice, ticket, "message", body="Une précision.")
    assert (response.status_code, response["Location"]) == (302, ticket.get_absolute_url())
    assert [row.body for row in ticket.messages.all()][1:] == ["Une précision."]
    assert "Message envoyé." in text(alice.get(ticket.get_absolute_url()))


def test_s6_an_answer_ends_the_wait(cast: Cast, alice: Client, ticket: Ticket) -> None:
    bring_to(cast, ticket, Status.WAITING_CUSTOMER)
    act(alice, ticket, "message", body="Voici le journal.")
    assert status_of(ticket) is Status.IN_PROGRESS


def test_s6_a_file_alone_is_an_answer(cast: Cast, alice: Client, ticket: Ticket) -> None:
    bring_to(cast, ticket, Status.WAITING_CUSTOMER)
    act(alice, ticket, "message", uploads=[SimpleUploadedFile("journal.pdf", PDF)])
    assert status_of(ticket) is Status.IN_PROGRESS
    assert Attachment.objects.get(message__ticket=ticket).file.name == "journal.pdf"


def test_a_person_in_copy_may_answer(cast: Cast, ticket: Ticket) -> None:
    operations.add_copy(ticket_id=ticket.pk, actor=cast.alice, user=cast.bob, at=LATER)
    act(signed_in(cast.bob), ticket, "message", body="Chez moi aussi.")
    assert ticket.messages.filter(author=cast.bob).exists()


def test_sending_a_message_twice_stores_it_once(alice: Client, ticket: Ticket) -> None:
    token = str(uuid4())
    for _attempt in range(2):
        assert act(alice, ticket, "message", body="Une fois", form_token=token).status_code == 302
    assert ticket.messages.filter(body="Une fois").count() == 1


def test_another_text_in_a_form_that_was_sent_is_another_message(
    alice: Client, ticket: Ticket
) -> None:
    token = str(uuid4())
    for words in ("Une fois", "Autre chose", "Autre  chose", "Une fois"):
        act(alice, ticket, "message", body=words, form_token=token)
    said = ticket.messages.exclude(form_token=ticket.form_token).order_by("pk")
    assert list(said.values_list("body", flat=True))[-2:] == ["Une fois", "Autre chose"]


def test_one_token_on_two_incidents_makes_two_messages(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    other = make_ticket(company=cast.company, requester=cast.alice, product=ticket.product)
    token = str(uuid4())
    for found in (ticket, other):
        act(alice, found, "message", body="Bonjour", form_token=token)
        assert found.messages.filter(body="Bonjour").count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"body": ""}, "Écrivez un message ou joignez un fichier."),
        ({"body": "x" * 50_001}, "trop long : 50 001 caractères, pour 50 000 au plus"),
        ({"body": "a\x00b"}, "caractère nul"),
    ],
)
def test_a6_a_message_that_cannot_be_sent_writes_nothing_and_comes_back(
    alice: Client, ticket: Ticket, typed: dict[str, str], sentence: str
) -> None:
    before = rows_of_everything()
    response = act(alice, ticket, "message", **typed)
    assert sentence in text(response)
    assert typed["body"].replace("\x00", "\x00") in body(response)
    assert rows_of_everything() == before


def test_c3_a_refused_file_keeps_the_text_and_the_good_file(alice: Client, ticket: Ticket) -> None:
    files = [SimpleUploadedFile("plan.pdf", PDF), SimpleUploadedFile("vide.pdf", b"")]
    token = str(uuid4())
    response = act(alice, ticket, "message", body="Voici.", uploads=files, form_token=token)
    shown = text(response)
    assert "vide.pdf » est vide" in shown
    assert "Déjà reçus, ils seront joints plan.pdf" in shown
    assert "Voici." in body(response)
    act(alice, ticket, "message", body="Voici.", form_token=token)
    assert [row.file.name for row in Attachment.objects.filter(message__ticket=ticket)] == [
        "plan.pdf"
    ]


def test_the_page_tells_the_browser_once_that_the_draft_is_taken(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    act(alice, ticket, "message", body="Envoyé")
    mark = f'data-taken="{cast.alice.pk}-{ticket.reference}"'
    assert mark in body(alice.get(ticket.get_absolute_url()))
    assert mark not in body(alice.get(ticket.get_absolute_url()))


# --- the end of an incident --------------------------------------------------------------------


def test_accepting_closes(cast: Cast, alice: Client, ticket: Ticket) -> None:
    bring_to(cast, ticket, Status.RESOLVED)
    assert "Accepter la solution" in main_text(alice.get(ticket.get_absolute_url()))
    act(alice, ticket, "accepter", cycle=1)
    assert status_of(ticket) is Status.CLOSED


def test_g4_a_solution_that_changed_meanwhile_is_not_accepted(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    bring_to(cast, ticket, Status.RESOLVED)
    operations.reopen(ticket_id=ticket.pk, actor=cast.rejane, reason="Non", at=LATER)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Autre.", at=LATER)
    before = rows_of_everything()
    response = act(alice, ticket, "accepter", cycle=1)
    assert response.status_code == 409
    assert "relisez la solution avant de l’accepter" in text(response)
    assert rows_of_everything() == before


@pytest.mark.parametrize("cycle", ["", "x", "99999999999999999999"])
def test_accepting_without_saying_what_is_refused(
    cast: Cast, alice: Client, ticket: Ticket, cycle: str
) -> None:
    bring_to(cast, ticket, Status.RESOLVED)
    act(alice, ticket, "accepter", cycle=cycle)
    assert status_of(ticket) is Status.RESOLVED


@pytest.mark.parametrize(
    ("name", "status"), [("refuser", Status.RESOLVED), ("rouvrir", Status.CLOSED)]
)
def test_s9_refusing_and_reopening_start_a_new_cycle(
    cast: Cast, alice: Client, ticket: Ticket, name: str, status: Status
) -> None:
    bring_to(cast, ticket, status)
    act(alice, ticket, name, reason="Toujours en panne.")
    reopened = Ticket.objects.get(pk=ticket.pk)
    assert (reopened.state, reopened.cycle) == (Status.DECLARED, 2)
    assert "Toujours en panne." in main_text(alice.get(ticket.get_absolute_url()))


@pytest.mark.parametrize(
    ("name", "status"),
    [("refuser", Status.RESOLVED), ("rouvrir", Status.CLOSED), ("annuler", Status.DECLARED)],
)
def test_a6_without_a_reason_nothing_happens(
    cast: Cast, alice: Client, ticket: Ticket, name: str, status: Status
) -> None:
    bring_to(cast, ticket, status)
    before = rows_of_everything()
    response = act(alice, ticket, name, reason="  ")
    assert "Dites pourquoi" in text(response)
    assert rows_of_everything() == before


def test_s9_after_the_window_the_page_offers_a_follow_up(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    bring_to(cast, ticket, Status.CLOSED)
    with at(AFTER_THE_WINDOW):
        client = signed_in(cast.alice)
        shown = client.get(ticket.get_absolute_url())
        refused = act(client, ticket, "rouvrir", reason="C’est revenu.")
    assert "Déclarer la suite" in main_text(shown)
    assert f"suite={ticket.reference}" in body(shown)
    assert refused.status_code == 409
    assert "Le délai de réouverture s’est terminé" in text(refused)
    # What was typed is not lost: it can go as a message.
    assert "C’est revenu.</textarea>" in body(refused)
    assert status_of(ticket) is Status.CLOSED


def test_cancelling_while_declared(alice: Client, ticket: Ticket) -> None:
    act(alice, ticket, "annuler", reason="Le câble était débranché.")
    assert status_of(ticket) is Status.CANCELLED


def test_sending_a_reason_twice_acts_once(cast: Cast, alice: Client, ticket: Ticket) -> None:
    bring_to(cast, ticket, Status.RESOLVED)
    token = str(uuid4())
    for _attempt in range(2):
        response = act(alice, ticket, "refuser", reason="Non.", form_token=token)
        assert response.status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).cycle == 2


# --- what the table does not allow (G2) ---------------------------------------------------------

_ACTS: dict[str, tuple[Act, dict[str, Any]]] = {
    "accepter": (Act.ACCEPT, {"cycle": 1}),
    "refuser": (Act.REOPEN, {"reason": "Parce que."}),
    "rouvrir": (Act.REOPEN, {"reason": "Parce que."}),
    "annuler": (Act.CANCEL, {"reason": "Parce que."}),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("name", _ACTS)
def test_g2_an_act_is_done_or_refused_with_a_sentence(
    cast: Cast, alice: Client, ticket: Ticket, name: str, status: Status
) -> None:
    kind, typed = _ACTS[name]
    bring_to(cast, ticket, status)
    before = rows_of_everything()
    response = act(alice, ticket, name, **typed)
    if allowed(status, kind, Side.CUSTOMER):
        assert response.status_code == 302
        return
    assert response.status_code == 409
    assert f"n’est pas possible : l’incident est « {status.label} »" in text(response)
    assert rows_of_everything() == before


@pytest.mark.parametrize("name", ["message", *_ACTS, "copies"])
def test_g1_fields_that_no_form_has_are_ignored(
    cast: Cast, alice: Client, ticket: Ticket, name: str
) -> None:
    extra = {
        "severity": Severity.BLOCKING, "status": "closed", "company": cast.other_company.pk,
        "assignee": cast.bob.pk, "author": cast.bob.pk, "side": "engineer", "is_internal": "1",
        "written_at": "2020-01-01", "at": "2020-01-01", "acknowledged_at": "2020-01-01",
        "is_private": "1", "requester": cast.bob.pk, "origin": "demo", "cycle": "7",
        "ticket": "1", "ticket_id": "1", "actor": cast.bob.pk, "told_of_all": "1",
    }  # fmt: skip
    bring_to(cast, ticket, Status.IN_PROGRESS)
    before = Ticket.objects.filter(pk=ticket.pk).values().get()
    act(alice, ticket, name, **extra, body="Bonjour", reason="Oui", person=cast.bob.pk)
    after = Ticket.objects.filter(pk=ticket.pk).values().get()
    moving = {"last_sequence", "last_hash", "last_event_at", "next_check_at"}
    assert {key: value for key, value in after.items() if key not in moving} == {
        key: value for key, value in before.items() if key not in moving
    }
    assert {(row.author, row.side) for row in ticket.messages.all()} == {
        (cast.alice, Side.CUSTOMER)
    }


@pytest.mark.parametrize("name", ["message", *_ACTS, "copies"])
def test_k2_getting_an_act_goes_back_to_the_page_and_writes_nothing(
    alice: Client, ticket: Ticket, name: str
) -> None:
    before = rows_of_everything()
    response = alice.get(f"{ticket.get_absolute_url()}{name}/")
    assert (response.status_code, response["Location"]) == (302, ticket.get_absolute_url())
    assert rows_of_everything() == before


def test_k2_without_its_token_a_post_is_refused(cast: Cast, ticket: Ticket) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    assert act(client, ticket, "annuler", reason="x").status_code == 403
    assert status_of(ticket) is Status.DECLARED


# --- people in copy ----------------------------------------------------------------------------


def test_a_colleague_is_put_in_copy_and_taken_out(
    cast: Cast, alice: Client, ticket: Ticket
) -> None:
    act(alice, ticket, "copies", person=cast.bob.pk)
    assert "Vous avez mis Bob" in main_text(alice.get(ticket.get_absolute_url()))
    assert signed_in(cast.bob).get(ticket.get_absolute_url()).status_code == 200
    act(alice, ticket, "copies", person=cast.bob.pk, removed="1")
    assert signed_in(cast.bob).get(ticket.get_absolute_url()).status_code == 404


_STRANGERS: dict[str, Callable[[Cast], object]] = {
    "another company": lambda cast: cast.charlie.pk,
    "staff": lambda cast: cast.ines.pk,
    "nobody": lambda cast: "",
    "words": lambda cast: "x' OR 1=1",
}


@pytest.mark.parametrize("who", _STRANGERS)
def test_a1_nobody_else_can_be_put_in_copy(
    cast: Cast, alice: Client, ticket: Ticket, who: str
) -> None:
    before = rows_of_everything()
    response = act(alice, ticket, "copies", person=_STRANGERS[who](cast))
    assert response.status_code == 200
    assert cast.charlie.full_name not in text(response)
    assert rows_of_everything() == before
