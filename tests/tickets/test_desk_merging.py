"""« Fusionner dans… » by HTTP: which one survives, who will be told, the act and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from notifications.messages import compose
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in, text
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import Message, Ticket, TicketEvent

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


@pytest.fixture
def older(cast: Cast) -> Ticket:
    """Bob's, still to be taken."""
    return make_ticket(company=cast.company, requester=cast.bob, title="Revit plante")


@pytest.fixture
def ticket(cast: Cast, older: Ticket) -> Ticket:
    """Alice's, taken by Inès."""
    ticket = make_ticket(company=cast.company, requester=cast.alice, title="Panne au démarrage")
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


@pytest.fixture
def merged(cast: Cast, ticket: Ticket, older: Ticket) -> Ticket:
    return operations.merge(
        ticket_id=ticket.pk, into_id=older.pk, actor=cast.ines, reason="Même panne.", at=LATER
    )


def choose(cast: Cast, ticket: Ticket, **query: str) -> Page:
    with at(LATER):
        return signed_in(cast.ines).get(reverse("desk:merge", args=[ticket.reference]), query)


def post(act: str, person: User, ticket: Ticket, **data: str) -> Page:
    with at(LATER):
        return signed_in(person).post(reverse(f"desk:{act}", args=[ticket.reference]), data)


def workspace(cast: Cast, ticket: Ticket) -> Page:
    with at(LATER):
        return signed_in(cast.ines).get(reverse("desk:ticket", args=[ticket.reference]))


# --- choosing -----------------------------------------------------------------------------------


def test_the_companys_other_incidents_are_offered(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    foreign = make_ticket(company=cast.other_company, requester=cast.charlie)
    page = body(choose(cast, ticket))
    offered = [f"?dans={row.reference}" in page for row in (older, foreign, ticket)]
    assert offered == [True, False, False]


def test_e6_the_preview_names_who_is_told_and_who_will_follow(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    page = text(choose(cast, ticket, dans=older.reference))
    assert f"Prévenus : {cast.alice.full_name} ." in page
    assert f"Ajoutés en copie de {older.reference} : {cast.alice.full_name} ." in page


def test_a_number_is_taken_however_it_is_typed(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    page = body(choose(cast, ticket, dans=f" {older.reference.lower()} "))
    assert f"Fusionner dans {older.reference}" in page


@pytest.mark.parametrize(
    "typed", ["", "INC-2026-999999", "x", "\x00", "INC-2026-0001230000000000000"]
)
def test_a_wrong_number_says_so_and_offers_the_list(
    cast: Cast, ticket: Ticket, older: Ticket, typed: str
) -> None:
    response = choose(cast, ticket, dans=typed)
    page = body(response)
    assert (response.status_code, "data-errors" in page, older.title in page) == (200, True, True)


def test_a1_an_incident_of_another_company_is_refused_before_the_form(
    cast: Cast, ticket: Ticket
) -> None:
    foreign = make_ticket(company=cast.other_company, requester=cast.charlie)
    assert "pas de la même société" in text(choose(cast, ticket, dans=foreign.reference))


def test_choosing_writes_nothing(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    before = TicketEvent.objects.count()
    choose(cast, ticket, dans=older.reference)
    assert TicketEvent.objects.count() == before


# --- the act -------------------------------------------------------------------------------------


def test_s18_the_desk_merges(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    response = post("merge", cast.ines, ticket, dans=older.reference, reason="Même panne.")
    found = Ticket.objects.get(pk=ticket.pk)
    assert (response.status_code, found.merged_into) == (302, older)


def test_a_merge_without_a_reason_comes_back(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    response = post("merge", cast.ines, ticket, dans=older.reference, reason=" ")
    assert (response.status_code, f'value="{older.reference}"' in body(response)) == (400, True)


def test_g2_a_refused_merge_keeps_the_text(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=LATER)
    response = post("merge", cast.ines, ticket, dans=older.reference, reason="Texte gardé.")
    kept = "Texte gardé.</textarea>" in body(response)
    assert (response.status_code, kept, "pas possible" in text(response)) == (409, True, True)


def test_s18_the_desk_undoes_it(cast: Cast, merged: Ticket) -> None:
    post("unmerge", cast.ines, merged, reason="Deux pannes.")
    assert Ticket.objects.get(pk=merged.pk).state is Status.IN_PROGRESS


def test_g2_undoing_what_is_not_merged_keeps_the_text(cast: Cast, ticket: Ticket) -> None:
    response = post("unmerge", cast.ines, ticket, reason="Texte gardé.")
    kept = "Texte gardé.</textarea>" in body(response)
    assert (response.status_code, kept, "pas fusionné" in text(response)) == (409, True, True)


def test_a_customer_never_merges(cast: Cast, ticket: Ticket, older: Ticket) -> None:
    before = TicketEvent.objects.count()
    response = post("merge", cast.alice, ticket, dans=older.reference, reason="Même panne.")
    assert (response.status_code, TicketEvent.objects.count()) == (404, before)


# --- what the pages show --------------------------------------------------------------------------


def test_the_workspace_offers_to_merge_what_the_table_allows(
    cast: Cast, ticket: Ticket, older: Ticket
) -> None:
    links = [reverse("desk:merge", args=[row.reference]) for row in (ticket, older)]
    offered = [
        links[number] in body(workspace(cast, row)) for number, row in enumerate((ticket, older))
    ]
    assert offered == [True, False]


def test_the_merged_workspace_shows_where_and_the_way_back(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    page = body(workspace(cast, merged))
    back = reverse("desk:unmerge", args=[merged.reference])
    assert (f"Fusionné dans {older.reference}" in page, f'action="{back}"' in page) == (True, True)


def test_the_surviving_workspace_names_what_was_merged(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    page = text(workspace(cast, older))
    assert f"{merged.reference} fusionné dans cet incident" in page
    assert f"Fusionnés ici {merged.reference}" in page


def test_the_customer_follows_the_link_to_the_surviving_incident(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    alice = signed_in(cast.alice)
    page = alice.get(merged.get_absolute_url())
    assert f"Fusionné dans {older.reference}" in main_text(page)
    assert alice.get(older.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(("name", "sees"), [("alice", True), ("bob", False), ("rejane", True)])
def test_a2_the_surviving_page_names_the_merged_one_to_who_may_see_it(
    cast: Cast, merged: Ticket, older: Ticket, name: str, sees: bool
) -> None:
    page = main_text(signed_in(getattr(cast, name)).get(older.get_absolute_url()))
    found = (merged.reference in page, merged.title in page, "fusion" in page.lower())
    assert found == (sees, sees, sees)


def test_undone_both_pages_are_as_before(cast: Cast, merged: Ticket, older: Ticket) -> None:
    operations.unmerge(ticket_id=merged.pk, actor=cast.ines, reason="Deux pannes.", at=LATER)
    assert signed_in(cast.alice).get(older.get_absolute_url()).status_code == 404
    page = main_text(signed_in(cast.rejane).get(older.get_absolute_url()))
    assert merged.reference not in page


# --- mails ----------------------------------------------------------------------------------------


def mail(ticket: Ticket, act: Act, reader: User) -> tuple[str, str]:
    found = compose(TicketEvent.objects.get(ticket=ticket, act=act), reader)
    return found.subject, found.text


def test_p5_the_mail_names_the_surviving_incident(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    subject, words = mail(merged, Act.MERGE, cast.alice)
    assert f"Fusionné dans {older.reference}" in subject
    assert (older.get_absolute_url() in words, "Même panne." in words) == (True, True)


def test_a2_the_mail_names_it_only_to_who_may_see_it(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    operations.remove_copy(ticket_id=older.pk, actor=cast.ines, user=cast.alice, at=LATER)
    subject, words = mail(merged, Act.MERGE, cast.alice)
    found = [older.reference in subject + words, older.title in words]
    assert found == [False, False]


def test_p5_the_mail_of_the_undoing_says_that_it_goes_on(cast: Cast, merged: Ticket) -> None:
    operations.unmerge(ticket_id=merged.pk, actor=cast.ines, reason="Deux pannes.", at=LATER)
    subject, words = mail(merged, Act.UNMERGE, cast.alice)
    assert "Fusion annulée" in subject
    assert ("Deux pannes." in words, "reprend là où il en était" in words) == (True, True)


# --- the old number -------------------------------------------------------------------------------


def write(person: User, ticket: Ticket, words: str) -> Page:
    with at(LATER):
        address = reverse("tickets:message", args=[ticket.reference])
        return signed_in(person).post(address, {"body": words, "form_token": uuid4()})


def test_e11_what_a_customer_writes_to_the_old_number_lands_where_it_goes_on(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    response = write(cast.alice, merged, "Toujours là.")
    assert response["Location"].startswith(older.get_absolute_url())
    message = Message.objects.get(body="Toujours là.")
    assert message.ticket == older
    with at(LATER):
        page = text(signed_in(cast.alice).get(merged.get_absolute_url()))
    assert f"La suite se passe dans {older.reference} : votre message y sera ajouté." in page


def test_e11_through_two_merges_too(cast: Cast, merged: Ticket, older: Ticket) -> None:
    last = make_ticket(company=cast.company, requester=cast.bob)
    operations.acknowledge(ticket_id=older.pk, actor=cast.ines, at=LATER)
    operations.merge(
        ticket_id=older.pk, into_id=last.pk, actor=cast.ines, reason="Encore.", at=LATER
    )
    write(cast.alice, merged, "Toujours là.")
    assert Message.objects.get(body="Toujours là.").ticket == last


def test_a2_who_does_not_see_the_survivor_writes_where_they_are(
    cast: Cast, merged: Ticket, older: Ticket
) -> None:
    operations.remove_copy(ticket_id=older.pk, actor=cast.ines, user=cast.alice, at=LATER)
    write(cast.alice, merged, "Toujours là.")
    assert Message.objects.get(body="Toujours là.").ticket == merged
