"""E12: incidents with one cause. E13: a second subject that becomes an incident of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from foundation.refusals import Refusal
from notifications.messages import compose
from sla.enums import CommitmentKind, Severity
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.access import may_read_attachment
from tickets.enums import Act, Status
from tickets.models import Commitment, EventToTell, Ticket, TicketEvent
from tickets.verification import verify

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10 + timedelta(minutes=20)


def taken(cast: Cast, title: str, requester: User | None = None, **facts: object) -> Ticket:
    requester = requester or cast.alice
    ticket = make_ticket(
        company=requester.companies.get(), requester=requester, title=title,
        **facts,  # type: ignore[arg-type]  # the factory's own keywords
    )  # fmt: skip
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


@pytest.fixture
def parent(cast: Cast) -> Ticket:
    """Of another company than Alice's: Charlie's."""
    return taken(cast, "CANARI du serveur de licences", cast.charlie)


@pytest.fixture
def child(cast: Cast) -> Ticket:
    return taken(cast, "Revit ne trouve plus sa licence")


def attach(cast: Cast, child: Ticket, parent: Ticket) -> Ticket:
    return operations.attach(ticket_id=child.pk, parent_id=parent.pk, actor=cast.ines, at=LATER)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def get(person: User, address: str, **query: object) -> Page:
    with at(LATER):
        return signed_in(person).get(address, query)  # type: ignore[arg-type]  # texts all


def post(act: str, person: User, ticket: Ticket, **data: object) -> Page:
    with at(LATER):
        return signed_in(person).post(reverse(f"desk:{act}", args=[ticket.reference]), data)


def workspace(cast: Cast, ticket: Ticket) -> Page:
    return get(cast.ines, reverse("desk:ticket", args=[ticket.reference]))


# --- a parent -------------------------------------------------------------------------------------


def test_e12_attaching_links_both_pages_and_moves_nothing(
    cast: Cast, parent: Ticket, child: Ticket
) -> None:
    before = list(Commitment.objects.order_by("pk").values())
    waiting = EventToTell.objects.count()
    attach(cast, child, parent)
    assert again(child).parent == parent
    assert list(Commitment.objects.order_by("pk").values()) == before
    assert EventToTell.objects.count() == waiting
    assert f"Rattaché à {parent.reference}" in text(workspace(cast, child))
    page = text(workspace(cast, parent))
    assert f"{child.reference} rattaché à cet incident" in page
    assert "1 incident rattaché" in page
    assert list(verify()) == []


def test_a2_a_customer_of_another_company_learns_nothing_of_the_parent(
    cast: Cast, parent: Ticket, child: Ticket
) -> None:
    before = body(get(cast.alice, child.get_absolute_url()))
    attach(cast, child, parent)
    page = body(get(cast.alice, child.get_absolute_url()))
    assert (parent.reference in page, "CANARI" in page, "attach" in page) == (False, False, False)
    assert len(page) == len(before)
    assert child.reference not in body(get(cast.charlie, parent.get_absolute_url()))


def test_a2_who_sees_the_parent_reads_its_number(cast: Cast, child: Ticket) -> None:
    own = taken(cast, "La cause")
    attach(cast, child, own)
    assert f"Rattaché à {own.reference}" in text(get(cast.alice, child.get_absolute_url()))
    private = taken(cast, "Privé", is_private=True)
    other = taken(cast, "De Bob", cast.bob)
    attach(cast, other, private)
    assert private.reference not in body(get(cast.bob, other.get_absolute_url()))


def test_e12_one_level_only(cast: Cast, parent: Ticket, child: Ticket) -> None:
    attach(cast, child, parent)
    third = taken(cast, "Troisième")
    with pytest.raises(Refusal, match="lui-même rattaché"):
        attach(cast, third, child)
    with pytest.raises(Refusal, match="D’autres incidents"):
        attach(cast, parent, third)
    with pytest.raises(Refusal, match="lui-même"):
        attach(cast, third, third)


def test_e12_nothing_hangs_on_what_is_over(cast: Cast, parent: Ticket, child: Ticket) -> None:
    operations.cancel(ticket_id=parent.pk, actor=cast.marc, reason="Doublon.", at=LATER)
    response = post("attach", cast.ines, child, number=parent.reference)
    assert response.status_code == 400
    assert "« Annulé » : rien ne s’y rattache plus" in text(response)


def test_detaching_gives_both_back(cast: Cast, parent: Ticket, child: Ticket) -> None:
    post("attach", cast.ines, child, number=parent.reference)
    for _ in range(2):
        assert post("detach", cast.ines, child).status_code == 302
    assert again(child).parent is None
    assert TicketEvent.objects.filter(act=Act.DETACH).count() == 2
    assert f"Détaché de {parent.reference}" in text(workspace(cast, child))


@pytest.mark.parametrize("number", ["", "x", "INC-2026-999999", "INC-2026-00\x000001"])
def test_an_unknown_parent_is_said(cast: Cast, child: Ticket, number: str) -> None:
    assert post("attach", cast.ines, child, number=number).status_code == 400
    assert again(child).parent is None


def test_e12_answering_all_proposes_the_open_children_alone(
    cast: Cast, parent: Ticket, child: Ticket
) -> None:
    over = taken(cast, "Fini")
    attach(cast, child, parent)
    attach(cast, over, parent)
    operations.cancel(ticket_id=over.pk, actor=cast.ines, reason="Fini.", at=LATER)
    page = body(workspace(cast, parent)).partition("Répondre à tous")[0].rpartition("<form")[2]
    assert (child.reference in page, over.reference in page) == (True, False)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("resolve", {"solution": "Serveur relancé."}),
        ("reply", {"body": "Serveur relancé.", "sequel": "resolve"}),
    ],
)
def test_e12_resolving_the_parent_proposes_its_solution_for_the_children(
    cast: Cast, parent: Ticket, child: Ticket, act: str, words: dict[str, str]
) -> None:
    attach(cast, child, parent)
    response = post(act, cast.ines, parent, **words)
    assert again(child).state is Status.IN_PROGRESS
    page = text(get(cast.ines, response["Location"]))
    for part in (child.reference, "Serveur relancé.", cast.alice.full_name):
        assert part in page
    assert parent.reference not in page.partition("Ce qui sera fait")[2]


def test_resolving_what_has_no_open_child_proposes_nothing(cast: Cast, child: Ticket) -> None:
    response = post("resolve", cast.ines, child, solution="Ainsi.")
    assert response["Location"] == reverse("desk:ticket", args=[child.reference])


# --- a second subject -----------------------------------------------------------------------------


@pytest.fixture
def plan_and_ticket(cast: Cast) -> tuple[object, Ticket]:
    plan = make_stored_file(name="plan.pdf")
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, copies=[cast.bob], files=[plan],
        body="Revit plante. Et l’imprimante aussi.",
    )  # fmt: skip
    return plan, operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


def split(cast: Cast, ticket: Ticket, **facts: object) -> Ticket:
    values: dict[str, object] = {
        "title": "L’imprimante", "body": "Elle ne répond plus.", "product": ticket.product,
        "severity": Severity.BLOCKING, "form_token": uuid4(), **facts,
    }  # fmt: skip
    return operations.split(ticket_id=ticket.pk, actor=cast.ines, at=LATER, **values)  # type: ignore[arg-type]  # the operation's own keywords


def test_e13_the_second_subject_is_an_incident_of_the_same_people(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    _plan, ticket = plan_and_ticket
    created = split(cast, ticket)
    assert (created.requester, list(created.copies.all())) == (cast.alice, [cast.bob])
    assert again(created).split_from == ticket
    assert (created.received_at, created.state) == (LATER, Status.DECLARED)
    event = TicketEvent.objects.get(ticket=created, act=Act.DECLARE)
    assert event.recipients == sorted([cast.alice.pk, cast.bob.pk])
    assert "L’imprimante" in compose(event, cast.alice).text
    assert list(verify()) == []


def test_e13_both_pages_name_the_other(cast: Cast, plan_and_ticket: tuple[object, Ticket]) -> None:
    _plan, ticket = plan_and_ticket
    created = split(cast, ticket)
    first, second = (text(get(cast.alice, one.get_absolute_url())) for one in (ticket, created))
    assert f"Second sujet {created.reference}" in first
    assert f"Issu de {ticket.reference}" in second
    assert f"Second sujet ouvert : {created.reference}" in text(workspace(cast, ticket))
    assert ticket.reference in text(workspace(cast, created))


def test_e13_its_files_stand_on_both(cast: Cast, plan_and_ticket: tuple[object, Ticket]) -> None:
    plan, ticket = plan_and_ticket
    created = split(cast, ticket, files=[plan])
    for one in (ticket, created):
        assert "plan.pdf" in text(get(cast.alice, one.get_absolute_url()))
        assert "plan.pdf" in text(workspace(cast, one))
    readers = [may_read_attachment(who, plan) for who in (cast.bob, cast.charlie)]  # type: ignore[arg-type]  # a stored file
    assert readers == [True, False]


def test_e13_the_receipt_names_its_files(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    plan, ticket = plan_and_ticket
    created = split(cast, ticket, files=[plan])
    event = TicketEvent.objects.get(ticket=created, act=Act.DECLARE)
    assert "plan.pdf" in compose(event, cast.alice).text


def test_a1_a_file_of_another_incident_does_not_enter(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    _plan, ticket = plan_and_ticket
    foreign = make_stored_file(name="secret.pdf")
    make_ticket(company=cast.other_company, requester=cast.charlie, files=[foreign])
    with pytest.raises(Refusal, match="n’est pas de cet incident"):
        split(cast, ticket, files=[foreign])
    assert Ticket.objects.filter(split_from=ticket).count() == 0


def test_s3_the_clocks_of_the_first_do_not_move(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    _plan, ticket = plan_and_ticket
    before = list(Commitment.objects.filter(ticket=ticket).order_by("pk").values())
    created = split(cast, ticket)
    assert list(Commitment.objects.filter(ticket=ticket).order_by("pk").values()) == before
    assert promise(created, CommitmentKind.ACKNOWLEDGEMENT).started_at == LATER


def test_a_private_incident_gives_a_private_second_subject(cast: Cast) -> None:
    assert split(cast, taken(cast, "Privé", is_private=True)).is_private


def test_e13_the_page_begins_with_the_message_and_declares_once(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    plan, ticket = plan_and_ticket
    address = reverse("desk:split", args=[ticket.reference])
    message = ticket.messages.get()
    page = body(get(cast.ines, address, message=message.pk))
    assert "Et l’imprimante aussi." in page.partition("<textarea")[2]
    sent = {
        "title": "L’imprimante", "body": "Elle ne répond plus.", "product": ticket.product_id,
        "severity": "impairing", "kept": [str(plan.pk)], "form_token": uuid4(),  # type: ignore[attr-defined]  # a stored file
    }  # fmt: skip
    where = {post("split", cast.ines, ticket, **sent)["Location"] for _ in range(2)}
    created = Ticket.objects.get(split_from=ticket)
    assert where == {reverse("desk:ticket", args=[created.reference])}


def test_a_second_subject_with_faults_keeps_what_was_typed(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    _plan, ticket = plan_and_ticket
    response = post("split", cast.ines, ticket, body="PRÉCIEUX", form_token=uuid4())
    assert response.status_code == 400
    assert "PRÉCIEUX" in body(response)


def test_g4_a_second_subject_of_what_a_colleague_has_just_cancelled(
    cast: Cast, plan_and_ticket: tuple[object, Ticket]
) -> None:
    _plan, ticket = plan_and_ticket
    operations.cancel(ticket_id=ticket.pk, actor=cast.marc, reason="Doublon.", at=LATER)
    response = post(
        "split", cast.ines, ticket, title="T", body="PRÉCIEUX", product=ticket.product_id,
        severity="impairing", form_token=uuid4(),
    )  # fmt: skip
    assert (response.status_code, "PRÉCIEUX" in body(response)) == (409, True)
    assert Ticket.objects.filter(split_from=ticket).count() == 0
