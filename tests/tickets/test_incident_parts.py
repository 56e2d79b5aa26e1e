"""A long thread in parts, ledgers on demand, colleagues by name, the file on paper."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, User
from tests.factories.accounts import make_contact, make_engineer
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import operations
from tickets.models import Ticket
from tickets.queries.page import STEPS_SHOWN
from tickets.queries.people import COLLEAGUES_SHOWN

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=40)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return make_ticket(company=cast.company, requester=cast.alice)


def say(ticket: Ticket, who: User, words: str, minutes: float = 30) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=who, body=words, form_token=uuid4(),
        at=TUESDAY_10 + timedelta(minutes=minutes),
    )  # fmt: skip


def part(client: Client, ticket: Ticket, name: str) -> Page:
    return client.get(f"{ticket.get_absolute_url()}{name}", **HTMX)


# --- a long thread -----------------------------------------------------------------------------


def chat(cast: Cast, ticket: Ticket, number: int, words: str = "") -> None:
    for turn in range(number):
        say(ticket, (cast.alice, cast.ines)[turn % 2], f"n° {turn} {words}", 10 + turn / 60)


def test_q1_five_hundred_messages_make_a_page_of_the_same_size_and_cost(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    alice.get(ticket.get_absolute_url())
    words, counts = "Toujours la même chose après le redémarrage du poste. " * 5, []
    for number in (60, 440):
        chat(cast, ticket, number, words)
        with CaptureQueriesContext(connection) as captured:
            response = alice.get(ticket.get_absolute_url())
        counts.append(len(captured))
        assert len(response.content) < 60_000
    assert counts[0] == counts[1] <= 12
    shown = main_text(response)
    assert "Afficher les 461 précédents" in shown
    # The declaration stays above what is folded away.
    assert shown.index("Vous avez déclaré l’incident") < shown.index("Afficher les 461")


def test_what_is_folded_away_comes_in_parts(cast: Cast, ticket: Ticket, alice: Client) -> None:
    chat(cast, ticket, 2 * STEPS_SHOWN + 10)
    first = alice.get(ticket.get_absolute_url()).context["page"]
    assert first.between == STEPS_SHOWN + 10
    seen = [step.text for step in first.steps]
    edge, between = first.steps[0].entry.sequence, first.between
    while between:
        context = part(alice, ticket, f"precedents/?avant={edge}").context
        seen = [step.text for step in context["steps"]] + seen
        edge, between = context["steps"][0].entry.sequence, context["between"]
    assert seen == [f"n° {turn} " for turn in range(2 * STEPS_SHOWN + 10)]


def test_without_javascript_the_whole_thread_is_one_click_away(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    chat(cast, ticket, 60)
    shown = body(alice.get(ticket.get_absolute_url()))
    assert f'href="{ticket.get_absolute_url()}?fil=entier#e-' in shown
    whole = alice.get(f"{ticket.get_absolute_url()}?fil=entier")
    assert len(whole.context["page"].steps) == 61
    assert "entry-between" in shown
    assert "entry-between" not in body(whole)


@pytest.mark.parametrize("edge", ["", "x", "-1", "9" * 40, "²", "1\x00"])
def test_a3_an_edge_that_nobody_wrote_leads_back_to_the_page(
    ticket: Ticket, alice: Client, edge: str
) -> None:
    response = alice.get(f"{ticket.get_absolute_url()}precedents/", {"avant": edge})
    assert (response.status_code, response["Location"]) == (302, ticket.get_absolute_url())


def test_q1_long_texts_are_folded_sooner(cast: Cast, ticket: Ticket, alice: Client) -> None:
    for number in range(20):
        say(ticket, cast.alice, f"n° {number} " + "journal " * 500, 10 + number / 60)
    page = alice.get(ticket.get_absolute_url())
    assert len(page.content) < 60_000
    assert page.context["page"].between + len(page.context["page"].steps) == 20


def test_a_day_is_said_once_above_its_steps(cast: Cast, ticket: Ticket, alice: Client) -> None:
    say(ticket, cast.alice, "Le même jour")
    say(ticket, cast.alice, "Le lendemain", 60 * 24)
    with at(TUESDAY_10 + timedelta(days=2)):
        steps = signed_in(cast.alice).get(ticket.get_absolute_url()).context["page"].steps
    assert [step.day.replace("\u00a0", " ") for step in steps] == [
        "mar. 15 sept. 2026", "", "mer. 16 sept. 2026",
    ]  # fmt: skip


def test_who_says_with_role_and_agency(cast: Cast, ticket: Ticket) -> None:
    say(ticket, cast.ines, "Bonjour")
    say(ticket, cast.alice, "Merci")
    steps = signed_in(cast.rejane).get(ticket.get_absolute_url()).context["page"].steps
    assert [(step.sentence, step.role) for step in steps[1:]] == [
        (cast.ines.full_name, "support, agence de Lyon"),
        (cast.alice.full_name, "demandeur"),
    ]


# --- who handles it ----------------------------------------------------------------------------


def test_s11_an_absence_says_until_when_and_who_stands_in(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    hugo = make_engineer(first_name="Hugo", agency=cast.agency)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    absence = Absence.objects.create(
        engineer=cast.ines, substitute=hugo, starts_on="2026-09-14", ends_on="2026-09-18"
    )
    shown = main_text(alice.get(ticket.get_absolute_url()))
    assert f"Absence jusqu’au ven. 18 sept. inclus. Remplacement : {hugo}." in shown
    absence.substitute = None
    absence.save()
    assert "L’équipe de l’agence prend le relais." in main_text(
        alice.get(ticket.get_absolute_url())
    )
    with at(TUESDAY_10 + timedelta(days=6)):
        assert "Absence" not in main_text(signed_in(cast.alice).get(ticket.get_absolute_url()))


# --- ledgers -----------------------------------------------------------------------------------


def test_s15_a_fold_fetches_the_ledger_of_its_promise(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    page = alice.get(ticket.get_absolute_url())
    assert '<ol class="ledger"' not in body(page)
    pk = page.context["page"].clocks[1].commitment.pk
    response = part(alice, ticket, f"engagements/?engagement={pk}")
    assert body(response).count('<ol class="ledger"') == 1
    assert "<main" not in body(response)
    other = make_ticket(company=cast.company, requester=cast.alice)
    foreign = other.commitments.get(kind="resolution").pk
    for unknown in (foreign, "x", "", 0):
        assert part(alice, ticket, f"engagements/?engagement={unknown}").status_code == 404


# --- colleagues --------------------------------------------------------------------------------


def test_c8_a_colleague_is_chosen_on_a_page_or_in_a_fold(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    operations.add_copy(ticket_id=ticket.pk, actor=cast.alice, user=cast.bob, at=TUESDAY_10)
    for response in (
        part(alice, ticket, "collegues/"),
        alice.get(f"{ticket.get_absolute_url()}collegues/"),
    ):
        shown = html.unescape(body(response))
        assert f">{cast.rejane.full_name}</option>" in shown
        for nobody in (cast.bob, cast.alice, cast.charlie, cast.ines):
            assert f">{nobody.full_name}</option>" not in shown
    assert "<main" not in body(part(alice, ticket, "collegues/"))


def test_q1_thousands_of_colleagues_are_never_listed(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    for number in range(COLLEAGUES_SHOWN + 5):
        make_contact(cast.company, first_name=f"Élodie {number:04}")
    assert "Élodie" not in body(alice.get(ticket.get_absolute_url()))
    response = part(alice, ticket, "collegues/")
    assert body(response).count("<option value=") == COLLEAGUES_SHOWN + 1
    assert f"Les {COLLEAGUES_SHOWN} premiers noms" in text(response)
    found = part(alice, ticket, "collegues/?q=elodie+0104")
    assert body(found).count("<option value=") == 2
    assert "Aucun collègue de ce nom" in text(part(alice, ticket, "collegues/?q=zzz"))


# --- on paper ----------------------------------------------------------------------------------


def full_life(cast: Cast, ticket: Ticket) -> str:
    """Everything that may stand in a file; gives the checksum of its one attachment."""
    file = make_stored_file(name="plan & coupe.pdf", actor=cast.alice)
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI", at=TUESDAY_10, form_token=uuid4()
    )
    minute = timedelta(minutes=1)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + 5 * minute)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal", until=None,
        at=TUESDAY_10 + 10 * minute,
    )  # fmt: skip
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Voir [la page](https://example.org/x).",
        at=TUESDAY_10 + 20 * minute, form_token=uuid4(), files=[file],
    )  # fmt: skip
    operations.add_copy(
        ticket_id=ticket.pk, actor=cast.alice, user=cast.bob, at=TUESDAY_10 + 21 * minute
    )
    return file.sha256


@pytest.mark.parametrize("who", ["alice", "bob", "rejane", "ines", "marc"])
def test_b1_the_printed_file_is_whole_and_holds_no_note(
    cast: Cast, ticket: Ticket, who: str
) -> None:
    checksum = full_life(cast, ticket)
    reader = getattr(cast, who)
    response = signed_in(reader).get(f"{ticket.get_absolute_url()}imprimer/")
    shown = text(response)
    answer = "la réponse du client" if reader.is_staff else "votre réponse"
    assert "CANARI" not in body(response)
    for words in (
        f"{ticket.reference} · {ticket.title}",
        f"Dossier imprimé le mar. 15 sept. 2026 à 10 h 40 par {reader}.",
        f"{cast.alice} a déclaré l’incident",
        f"{cast.ines} attend votre réponse",
        "Voir la page",
        "plan & coupe.pdf", f"sha256 {checksum}",
        f"suspendu, en attente de {answer} (« Le journal »",
        "Prise en charge · tenu", "Résolution · en cours",
        f"En copie {cast.bob}",
    ):  # fmt: skip
        assert words in shown, words
    assert 'href="https://example.org/x"' in body(response)


def test_q1_a_long_thread_is_printed_whole(cast: Cast, ticket: Ticket, alice: Client) -> None:
    chat(cast, ticket, 2 * STEPS_SHOWN)
    shown = text(alice.get(f"{ticket.get_absolute_url()}imprimer/"))
    assert all(f"n° {turn} " in shown for turn in range(2 * STEPS_SHOWN))


# --- acts on an incident that has moved on -------------------------------------------------------


@pytest.mark.parametrize("name", ["refuser", "annuler"])
def test_g4_a_reason_given_for_an_earlier_cycle_is_kept_and_done_by_nobody(
    cast: Cast, ticket: Ticket, alice: Client, name: str
) -> None:
    facts: dict[str, Any] = {"ticket_id": ticket.pk, "actor": cast.ines, "at": NOW}
    operations.acknowledge(**facts)
    operations.resolve(**facts, solution="Fait.")
    operations.reopen(ticket_id=ticket.pk, actor=cast.rejane, reason="Non.", at=NOW)
    if name == "refuser":
        operations.acknowledge(**facts)
        operations.resolve(**facts, solution="Autre.")
    before = Ticket.objects.values().get(pk=ticket.pk)
    response = alice.post(
        f"{ticket.get_absolute_url()}{name}/",
        {"reason": "Toujours en panne.", "cycle": "1", "form_token": str(uuid4())},
    )
    assert response.status_code == 409
    assert "relisez ce qui a changé" in text(response)
    assert "Toujours en panne.</textarea>" in body(response)
    assert Ticket.objects.values().get(pk=ticket.pk) == before


def test_g4_an_answer_written_while_another_came_is_sent(
    cast: Cast, ticket: Ticket, alice: Client
) -> None:
    alice.get(ticket.get_absolute_url())
    say(ticket, cast.ines, "Entre-temps")
    alice.post(
        f"{ticket.get_absolute_url()}message/",
        {"body": "Ma réponse", "form_token": str(uuid4())},
    )
    assert [row.body for row in ticket.messages.order_by("pk")][1:] == ["Entre-temps", "Ma réponse"]
