"""Declaring an incident: deadlines shown before, one form one incident, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from files.models import StoredFile, Upload
from foundation.wording import near_instant
from licences.models import Product
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_contact, make_membership, make_site
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.licences import make_contract, make_licence, make_product
from tests.factories.sla import Targets, make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import at, body, main_text, signed_in, text
from tests.tickets.snapshot import rows_of_everything
from tickets import operations
from tickets.enums import Status
from tickets.models import Attachment, Ticket

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
DECLARE = "/incidents/declarer/"


@pytest.fixture(autouse=True)
def _now(revit: Product) -> Iterator[None]:
    """Revit is in the park of Alice's company."""
    with at(TUESDAY_10):
        yield


def typed(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "product": product.pk,
        "severity": "blocking",
        "title": "Revit se ferme",
        "body": "Depuis ce matin, à l’ouverture de la maquette.",
        "form_token": str(uuid4()),
        **changes,
    }


def declared(client: Client, data: dict[str, Any]) -> Ticket:
    response = client.post(DECLARE, data)
    assert response.status_code == 302, text(response)
    return Ticket.objects.get(reference=response["Location"].split("/")[-2])


# --- the deadlines -----------------------------------------------------------------------------


def test_s16_the_deadlines_shown_are_those_stored(alice: Client, revit: Product) -> None:
    for severity in Severity:
        page = main_text(alice.get(DECLARE))
        ticket = declared(alice, typed(revit, severity=severity.value, title=severity))
        for kind, word in zip(CommitmentKind, ("Prise en charge", "Résolution"), strict=True):
            due_at = promise(ticket, kind).due_at
            assert due_at is not None
            shown = " ".join(near_instant(due_at, TUESDAY_10).split())
            assert f"{word} avant {shown}" in page


def test_s16_the_deadlines_are_those_of_the_companys_contract(cast: Cast, alice: Client) -> None:
    level = make_service_level(targets=Targets(acknowledgement=(7, 11, 13)))
    make_contract(cast.company, service_level=level)
    page = main_text(alice.get(DECLARE))
    assert "Prise en charge avant aujourd’hui à 10 h 07" in page
    assert "Prise en charge avant aujourd’hui à 10 h 13" in page


def test_an_open_form_can_ask_for_its_deadlines_again(cast: Cast, alice: Client) -> None:
    with at(TUESDAY_10 + timedelta(minutes=5)):
        response = alice.get(f"{DECLARE}echeances/", {"societe": cast.company.pk})
    assert "aujourd’hui à 10 h 35" in text(response)
    assert 'id="due-blocking" hx-swap-oob="true"' in body(response)


# A form left open: before opening, over 18 h, over the week-end.
LONG_WAITS = {
    "an hour": timedelta(hours=1),
    "past six o'clock": timedelta(hours=8, minutes=30),
    "the night": timedelta(hours=20),
    "the week-end": timedelta(days=4, hours=3),
}


@pytest.mark.parametrize("wait", LONG_WAITS.values(), ids=LONG_WAITS)
def test_s16_after_a_long_wait_what_is_shown_is_what_is_stored(
    cast: Cast, revit: Product, wait: timedelta
) -> None:
    with at(TUESDAY_10 + wait):
        alice = signed_in(cast.alice)
        shown = text(alice.get(f"{DECLARE}echeances/", {"societe": cast.company.pk}))
        for severity in Severity:
            ticket = declared(alice, typed(revit, severity=severity.value, title=severity))
            for kind in CommitmentKind:
                due_at = promise(ticket, kind).due_at
                assert due_at is not None
                assert " ".join(near_instant(due_at, TUESDAY_10 + wait).split()) in shown


def test_the_incident_page_gives_number_receipt_and_both_deadlines(
    alice: Client, revit: Product
) -> None:
    page = main_text(alice.post(DECLARE, typed(revit), follow=True))
    ticket = Ticket.objects.get()
    assert ticket.reference in page
    assert "Reçu aujourd’hui à 10 h 00" in page
    assert "aujourd’hui à 10 h 30" in page
    assert "aujourd’hui à 14 h 00" in page


def test_s13_out_of_contract_says_so_and_still_declares(alice: Client, revit: Product) -> None:
    page = main_text(alice.get(DECLARE))
    assert "n’a pas de contrat de support en cours" in page
    assert "commercial@aplicit.example" in page
    assert declared(alice, typed(revit)).is_out_of_contract


def test_s13_under_contract_nothing_is_said_of_it(cast: Cast, alice: Client) -> None:
    make_contract(cast.company)
    assert "contrat de support en cours" not in main_text(alice.get(DECLARE))


# --- one form, one incident --------------------------------------------------------------------


def test_submitting_twice_makes_one_incident(alice: Client, revit: Product) -> None:
    data = typed(revit)
    first = declared(alice, data)
    again = alice.post(DECLARE, data, follow=True)
    assert Ticket.objects.count() == 1
    assert first.reference in again.redirect_chain[-1][0]
    assert "avait déjà été reçue" in text(again)


def test_a_file_sent_after_the_first_submit_is_not_lost_in_the_void(
    cast: Cast, alice: Client, revit: Product
) -> None:
    data = typed(revit)
    declared(alice, data)
    alice.post(DECLARE, {**data, "uploads": [SimpleUploadedFile("plan.pdf", PDF)]})
    assert Upload.objects.filter(person=cast.alice).count() == 1


def test_another_persons_token_never_leads_to_their_incident(
    cast: Cast, alice: Client, revit: Product
) -> None:
    data = typed(revit)
    ticket = declared(alice, data)
    make_licence(cast.other_company, product=revit)
    own = declared(signed_in(cast.charlie), data)
    assert (own.company, own.requester) == (cast.other_company, cast.charlie)
    assert own != ticket


def test_what_is_declared_is_what_was_typed(cast: Cast, alice: Client, revit: Product) -> None:
    ticket = declared(alice, typed(revit, copies=[cast.bob.pk], is_private="on"))
    assert (ticket.company, ticket.requester, ticket.product, ticket.severity) == (
        cast.company, cast.alice, revit, Severity.BLOCKING,
    )  # fmt: skip
    assert (list(ticket.copies.all()), ticket.is_private) == ([cast.bob], True)
    assert ticket.messages.get().body.startswith("Depuis ce matin")


def test_the_only_site_and_the_only_licence_are_taken_without_asking(
    cast: Cast, alice: Client, revit: Product
) -> None:
    assert 'name="site"' not in body(alice.get(DECLARE))
    ticket = declared(alice, typed(revit))
    assert (ticket.site, ticket.licence) == (cast.site, cast.company.licences.get())


def test_several_sites_are_offered(cast: Cast, alice: Client, revit: Product) -> None:
    second = make_site(cast.company, name="Dépôt de Corbas")
    assert "Dépôt de Corbas" in body(alice.get(DECLARE))
    assert declared(alice, typed(revit, site=second.pk)).site == second


# --- bad input ---------------------------------------------------------------------------------

TOO_LONG = "é" * 100_000  # 200 kB

BAD = {
    "empty title": ({"title": ""}, "Donnez un titre à l’incident."),
    "blank title": ({"title": "   \t "}, "Donnez un titre à l’incident."),
    "300 characters": ({"title": "x" * 300}, "trop long : 300 caractères, pour 200 au plus"),
    "200 kB text": ({"body": TOO_LONG}, "trop long : 100 000 caractères, pour 50 000 au plus"),
    "nul in the text": ({"body": "a\x00b"}, "caractère nul"),
    "nul in the title": ({"title": "a\x00b"}, "caractère nul"),
    "empty text": ({"body": ""}, "Décrivez ce qui se passe."),
    "unknown severity": ({"severity": "critical"}, "Choisissez l’une des trois réponses."),
    "no severity": ({"severity": ""}, "Dites à quel point vous êtes gêné."),
    "no product": ({"product": ""}, "Indiquez le logiciel concerné."),
    "product in words": ({"product": "Revit' OR 1=1"}, "Choisissez un logiciel de votre société."),
}


@pytest.mark.parametrize(("changes", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_shows_the_form_again_with_the_text_kept(
    alice: Client, revit: Product, changes: dict[str, str], sentence: str
) -> None:
    data = typed(revit) | changes
    before = rows_of_everything()
    response = alice.post(DECLARE, data)
    assert response.status_code == 200
    assert sentence in text(response)
    for name in {"title", "body"} - set(changes):
        assert data[name] in body(response)
    assert rows_of_everything() == before


def test_a_200_kb_text_comes_back_whole(alice: Client, revit: Product) -> None:
    assert TOO_LONG in body(alice.post(DECLARE, typed(revit, body=TOO_LONG)))


def test_d5_lone_surrogates_never_break_the_page(alice: Client, revit: Product) -> None:
    raw = f"product={revit.pk}&severity=blocking&title=a%ED%A0%80b&body=c%ED%BF%BFd"
    response = alice.post(DECLARE, raw, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {200, 302}


def test_a1_a_product_of_another_company_is_no_choice(
    cast: Cast, alice: Client, revit: Product
) -> None:
    foreign = make_product(name="Tekla")
    make_licence(cast.other_company, product=foreign)
    before = rows_of_everything()
    response = alice.post(DECLARE, typed(foreign))
    assert "Choisissez un logiciel de votre société." in text(response)
    assert "Tekla" not in body(response)
    assert rows_of_everything() == before


@pytest.mark.parametrize("field", ["site", "copies"])
def test_a1_a_site_or_a_person_of_another_company_is_no_choice(
    cast: Cast, alice: Client, revit: Product, field: str
) -> None:
    make_site(cast.company)
    foreign = {"site": cast.other_site.pk, "copies": cast.charlie.pk}[field]
    before = rows_of_everything()
    assert alice.post(DECLARE, typed(revit, **{field: foreign})).status_code == 200
    assert rows_of_everything() == before


def test_g1_fields_that_the_form_does_not_have_are_ignored(
    cast: Cast, alice: Client, revit: Product
) -> None:
    extra = {field.name: "1" for field in Ticket._meta.get_fields()} | {
        "status": "closed", "company": cast.other_company.pk, "assignee": cast.ines.pk,
        "acknowledged_at": "2020-01-01", "received_at": "2020-01-01", "is_staff": "1",
        "requester": cast.bob.pk, "at": "2020-01-01", "began_at": "2020-01-01T00:00",
        "acknowledged_on_call": "1", "origin": "demo", "actor": cast.ines.pk, "cycle": "9",
    }  # fmt: skip
    allowed = typed(revit, site="", copies=[], licence="")
    allowed.pop("is_private", None)
    extra.pop("is_private")
    ticket = declared(alice, {**extra, **allowed})
    assert (ticket.status, ticket.company, ticket.requester, ticket.assignee, ticket.cycle) == (
        Status.DECLARED, cast.company, cast.alice, None, 1,
    )  # fmt: skip
    assert (ticket.received_at, ticket.origin) == (TUESDAY_10, "portal")


# --- files -------------------------------------------------------------------------------------


def post_files(client: Client, data: dict[str, Any], *files: tuple[str, bytes]) -> Page:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(DECLARE, {**data, "uploads": uploads})


def test_c3_a_bad_file_is_named_and_the_good_one_waits(alice: Client, revit: Product) -> None:
    data = typed(revit)
    response = post_files(alice, data, ("plan.pdf", PDF), ("virus.exe", b"MZ" + b"\0" * 99))
    # Beside the field: a <template> of the page holds the same words for its scripts.
    (fault,) = re.findall(r'id="id_uploads_errors">(.*?)</ul>', body(response), re.DOTALL)
    assert "«\u00a0virus.exe\u00a0»\u00a0: ce type de fichier n’est pas accepté" in fault
    assert "plan.pdf" not in fault
    shown = text(response)
    assert "Déjà reçus, ils seront joints plan.pdf" in shown
    assert data["title"] in body(response)
    assert Ticket.objects.count() == 0
    ticket = declared(alice, data)
    assert Attachment.objects.get(message__ticket=ticket).file.name == "plan.pdf"


def test_a_good_file_is_kept_while_the_text_is_corrected(alice: Client, revit: Product) -> None:
    data = typed(revit, title="")
    assert "plan.pdf" in text(post_files(alice, data, ("plan.pdf", PDF)))
    ticket = declared(alice, {**data, "title": "Corrigé"})
    assert [row.file.name for row in Attachment.objects.filter(message__ticket=ticket)] == [
        "plan.pdf"
    ]


def test_a_waiting_file_can_be_taken_out(alice: Client, revit: Product) -> None:
    data = typed(revit, title="")
    post_files(alice, data, ("plan.pdf", PDF))
    file = StoredFile.objects.get()
    ticket = declared(alice, {**data, "title": "Sans fichier", "drop_files": [str(file.pk)]})
    assert not Attachment.objects.filter(message__ticket=ticket).exists()


def test_a1_another_persons_waiting_files_are_never_taken(
    cast: Cast, alice: Client, revit: Product
) -> None:
    data = typed(revit, title="")
    post_files(alice, data, ("plan.pdf", PDF))
    bob = declared(signed_in(cast.bob), {**data, "title": "De Bob"})
    assert not Attachment.objects.filter(message__ticket=bob).exists()


# --- who, and for which company ----------------------------------------------------------------


def test_a_follow_up_is_linked_to_the_closed_incident(
    cast: Cast, alice: Client, revit: Product
) -> None:
    old = make_ticket(company=cast.company, requester=cast.alice, product=revit, title="Ancien")
    operations.cancel(ticket_id=old.pk, actor=cast.alice, reason="Rien.", at=TUESDAY_10)
    page = alice.get(f"{DECLARE}?suite={old.reference}")
    assert f"Suite de l’incident {old.reference}" in text(page)
    assert 'value="Ancien"' in body(page)
    response = alice.post(f"{DECLARE}?suite={old.reference}", typed(revit))
    assert Ticket.objects.get(reference=response["Location"].split("/")[-2]).follows == old


@pytest.mark.parametrize("reference", ["INC-2026-999999", "x", "%00", "foreign"])
def test_a1_following_what_one_may_not_see_is_a_404_or_nothing(
    cast: Cast, alice: Client, reference: str
) -> None:
    foreign = make_ticket(company=cast.other_company, requester=cast.charlie)
    wanted = foreign.reference if reference == "foreign" else reference
    response = alice.get(f"{DECLARE}?suite={wanted}")
    assert response.status_code == (200 if reference == "%00" else 404)


@pytest.fixture
def both(cast: Cast, revit: Product) -> User:
    """Somebody of two companies."""
    user = make_contact(cast.company)
    make_membership(user, cast.other_company)
    make_licence(cast.other_company, product=make_product(name="Tekla"))
    return user


def test_a_person_of_two_companies_chooses_for_which(cast: Cast, both: User) -> None:
    client = signed_in(both)
    first = client.get(f"{DECLARE}?societe={cast.company.pk}")
    second = client.get(f"{DECLARE}?societe={cast.other_company.pk}")
    assert re.search(r"<option[^>]*>Revit", body(first))
    assert not re.search(r"<option[^>]*>Revit", body(second))
    assert re.search(r"<option[^>]*>Tekla", body(second))


def test_the_form_is_filed_under_the_company_it_was_made_for(cast: Cast, both: User) -> None:
    tekla = Product.objects.get(name="Tekla")
    address = f"{DECLARE}?societe={cast.other_company.pk}"
    signed_in(both).post(address, typed(tekla))
    assert Ticket.objects.get().company == cast.other_company


@pytest.mark.parametrize("societe", ["foreign", "999999", "x", ""])
def test_a1_another_company_is_a_404(cast: Cast, alice: Client, societe: str) -> None:
    wanted = cast.other_company.pk if societe == "foreign" else societe
    assert alice.get(f"{DECLARE}?societe={wanted}").status_code == 404
    assert alice.get(f"{DECLARE}echeances/?societe={wanted}").status_code == 404


def test_a4_somebody_who_moved_cannot_file_an_open_form(
    cast: Cast, alice: Client, revit: Product
) -> None:
    make_licence(cast.other_company, product=revit)
    cast.alice.memberships.update(company=cast.other_company)
    response = alice.post(f"{DECLARE}?societe={cast.company.pk}", typed(revit))
    assert (response.status_code, Ticket.objects.count()) == (404, 0)


def test_without_any_product_the_page_gives_the_phone(cast: Cast) -> None:
    response = signed_in(cast.charlie).get(DECLARE)
    assert "Aucun logiciel n’est enregistré" in text(response)
    assert "04 72 20 68 90" in main_text(response)


def test_staff_declare_elsewhere(cast: Cast) -> None:
    assert signed_in(cast.ines).get(DECLARE).status_code == 404


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get(DECLARE).status_code == 302


# --- how much it asks of the database ----------------------------------------------------------


def statements(ask: Callable[[], object]) -> list[str]:
    """What a page asks PostgreSQL, but the ends of transactions."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    said = [str(query["sql"]) for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]


def test_the_page_asks_few_questions(alice: Client) -> None:
    alice.get(DECLARE)
    assert len(statements(lambda: alice.get(DECLARE))) <= 8


def test_a_declaration_reads_once_and_writes_each_table_once(alice: Client, revit: Product) -> None:
    declared(alice, typed(revit, title="Avant"))
    said = statements(lambda: declared(alice, typed(revit)))
    writes = [sql.split('"')[1] for sql in said if sql.startswith(("INSERT", "UPDATE"))]
    assert len(writes) == len(set(writes))
    # Twelve, and the test's own, which reads the incident.
    assert len(said) == 13


# --- the notice --------------------------------------------------------------------------------


def is_told(client: Client, address: str, minutes: int = 0) -> bool:
    """Whether the page at this address says that the incident was received."""
    with at(TUESDAY_10 + timedelta(minutes=minutes)):
        return "Votre incident est enregistré sous le numéro" in text(client.get(address))


def test_the_author_reads_that_it_was_received_and_a_reload_says_it_again(
    alice: Client, revit: Product
) -> None:
    address = alice.post(DECLARE, typed(revit))["Location"]
    assert [is_told(alice, address) for _time in range(2)] == [True, True]
    assert not is_told(alice, address.partition("?")[0])


def test_an_old_address_or_a_colleague_s_says_nothing(
    cast: Cast, alice: Client, revit: Product
) -> None:
    address = alice.post(DECLARE, typed(revit))["Location"]
    assert not is_told(alice, address, minutes=11)
    assert not is_told(signed_in(cast.rejane), address)
