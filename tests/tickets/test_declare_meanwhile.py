"""A4: a contract or a membership ends while a declaration is open. Nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Membership
from licences.models import Product
from sla.enums import CommitmentKind
from tests.factories.cast import Cast
from tests.factories.licences import make_contract
from tests.factories.sla import Targets, make_service_level
from tests.factories.tickets import TUESDAY_10, promise
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"
OUT_OF_CONTRACT = "est enregistré « hors contrat » et suit les délais de la charte"


@pytest.fixture(autouse=True)
def _now(revit: Product) -> Iterator[None]:
    """Revit is in the park of Alice's company."""
    with at(TUESDAY_10):
        yield


@pytest.fixture
def typed(cast: Cast, revit: Product) -> dict[str, str]:
    return {
        "product": str(revit.pk), "severity": "blocking", "title": "Revit se ferme",
        "body": "À l’ouverture de la maquette.", "form_token": str(uuid4()),
    }  # fmt: skip


def test_a4_s13_a_contract_that_ends_while_the_form_is_open_is_said_and_the_incident_filed(
    cast: Cast, alice: Client, typed: dict[str, str]
) -> None:
    level = make_service_level(targets=Targets(acknowledgement=(7, 11, 13)))
    make_contract(cast.company, service_level=level, ends_on=date(2026, 9, 15))
    opened = main_text(alice.get(DECLARE))
    assert "contrat de support en cours" not in opened
    assert "aujourd’hui à 10 h 07" in opened
    with at(TUESDAY_10 + timedelta(days=1)):
        # A day is longer than a session: she has signed in again beside the open form.
        page = main_text(signed_in(cast.alice).post(DECLARE, typed, follow=True))
    ticket = Ticket.objects.get()
    assert ticket.is_out_of_contract
    assert OUT_OF_CONTRACT in page
    # The charter's deadlines, and those are the ones shown (S16).
    due_at = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT).due_at
    assert due_at == TUESDAY_10 + timedelta(days=1, minutes=30)
    assert "10 h 30" in page
    assert typed["body"] in page


def test_a4_the_open_form_shows_the_charters_deadlines_once_the_contract_has_ended(
    cast: Cast, revit: Product
) -> None:
    level = make_service_level(targets=Targets(acknowledgement=(7, 11, 13)))
    make_contract(cast.company, service_level=level, ends_on=date(2026, 9, 15))
    with at(TUESDAY_10 + timedelta(days=1)):
        client = signed_in(cast.alice)
        shown = text(client.get(f"{DECLARE}echeances/", {"societe": cast.company.pk}))
    assert "10 h 30" in shown
    assert "10 h 07" not in shown


def test_s13_under_contract_the_receipt_says_nothing_of_it(
    cast: Cast, alice: Client, typed: dict[str, str]
) -> None:
    make_contract(cast.company)
    assert "hors contrat" not in main_text(alice.post(DECLARE, typed, follow=True))


@pytest.mark.parametrize("address", ["", "?societe={}"])
def test_a4_a_membership_that_closes_while_the_form_is_open_files_nothing_and_loses_nothing(
    cast: Cast, alice: Client, typed: dict[str, str], address: str
) -> None:
    address = address.format(cast.company.pk)
    assert alice.post(f"{DECLARE}brouillon/{address}", typed).status_code == 200
    Membership.objects.filter(user=cast.alice).update(is_active=False)
    answer = alice.post(f"{DECLARE}{address}", typed)
    assert (answer.status_code, Ticket.objects.count()) == (403, 0)
    assert "Votre compte n’est rattaché à aucune société." in main_text(answer)
    assert alice.post(f"{DECLARE}brouillon/{address}", typed).status_code == 403

    # The draft waits for whoever opens the access again.
    Membership.objects.filter(user=cast.alice).update(is_active=True)
    assert Draft.objects.get().title == typed["title"]
    assert typed["body"] in body(alice.get(f"{DECLARE}?brouillon={typed['form_token']}"))
    assert alice.post(f"{DECLARE}{address}", typed).status_code == 302
    assert Ticket.objects.count() == 1
