"""« Calculer une échéance »: the command's own computation on a page that writes nothing (S15)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from sla.enums import Severity
from sla.queries import default_service_level
from tests.factories.accounts import make_administrator, make_engineer, make_manager
from tests.factories.sla import Targets, make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
URL = reverse("desk:calculator")
EXAMPLE = {"instant": "2026-11-20T17:45", "criticite": "blocking"}


def ask(**asked: str) -> str:
    response = signed_in(make_engineer()).get(URL, asked)
    assert response.status_code == 200
    return main_text(response)


@pytest.mark.parametrize("make", [make_engineer, make_manager, make_administrator])
def test_every_role_of_ours_reaches_it_from_the_desks_menu(make: type[User]) -> None:
    client = signed_in(make())
    assert f'href="{URL}"' in body(client.get(reverse("admin:index")))
    assert client.get(URL).status_code == 200


def test_s15_the_issues_example_is_answered_in_its_words() -> None:
    shown = ask(**EXAMPLE)
    assert "lun. 23 nov. 2026 à 9 h 15" in shown
    assert (
        "ven. 20 nov. 17 h 45 → 18 h 00 : 15 min comptées "
        "18 h 00 → lun. 23 nov. 9 h 00 : support fermé (week-end) 63 h "
        "9 h 00 → 9 h 15 : 15 min comptées, échéance "
        "Compté : 30 min Durée totale : 63 h 30 = 30 min comptées + 63 h de fermeture"
    ) in shown


@pytest.mark.parametrize("severity", list(Severity))
def test_the_page_and_the_command_give_the_same_words(
    severity: Severity, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"blocking": "bloquant", "impairing": "gênant", "informational": "informatif"}
    call_command(
        "sla_deadline", "--severity", names[severity], "--at", EXAMPLE["instant"], "--json"
    )
    response = signed_in(make_engineer()).get(URL, {**EXAMPLE, "criticite": severity.value})
    found = response.context["found"].answers
    said = json.loads(capsys.readouterr().out)
    assert [promise["words"] for promise in said] == [answer.ledger.sentence for answer in found]


def test_s16_the_page_gives_what_a_declaration_stores() -> None:
    with at(TUESDAY_10):
        response = signed_in(make_engineer()).get(URL, {"criticite": "impairing"})
    stored = make_ticket(severity=Severity.IMPAIRING, at=TUESDAY_10).commitments.order_by("kind")
    assert [answer.due_at for answer in response.context["found"].answers] == [
        row.due_at for row in stored
    ]


def test_s5_a_pause_stops_the_resolution_only() -> None:
    asked = {"instant": "2026-11-17T10:00", "criticite": "blocking"}
    pause = {"suspendu_1": "2026-11-17T10:10", "repris_1": "2026-11-17T11:10:40"}
    shown = ask(**asked, **pause)
    assert "10 h 00 → 10 h 30 : 30 min comptées, échéance" in shown
    assert "10 h 10 → 11 h 10 min 40 s : suspendu 1 h 00 min 40 s" in shown


def test_c8_a_pause_without_end_leaves_no_deadline() -> None:
    shown = ask(instant="2026-11-17T10:00", criticite="blocking", suspendu_1="2026-11-17T10:10")
    assert "Pas d’échéance tant que la suspension court" in shown
    assert "10 h 00 → 10 h 10 : 10 min comptées" in shown


def test_s12_the_level_that_is_asked_for_answers() -> None:
    level = make_service_level(name="Premium", targets=Targets(acknowledgement=(15, 30, 60)))
    shown = ask(**EXAMPLE, niveau=level.code)
    assert "lun. 23 nov." not in shown.split("Résolution")[0].split("Prise en charge")[-1]
    assert f"Niveau de service « {level} » en vigueur depuis le" in shown


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"instant": "demain"}, "Donnez une date et une heure, par exemple 20/11/2026 17:45."),
        ({"instant": "2026-11-20T17:45\x00"}, ""),
        ({"instant": "9999-12-31T23:59"}, "Choisissez une date entre 2000 et 2100."),
        ({"instant": "0001-01-01T00:00"}, "Choisissez une date entre 2000 et 2100."),
        ({"instant": "0001-01-01T00:00+14:00"}, "Donnez une date et une heure"),
        ({"instant": "2001-01-01T00:00"}, "n’est pas défini à cette date"),
        ({"criticite": "urgent"}, "Choisissez l’une des trois criticités."),
        ({"niveau": "or"}, "Ce niveau de service n’existe pas."),
        ({"niveau": "\x00"}, "Le caractère nul n’est pas autorisé"),
        ({"repris_1": "2026-11-17T10:00"}, "Dites quand la suspension a commencé."),
        (
            {"suspendu_2": "2026-11-17T10:00", "repris_2": "2026-11-17T09:00"},
            "La suspension se termine avant d’avoir commencé.",
        ),
    ],
)
def test_a_faulty_question_comes_back_with_french_sentences(
    asked: dict[str, str], sentence: str
) -> None:
    shown = ask(**{**EXAMPLE, **asked})
    assert sentence in shown
    assert ("Durée totale" in shown) == (not sentence)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("demain", "text"), ("20/11/2026 17:45", "text"), ("2026-11-20T17:45:00", "datetime-local")],
)
def test_an_instant_that_the_browsers_picker_cannot_show_stays_visible(
    typed: str, kind: str
) -> None:
    page = body(signed_in(make_engineer()).get(URL, {"instant": typed}))
    field = page.partition('name="instant"')
    tag = field[0].rpartition("<")[2] + field[1] + field[2].partition(">")[0]
    assert (f'type="{kind}"' in tag, f'value="{typed}"' in tag) == (True, True)


def test_it_asks_by_get_and_writes_nothing() -> None:
    client = signed_in(make_engineer())
    assert client.post(URL, EXAMPLE).status_code == 405
    client.get(URL, EXAMPLE)
    assert Ticket.objects.count() == 0


def test_without_a_question_it_answers_for_now_under_the_charter() -> None:
    with at(TUESDAY_10 + timedelta(seconds=20)):
        shown = ask()
    assert "mar. 15 sept. 10 h 00 → 10 h 30 : 30 min comptées, échéance" in shown
    assert f"« {default_service_level()} »" in shown
