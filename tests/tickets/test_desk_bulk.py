"""E17: several incidents in one act, each as if it were alone; what is refused is named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_contact
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.admin_forms.bulk import ACTS
from tickets.enums import Act, Status
from tickets.models import EventToTell, Message, Note, Ticket, TicketEvent
from tickets.verification import verify

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)
ADDRESS = "/admin/incidents/groupe/"
WORDS = {
    "prendre": {},
    "affecter": {"note": "CANARI"},
    "repondre": {"body": "Une mise à jour arrive."},
    "attendre-client": {"reason": "Le journal ?"},
    "attendre-editeur": {"reason": "Dossier 42."},
    "resoudre": {"solution": "Mettez à jour."},
    "requalifier": {"severity": "blocking", "reason": "Arrêt."},
    "annuler": {"reason": "Fausse alerte."},
}


def declared(cast: Cast, number: int, requester: User | None = None) -> list[Ticket]:
    return [
        make_ticket(company=cast.company, requester=requester or cast.alice, title=f"Panne {n}")
        for n in range(number)
    ]


def taken(cast: Cast, number: int) -> list[Ticket]:
    return [
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
        for ticket in declared(cast, number)
    ]


def names(tickets: list[Ticket]) -> list[str]:
    return [ticket.reference for ticket in tickets]


def look(cast: Cast, tickets: list[Ticket], **query: str) -> Page:
    with at(LATER):
        return signed_in(cast.ines).get(ADDRESS, {"ticket": names(tickets), **query})


def post(cast: Cast, tickets: list[Ticket], act: str, **data: Any) -> Page:
    sent = {"ticket": names(tickets), "acte": act, "form_token": uuid4(), **WORDS[act], **data}
    if act == "affecter":
        sent.setdefault("assignee", cast.marc.pk)
    with at(LATER):
        return signed_in(cast.ines).post(ADDRESS, sent)


def statuses(tickets: list[Ticket]) -> list[str]:
    return list(
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets])
        .order_by("pk")
        .values_list("status", flat=True)
    )


def test_the_route_of_the_queues_form() -> None:
    assert reverse("desk:bulk") == ADDRESS


# --- as one by one --------------------------------------------------------------------------------


ALONE = {
    "prendre": "acknowledge", "affecter": "assign", "repondre": "reply",
    "attendre-client": "wait-customer", "attendre-editeur": "wait-vendor",
    "resoudre": "resolve", "requalifier": "requalify", "annuler": "cancel",
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_e17_each_act_leaves_the_events_mails_and_clocks_of_the_act_alone(
    cast: Cast, act: str
) -> None:
    alone, *grouped = declared(cast, 3) if act == "prendre" else taken(cast, 3)
    sent = {"form_token": uuid4(), "assignee": cast.marc.pk, **WORDS[act]}
    with at(LATER):
        address = reverse(f"desk:{ALONE[act]}", args=[alone.reference])
        signed_in(cast.ines).post(address, sent)
    post(cast, grouped, act)
    assert [told(ticket) for ticket in grouped] == [told(alone)] * 2
    assert told(alone)[-1][0] == ACTS[act].act
    assert list(verify()) == []


def told(ticket: Ticket) -> list[tuple[object, ...]]:
    """What the history holds after the declaration and who is mailed, ids of rows apart."""
    announced = dict(EventToTell.objects.values_list("event_id", "not_before"))
    said = dict(Message.objects.values_list("pk", "visible_from"))
    return [
        (
            event.act, event.effective_at, event.status_after, event.resolution_due_at,
            event.recipients, announced.get(event.pk), event.text_digest,
            said.get(event.facts.get("message")),
        )
        for event in TicketEvent.objects.filter(ticket=ticket, sequence__gt=1).order_by("sequence")
    ]  # fmt: skip


def test_g2_three_of_fifty_are_refused_and_named_and_the_others_are_done(cast: Cast) -> None:
    tickets = taken(cast, 50)
    for ticket in tickets[10:13]:
        operations.cancel(ticket_id=ticket.pk, actor=cast.marc, reason="Doublon.", at=LATER)
    page = text(post(cast, tickets, "resoudre"))
    assert "fait pour 47 incidents, refusé pour 3" in page
    refused = page.partition("Rien n’a été fait pour ceux-ci")[2].partition("Fait")[0]
    for ticket in tickets[10:13]:
        assert f"{ticket.reference} {ticket.title} « Résolution » n’est pas possible" in refused
    expected = [Status.RESOLVED] * 10 + [Status.CANCELLED] * 3 + [Status.RESOLVED] * 37
    assert statuses(tickets) == expected


def test_a_failure_of_one_stops_none_of_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tickets = taken(cast, 3)
    act = ACTS["resoudre"]

    def failing(**values: Any) -> object:
        if values["ticket_id"] == tickets[1].pk:
            raise RuntimeError("disk")
        return operations.resolve(**values)

    monkeypatch.setitem(ACTS, "resoudre", type(act)(**{**vars(act), "operation": failing}))
    page = text(post(cast, tickets, "resoudre"))
    assert "fait pour 2 incidents, refusé pour 1" in page
    assert [record.message for record in caplog.records].count("bulk_act_failed") == 1
    assert statuses(tickets) == [Status.RESOLVED, Status.IN_PROGRESS, Status.RESOLVED]


# --- twice, and two at once -----------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_a_group_sent_twice_does_nothing_twice(cast: Cast, act: str) -> None:
    tickets = declared(cast, 2) if act == "prendre" else taken(cast, 2)
    token = uuid4()
    first = post(cast, tickets, act, form_token=token)
    before = rows()
    second = post(cast, tickets, act, form_token=token)
    assert rows() == before
    assert [first["Location"], second["Location"]] == ["/admin/", "/admin/"]


def rows() -> tuple[int, int, int, int]:
    return (
        TicketEvent.objects.count(), Message.objects.count(), Note.objects.count(),
        EventToTell.objects.count(),
    )  # fmt: skip


def test_g4_an_incident_that_a_colleague_moved_is_left_and_the_sentence_says_what(
    cast: Cast,
) -> None:
    tickets = taken(cast, 2)
    seen = [f"{t.reference}:{Ticket.objects.get(pk=t.pk).last_sequence}" for t in tickets]
    operations.assign(ticket_id=tickets[0].pk, actor=cast.marc, assignee=cast.marc, at=LATER)
    page = text(post(cast, tickets, "resoudre", seen=seen))
    assert f"« Affectation » par {cast.marc.full_name}, aujourd’hui à 10 h 20" in page
    assert statuses(tickets) == [Status.IN_PROGRESS, Status.RESOLVED]


@pytest.mark.parametrize("act", ["repondre", "attendre-client", "attendre-editeur", "resoudre"])
def test_g4_an_answer_to_a_group_waits_where_the_customer_wrote_meanwhile(
    cast: Cast, act: str
) -> None:
    tickets = taken(cast, 2)
    seen = [f"{t.reference}:{Ticket.objects.get(pk=t.pk).last_sequence}" for t in tickets]
    operations.post_message(
        ticket_id=tickets[0].pk, actor=cast.alice, body="Le plan.", at=LATER, form_token=uuid4()
    )
    page = post(cast, tickets, act, seen=seen)
    assert "Un message est arrivé depuis l’ouverture de cette page" in text(page)
    last = [Ticket.objects.get(pk=t.pk).events.latest("sequence") for t in tickets]
    assert [event.actor for event in last] == [cast.alice, cast.ines]


def test_g4_what_answers_nobody_is_done_over_an_unread_message(cast: Cast) -> None:
    tickets = taken(cast, 1)
    seen = [f"{tickets[0].reference}:{Ticket.objects.get(pk=tickets[0].pk).last_sequence}"]
    operations.post_message(
        ticket_id=tickets[0].pk, actor=cast.alice, body="Le plan.", at=LATER, form_token=uuid4()
    )
    post(cast, tickets, "annuler", seen=seen)
    assert statuses(tickets) == [Status.CANCELLED]


def test_g3_a_colleagues_incident_is_not_taken_from_them(cast: Cast) -> None:
    tickets = declared(cast, 2)
    operations.acknowledge(ticket_id=tickets[0].pk, actor=cast.marc, at=TUESDAY_10)
    page = text(post(cast, tickets, "prendre"))
    assert f"Déjà pris en charge par {cast.marc.full_name}" in page
    assert Ticket.objects.get(pk=tickets[0].pk).assignee == cast.marc


# --- the preview ----------------------------------------------------------------------------------


def test_e17_the_preview_names_who_is_told_and_how_often(cast: Cast) -> None:
    tickets = [*taken(cast, 2), *declared(cast, 1, cast.bob)]
    page = text(look(cast, tickets, acte="repondre"))
    assert "Prévenus par e-mail : Alice" in page
    assert "(2)" in page
    for person in (cast.alice, cast.bob):
        assert person.full_name in page


def test_e17_a_message_tells_nobody_who_silenced_copies(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(mutes_copies=True)
    ticket = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    page = text(look(cast, [ticket], acte="repondre")).partition("Ce qui sera fait")[2]
    assert (cast.alice.full_name in page, cast.bob.full_name in page) == (True, False)


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"affecter"}))
def test_e17_whom_the_preview_names_is_whom_the_act_tells(cast: Cast, act: str) -> None:
    extra = make_contact(cast.company)
    ticket = make_ticket(company=cast.company, requester=cast.alice, copies=[extra])
    if act != "prendre":
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    page = text(look(cast, [ticket], acte=act)).partition("Ce qui sera fait")[2]
    post(cast, [ticket], act)
    event = TicketEvent.objects.filter(ticket=ticket).latest("sequence")
    named = {person.pk for person in User.objects.all() if person.full_name in page}
    assert set(event.recipients) == named - {cast.ines.pk}


def test_what_the_table_refuses_is_said_beforehand(cast: Cast) -> None:
    page = text(look(cast, declared(cast, 1), acte="resoudre"))
    assert "Ne sera pas fait : l’incident est « Déclaré »." in page
    assert "Aucun e-mail aux clients." in page


def test_reading_the_preview_writes_nothing(cast: Cast) -> None:
    tickets = taken(cast, 2)
    before = rows()
    look(cast, tickets, acte="resoudre")
    assert rows() == before


def test_q1_the_preview_costs_as_many_queries_for_two_as_for_twenty(cast: Cast) -> None:
    tickets = taken(cast, 20)
    counts = []
    for number in (2, 20):
        client = signed_in(cast.ines)
        with (
            at(LATER),
            CaptureQueriesContext(
                connection,
            ) as found,
        ):
            client.get(ADDRESS, {"ticket": names(tickets[:number]), "acte": "repondre"})
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_e17_the_queue_is_found_again_as_it_was_left(cast: Cast) -> None:
    tickets, left = taken(cast, 1), "onglet=a-prendre&q=panne"
    page = body(look(cast, tickets, acte="resoudre", queue=left))
    assert page.count('name="queue" value="onglet=a-prendre&amp;q=panne"') == 2
    assert 'href="/admin/?onglet=a-prendre&amp;q=panne"' in page
    assert post(cast, tickets, "resoudre", queue=left)["Location"] == f"/admin/?{left}"


# --- bad input ------------------------------------------------------------------------------------


def test_more_than_a_hundred_are_refused_whole(cast: Cast) -> None:
    numbers = [f"INC-2026-{number:06d}" for number in range(1, 102)]
    with at(LATER):
        response = signed_in(cast.ines).post(
            ADDRESS, {"ticket": numbers, "acte": "prendre", "form_token": uuid4()}
        )
    assert response.status_code == 400
    assert "101 incidents sont choisis : 100 au plus à la fois. Rien n’a été fait." in text(
        response
    )


@pytest.mark.parametrize("number", ["INC-2026-999999", "x", "INC-2026-0\x00", "é" * 500])
def test_a_number_that_nobody_bears_is_said_and_stops_nobody(cast: Cast, number: str) -> None:
    (ticket,) = taken(cast, 1)
    with at(LATER):
        response = signed_in(cast.ines).post(ADDRESS, {
            "ticket": [ticket.reference, number], "acte": "resoudre", "solution": "Ainsi.",
            "form_token": uuid4(),
        })  # fmt: skip
    assert (response.status_code, statuses([ticket])) == (409, [Status.RESOLVED])
    assert "Aucun incident ne porte ce numéro." in text(response)


def test_nothing_chosen_says_so(cast: Cast) -> None:
    assert "Aucun incident n’est choisi" in text(look(cast, []))
    assert post(cast, [], "prendre").status_code == 400


def test_an_unknown_act_asks_for_one(cast: Cast) -> None:
    with at(LATER):
        response = signed_in(cast.ines).post(
            ADDRESS, {"ticket": names(taken(cast, 1)), "acte": "supprimer"}
        )
    assert response.status_code == 400
    assert "Incidents choisis" in text(response)


def test_a_form_with_faults_keeps_what_was_typed(cast: Cast) -> None:
    tickets = taken(cast, 1)
    response = post(cast, tickets, "attendre-client", reason="PRÉCIEUX", until="hier")
    assert response.status_code == 400
    assert "PRÉCIEUX" in body(response)
    assert statuses(tickets) == [Status.IN_PROGRESS]


def test_b1_the_note_of_a_group_reaches_no_customer(cast: Cast) -> None:
    (ticket,) = taken(cast, 1)
    post(cast, [ticket], "affecter")
    assert Note.objects.get(ticket=ticket).body == "CANARI"
    with at(LATER):
        assert "CANARI" not in body(signed_in(cast.alice).get(ticket.get_absolute_url()))


def test_j1_a_customer_reads_the_404_of_a_missing_page(cast: Cast) -> None:
    with at(LATER):
        assert signed_in(cast.alice).get(ADDRESS).status_code == 404


def test_s7_requalifying_a_group_raises_each_from_its_own_clock(cast: Cast) -> None:
    tickets = taken(cast, 2)
    post(cast, tickets, "requalifier")
    found = {promise(ticket, CommitmentKind.RESOLUTION).severity for ticket in tickets}
    assert found == {Severity.BLOCKING}
    assert told(tickets[0])[-1][0] == Act.REQUALIFY
