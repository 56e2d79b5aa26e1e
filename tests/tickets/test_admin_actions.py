"""Each act of the desk by HTTP: what it does, what it refuses, and that nothing typed is lost."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from notifications.messages import compose
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_administrator, make_engineer
from tests.factories.cast import Cast, make_cast
from tests.factories.files import PDF
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import body, signed_in
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import Message, Note, Ticket, TicketEvent

LATER = TUESDAY_10 + timedelta(minutes=20)
RACES = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 4


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def declared(cast: Cast) -> Ticket:
    return make_ticket(requester=cast.alice)


@pytest.fixture
def working(cast: Cast, declared: Ticket) -> Ticket:
    return operations.acknowledge(ticket_id=declared.pk, actor=cast.ines, at=TUESDAY_10)


@pytest.fixture
def waiting(cast: Cast, working: Ticket) -> Ticket:
    return operations.wait_for_customer(
        ticket_id=working.pk, actor=cast.ines, reason="La maquette.", until=None, at=TUESDAY_10
    )


@pytest.fixture
def resolved(cast: Cast, working: Ticket) -> Ticket:
    return operations.resolve(
        ticket_id=working.pk, actor=cast.ines, solution="Réinstallez.", at=TUESDAY_10
    )


def post(ticket: Ticket, act: str, person: User, **data: object) -> HttpResponse:
    """The act as this person's browser posts it, at LATER."""
    client = Client()
    client.force_login(person)
    with freeze_time(LATER):
        response: HttpResponse = client.post(reverse(f"desk:{act}", args=[ticket.reference]), data)  # type: ignore[assignment]  # the stubs add the client's own attributes
    return response


def status_of(ticket: Ticket) -> Status:
    return Status(Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk))


# --- each act ---------------------------------------------------------------------------------


def test_e2_taking_charge_assigns_and_stops_the_tpc(cast: Cast, declared: Ticket) -> None:
    post(declared, "acknowledge", cast.ines)
    met_at = promise(declared, CommitmentKind.ACKNOWLEDGEMENT).met_at
    ticket = Ticket.objects.get(pk=declared.pk)
    assert (ticket.state, ticket.assignee, met_at) == (Status.IN_PROGRESS, cast.ines, LATER)


def test_taking_charge_from_the_queue_leads_back_to_the_same_tab(
    cast: Cast, declared: Ticket
) -> None:
    response = post(declared, "acknowledge", cast.ines, queue="onglet=a-prendre&q=acier")
    assert response["Location"] == "/admin/?onglet=a-prendre&q=acier"


@pytest.mark.parametrize("queue", ["//evil.test/", "https://evil.test", "\\evil", "javascript:x"])
def test_k3_the_way_back_never_leaves_the_queue(cast: Cast, declared: Ticket, queue: str) -> None:
    response = post(declared, "acknowledge", cast.ines, queue=queue)
    assert response["Location"].startswith("/admin/?")


def test_s8_handing_over_assigns(cast: Cast, working: Ticket) -> None:
    post(working, "assign", cast.ines, assignee=cast.marc.pk, note="À toi.")
    assert Ticket.objects.get(pk=working.pk).assignee == cast.marc


def test_a_reply_is_a_public_message(cast: Cast, working: Ticket) -> None:
    post(working, "reply", cast.ines, body="Essayez ceci.", form_token=uuid4())
    assert Message.objects.filter(ticket=working, body="Essayez ceci.").count() == 1


def test_a_reply_carries_its_files(cast: Cast, working: Ticket) -> None:
    plan = SimpleUploadedFile("plan.pdf", PDF)
    post(working, "reply", cast.ines, body="Voici.", form_token=uuid4(), uploads=plan)
    message = Message.objects.get(ticket=working, body="Voici.")
    assert [attachment.file.name for attachment in message.attachments.all()] == ["plan.pdf"]


SAYING = [("wait-customer", "reason"), ("wait-vendor", "reason"), ("resolve", "solution")]


@pytest.mark.parametrize(("act", "words"), SAYING)
def test_waits_and_solutions_carry_their_files(
    cast: Cast, working: Ticket, act: str, words: str
) -> None:
    plan = SimpleUploadedFile("plan.pdf", PDF)
    post(working, act, cast.ines, **{words: "Voyez le plan.", "uploads": plan})
    message = Message.objects.get(ticket=working, body="Voyez le plan.")
    assert [attachment.file.name for attachment in message.attachments.all()] == ["plan.pdf"]
    pages = (working.get_absolute_url(), reverse("desk:ticket", args=[working.reference]))
    for person, page in zip((cast.alice, cast.ines), pages, strict=True):
        thread = body(signed_in(person).get(page)).partition('class="thread"')[2]
        assert "plan.pdf" in thread.partition("</ol>")[0]
    event = TicketEvent.objects.filter(ticket=working).latest("sequence")
    assert "plan.pdf" in compose(event, cast.alice).text


@pytest.mark.parametrize(("act", "words"), SAYING)
def test_a_file_waits_while_the_words_are_corrected(
    cast: Cast, working: Ticket, act: str, words: str
) -> None:
    token = uuid4()
    plan = SimpleUploadedFile("plan.pdf", PDF)
    response = post(working, act, cast.ines, **{words: "", "uploads": plan, "form_token": token})
    assert "Déjà reçus, ils seront joints" in response.content.decode()
    post(working, act, cast.ines, **{words: "Voyez le plan.", "form_token": token})
    message = Message.objects.get(ticket=working, body="Voyez le plan.")
    assert message.attachments.count() == 1


@pytest.mark.parametrize(("act", "words"), SAYING)
def test_g2_the_same_form_later_changes_nothing(
    cast: Cast, working: Ticket, act: str, words: str
) -> None:
    """« Back » after the wait has ended, or after a new cycle: no second wait, no fault."""
    data = {words: "Voyez le plan.", "form_token": uuid4()}
    post(working, act, cast.ines, **data)
    ticket = Ticket.objects.get(pk=working.pk)
    if ticket.state is Status.RESOLVED:
        operations.reopen(ticket_id=ticket.pk, actor=cast.ines, reason="Non.", at=LATER)
        operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    else:
        operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=LATER)
    before = TicketEvent.objects.count()
    assert post(working, act, cast.ines, **data).status_code == 302
    assert (status_of(working), TicketEvent.objects.count()) == (Status.IN_PROGRESS, before)


def test_a_reply_sent_twice_is_one_message(cast: Cast, working: Ticket) -> None:
    token = uuid4()
    post(working, "reply", cast.ines, body="Essayez ceci.", form_token=token)
    post(working, "reply", cast.ines, body="Essayez ceci.", form_token=token)
    assert Message.objects.filter(ticket=working, body="Essayez ceci.").count() == 1


def test_b1_a_note_is_no_message(cast: Cast, working: Ticket) -> None:
    before = Message.objects.count()
    post(working, "note", cast.ines, body="Client pressé.", form_token=uuid4())
    assert (Note.objects.count(), Message.objects.count()) == (1, before)


@pytest.mark.parametrize(
    ("act", "status"),
    [("wait-customer", Status.WAITING_CUSTOMER), ("wait-vendor", Status.WAITING_VENDOR)],
)
def test_s5_waiting_keeps_reason_and_date(
    cast: Cast, working: Ticket, act: str, status: Status
) -> None:
    post(working, act, cast.ines, reason="La maquette.", until="2026-09-18")
    ticket = Ticket.objects.get(pk=working.pk)
    found = (ticket.state, ticket.waiting_reason, str(ticket.waiting_until))
    assert found == (status, "La maquette.", "2026-09-18")


def test_resuming_ends_the_waiting(cast: Cast, waiting: Ticket) -> None:
    post(waiting, "resume", cast.ines)
    assert status_of(waiting) is Status.IN_PROGRESS


def test_s9_resolving_gives_the_solution(cast: Cast, working: Ticket) -> None:
    post(working, "resolve", cast.ines, solution="Mettez à jour.")
    assert status_of(working) is Status.RESOLVED


def test_s9_reopening_begins_a_new_cycle(cast: Cast, resolved: Ticket) -> None:
    post(resolved, "reopen", cast.ines, reason="Revenu.")
    ticket = Ticket.objects.get(pk=resolved.pk)
    assert (ticket.state, ticket.cycle) == (Status.DECLARED, 2)


def test_s18_cancelling_voids(cast: Cast, declared: Ticket) -> None:
    post(declared, "cancel", cast.ines, reason="Doublon.")
    assert status_of(declared) is Status.CANCELLED


def test_s7_requalifying_keeps_the_declared_severity(cast: Cast, working: Ticket) -> None:
    post(working, "requalify", cast.ines, severity="blocking", reason="Arrêt de production.")
    ticket = Ticket.objects.get(pk=working.pk)
    found = (ticket.severity, ticket.declared_severity)
    assert found == (Severity.BLOCKING, Severity.IMPAIRING)


def test_s14_a_manager_corrects_in_paris_time(cast: Cast, declared: Ticket) -> None:
    post(declared, "correct", cast.marc, acknowledged_at="2026-09-15T10:05:00", reason="Par écrit.")
    acknowledged_at = Ticket.objects.get(pk=declared.pk).acknowledged_at
    assert acknowledged_at == datetime(2026, 9, 15, 8, 5, tzinfo=UTC)


def test_c8_a_colleague_is_added_and_removed(cast: Cast, working: Ticket) -> None:
    post(working, "add-copy", cast.ines, user=cast.bob.pk)
    added = list(working.copies.all())
    post(working, "remove-copy", cast.ines, user=cast.bob.pk)
    assert (added, list(working.copies.all())) == ([cast.bob], [])


# --- what is refused ---------------------------------------------------------------------------

FILLED = {
    "wait-customer": {"reason": "Texte gardé."},
    "wait-vendor": {"reason": "Texte gardé."},
    "resolve": {"solution": "Texte gardé."},
    "reopen": {"reason": "Texte gardé."},
    "cancel": {"reason": "Texte gardé."},
    "requalify": {"reason": "Texte gardé.", "severity": "informational"},
}


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("declared", "wait-customer"), ("declared", "wait-vendor"), ("declared", "resolve"),
        ("declared", "reopen"), ("working", "reopen"), ("waiting", "wait-customer"),
        ("waiting", "reopen"), ("resolved", "wait-customer"), ("resolved", "wait-vendor"),
        ("resolved", "resolve"), ("resolved", "cancel"), ("resolved", "requalify"),
    ],
)  # fmt: skip
def test_g2_a_transition_that_is_not_in_the_table_is_a_409_and_the_text_stays(
    request: pytest.FixtureRequest, cast: Cast, state: str, act: str
) -> None:
    ticket = request.getfixturevalue(state)
    before = Ticket.objects.values().get(pk=ticket.pk)
    response = post(ticket, act, cast.ines, **FILLED[act])
    after = Ticket.objects.values().get(pk=ticket.pk)
    kept = "Texte gardé.</textarea>" in response.content.decode()
    assert (response.status_code, kept, after) == (409, True, before)


@pytest.mark.parametrize("act", ["acknowledge", "resume"])
def test_g2_a_refused_act_without_a_form_says_why(cast: Cast, resolved: Ticket, act: str) -> None:
    client = Client()
    client.force_login(cast.ines)
    page = client.post(
        reverse(f"desk:{act}", args=[resolved.reference]), follow=True
    ).content.decode()
    assert "alert-danger" in page


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("reply", {"body": "  ", "form_token": str(uuid4())}),
        ("note", {"body": "", "form_token": str(uuid4())}),
        ("wait-customer", {"reason": " "}),
        ("wait-customer", {"reason": "Texte.", "until": "2026-02-31"}),
        ("wait-customer", {"reason": "Texte.", "until": "2020-01-01"}),
        ("resolve", {"solution": "\x00"}),
        ("resolve", {"solution": "x" * 60_000}),
        ("requalify", {"severity": "enorme", "reason": "Texte."}),
        ("requalify", {"severity": "blocking"}),
        ("assign", {"assignee": "0"}),
        ("assign", {"assignee": "abc"}),
        ("add-copy", {"user": "0"}),
        ("correct", {"acknowledged_at": "demain", "reason": "Texte."}),
        ("correct", {"acknowledged_at": "2030-01-01T10:00", "reason": "Texte."}),
        ("correct", {"acknowledged_at": "2026-03-29T02:30", "reason": "Heure qui n’existe pas."}),
    ],
)
def test_bad_input_gives_the_page_again_and_writes_nothing(
    cast: Cast, working: Ticket, act: str, data: dict[str, str]
) -> None:
    events = TicketEvent.objects.count()
    response = post(working, act, cast.marc, **data)
    assert (response.status_code in {400, 409}, TicketEvent.objects.count()) == (True, events)


def test_a_customer_of_another_company_is_no_copy(cast: Cast, working: Ticket) -> None:
    response = post(working, "add-copy", cast.ines, user=cast.charlie.pk)
    assert (response.status_code, working.copies.count()) == (400, 0)


def test_a_customer_is_no_engineer(cast: Cast, working: Ticket) -> None:
    response = post(working, "assign", cast.ines, assignee=cast.alice.pk)
    assert response.status_code == 400


def test_s14_an_engineer_does_not_correct(cast: Cast, working: Ticket) -> None:
    response = post(
        working, "correct", cast.ines, acknowledged_at="2026-09-15T10:05", reason="Texte gardé."
    )
    page = response.content.decode()
    assert (response.status_code, "Seul un responsable" in page) == (409, True)


def test_an_administrator_does_not_take_charge(declared: Ticket) -> None:
    post(declared, "acknowledge", make_administrator())
    assert status_of(declared) is Status.DECLARED


def test_a_refused_reply_keeps_its_files(cast: Cast, working: Ticket) -> None:
    plan = SimpleUploadedFile("plan.pdf", PDF)
    program = SimpleUploadedFile("outil.exe", b"MZ\x90\x00")
    response = post(
        working, "reply", cast.ines, body="Voici.", form_token=uuid4(), uploads=[plan, program]
    )
    page = response.content.decode()
    kept = ("plan.pdf</a>" in page, "Voici.</textarea>" in page, "outil.exe" in page)
    assert (response.status_code, kept) == (400, (True, True, True))


def test_g1_extra_fields_are_ignored(cast: Cast, working: Ticket) -> None:
    post(
        working, "note", cast.ines, body="Note.", form_token=uuid4(), status="closed",
        severity="blocking", assignee=cast.marc.pk, is_private="on", company=cast.other_company.pk,
    )  # fmt: skip
    ticket = Ticket.objects.get(pk=working.pk)
    found = (ticket.state, ticket.severity, ticket.assignee, ticket.is_private, ticket.company)
    assert found == (Status.IN_PROGRESS, Severity.IMPAIRING, cast.ines, False, cast.company)


ACTS = (
    "acknowledge", "assign", "reply", "log-call", "note", "wait-customer", "wait-vendor", "resume",
    "resolve", "reopen", "cancel", "requalify", "correct", "add-copy", "remove-copy",
    "unmerge", "correct-product",
)  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_k2_an_act_is_never_done_by_get(cast: Cast, declared: Ticket, act: str) -> None:
    client = Client()
    client.force_login(cast.ines)
    assert client.get(reverse(f"desk:{act}", args=[declared.reference])).status_code == 405


@pytest.mark.parametrize("act", ACTS)
def test_a_customer_never_acts_as_the_desk(cast: Cast, declared: Ticket, act: str) -> None:
    events = TicketEvent.objects.count()
    response = post(declared, act, cast.alice, body="x", reason="x", form_token=uuid4())
    assert (response.status_code, TicketEvent.objects.count()) == (404, events)


@pytest.mark.parametrize("act", ACTS)
def test_k2_an_act_needs_the_token_of_its_form(cast: Cast, declared: Ticket, act: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ines)
    response = client.post(reverse(f"desk:{act}", args=[declared.reference]))
    assert response.status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_a_missing_incident_is_a_404(cast: Cast, act: str) -> None:
    client = Client()
    client.force_login(cast.ines)
    assert client.post(reverse(f"desk:{act}", args=["INC-2026-999999"])).status_code == 404


# --- two at once -------------------------------------------------------------------------------


def test_g3_the_second_engineer_reads_who_and_when(cast: Cast, declared: Ticket) -> None:
    operations.acknowledge(ticket_id=declared.pk, actor=cast.ines, at=TUESDAY_10)
    client = Client()
    client.force_login(cast.marc)
    with freeze_time(LATER):
        page = client.post(
            reverse("desk:acknowledge", args=[declared.reference]), {"queue": ""}, follow=True
        ).content.decode()
    assert f"Déjà pris en charge par {cast.ines.full_name} aujourd’hui à 10\u00a0h\u00a000" in page


def race(ticket: Ticket, engineers: list[User]) -> None:
    """All of them click at the same instant, each in a process' own thread and connection."""
    gate = threading.Barrier(len(engineers), timeout=60)
    address = reverse("desk:acknowledge", args=[ticket.reference])

    def click(engineer: User) -> None:
        client = Client()
        client.force_login(engineer)
        gate.wait(timeout=10)
        client.post(address)
        connections.close_all()

    threads = [threading.Thread(target=click, args=[engineer]) for engineer in engineers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


def test_g3_of_two_at_the_same_instant_one_wins(committed_db: str) -> None:
    engineers = [make_engineer(first_name="Inès"), make_engineer(first_name="Paul")]
    requester = make_ticket().requester
    for _round in range(RACES):
        ticket = make_ticket(requester=requester)
        race(ticket, engineers)
        taken = TicketEvent.objects.filter(ticket=ticket, act=Act.ACKNOWLEDGE)
        assignee = Ticket.objects.get(pk=ticket.pk).assignee
        assert [event.actor for event in taken.select_related("actor")] == [assignee]


def test_a_refusal_is_not_titled_by_the_page(cast: Cast, resolved: Ticket) -> None:
    page = post(resolved, "cancel", cast.ines, reason="Texte gardé.").content.decode()
    assert "Rien n’a été enregistré" in page
