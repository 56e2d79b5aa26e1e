"""What ours keep beside an incident: checklists (E10), the time they spend (E19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from foundation.refusals import Refusal
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in, text
from tickets import operations
from tickets.models import Checklist, ChecklistStep, StepDone, Ticket, TicketEvent, TimeSpent
from tickets.queries.upkeep import checklists_of

if TYPE_CHECKING:
    from tests.tickets.pages import Page

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    found = make_ticket(
        company=cast.company, requester=cast.alice, severity=Severity.BLOCKING,
        at=TUESDAY_10,
    )  # fmt: skip
    return operations.acknowledge(ticket_id=found.pk, actor=cast.ines, at=NOW)


def make_list(name: str = "Licence réseau", *steps: str, **kind: object) -> Checklist:
    found = Checklist.objects.create(name=name, **kind)
    for position, step in enumerate(steps or ("Lire le journal", "Relancer le service")):
        ChecklistStep.objects.create(checklist=found, position=position, text=step)
    return found


def step_named(words: str) -> ChecklistStep:
    return ChecklistStep.objects.get(text=words)


def get(cast: Cast, ticket: Ticket, name: str, *, who: str = "ines", **query: str) -> Page:
    address = reverse(f"desk:{name}", args=[ticket.reference])
    return signed_in(getattr(cast, who)).get(address, query, headers=HTMX)


def post(cast: Cast, ticket: Ticket, name: str, *, who: str = "ines", **data: str) -> Page:
    address = reverse(f"desk:{name}", args=[ticket.reference])
    return signed_in(getattr(cast, who)).post(address, data, headers=HTMX)


# --- checklists -----------------------------------------------------------------------------------


def test_e10_the_lists_are_those_of_this_kind_of_incident(cast: Cast, ticket: Ticket) -> None:
    make_list("De tous")
    make_list("Du produit", "a", product=ticket.product)
    make_list("Des bloquants", "b", severity=Severity.BLOCKING)
    make_list("D’un autre produit", "c", product=make_product())
    make_list("Des informatifs", "d", severity=Severity.INFORMATIONAL)
    make_list("Hors d’usage", "e", is_active=False)
    names = [listed.name for listed in checklists_of(ticket)]
    assert sorted(names) == ["De tous", "Des bloquants", "Du produit"]


def test_e10_a_tick_says_who_and_when(cast: Cast, ticket: Ticket) -> None:
    make_list()
    page = post(cast, ticket, "tick", step_id=str(step_named("Lire le journal").pk), is_done="on")
    assert f"Lire le journal {cast.ines}, aujourd’hui à 10 h 20" in text(page)
    assert body(page).count('aria-checked="true"') == 1


def test_e10_of_two_who_tick_at_once_the_first_is_named(cast: Cast, ticket: Ticket) -> None:
    make_list()
    step = str(step_named("Lire le journal").pk)
    post(cast, ticket, "tick", step_id=step, is_done="on")
    post(cast, ticket, "tick", who="marc", step_id=step, is_done="on")
    assert StepDone.objects.get().done_by == cast.ines


def test_e10_a_tick_is_taken_back(cast: Cast, ticket: Ticket) -> None:
    make_list()
    step = str(step_named("Lire le journal").pk)
    for done in ({"is_done": "on"}, {}, {}):
        assert post(cast, ticket, "tick", step_id=step, **done).status_code == 200
    assert not StepDone.objects.exists()


def test_e10_a_list_that_was_begun_stays_when_the_severity_changes(
    cast: Cast, ticket: Ticket
) -> None:
    make_list(severity=Severity.BLOCKING)
    post(cast, ticket, "tick", step_id=str(step_named("Lire le journal").pk), is_done="on")
    operations.requalify(
        ticket_id=ticket.pk, actor=cast.ines, severity=Severity.IMPAIRING, reason="Moins grave.",
        at=NOW, form_token=uuid4(),
    )  # fmt: skip
    ticket.refresh_from_db()
    assert [listed.done for listed in checklists_of(ticket)] == [1]


def test_e10_undone_steps_are_said_before_resolving(cast: Cast, ticket: Ticket) -> None:
    make_list()
    said = "2 étapes des listes de contrôle ne sont pas cochées"
    address = reverse("desk:pane", args=[ticket.reference, "resolve"])
    assert said in text(signed_in(cast.ines).get(address, headers=HTMX))
    for step in ChecklistStep.objects.all():
        post(cast, ticket, "tick", step_id=str(step.pk), is_done="on")
    assert "listes de contrôle" not in text(signed_in(cast.ines).get(address, headers=HTMX))


@pytest.mark.parametrize("step_id", ["0", "999999999", "x", "9" * 30, ""])
def test_g2_a_step_that_is_gone_is_said_and_nothing_is_ticked(
    cast: Cast, ticket: Ticket, step_id: str
) -> None:
    make_list()
    page = post(cast, ticket, "tick", step_id=step_id, is_done="on")
    assert "Cette étape n’existe plus : la liste a changé." in text(page)
    assert not StepDone.objects.exists()


def test_without_a_script_the_lists_are_a_page(cast: Cast, ticket: Ticket) -> None:
    make_list()
    client = signed_in(cast.ines)
    answer = client.post(
        reverse("desk:tick", args=[ticket.reference]),
        {"step_id": step_named("Lire le journal").pk, "is_done": "on"},
        follow=True,
    )
    assert "<h1>Listes de contrôle</h1>" in body(answer)
    assert 'aria-checked="true"' in body(answer)


def test_b1_a_customer_reads_nothing_of_either(cast: Cast, ticket: Ticket) -> None:
    make_list("canari-liste", "canari-étape")
    post(cast, ticket, "tick", step_id=str(step_named("canari-étape").pk), is_done="on")
    post(cast, ticket, "note-time", minutes="3 h 57", form_token=str(uuid4()))
    client = signed_in(cast.alice)
    page = body(client.get(reverse("tickets:ticket", args=[ticket.reference])))
    assert [word for word in ("canari", "3 h 57", "Temps passé") if word in page] == []
    for name in ("checklists", "time"):
        assert client.get(reverse(f"desk:{name}", args=[ticket.reference])).status_code == 404


def test_nothing_of_it_is_an_event(cast: Cast, ticket: Ticket) -> None:
    make_list()
    before = TicketEvent.objects.count()
    post(cast, ticket, "tick", step_id=str(step_named("Lire le journal").pk), is_done="on")
    post(cast, ticket, "note-time", minutes="15", form_token=str(uuid4()))
    assert TicketEvent.objects.count() == before


def test_a_customer_can_do_neither_by_the_operations(cast: Cast, ticket: Ticket) -> None:
    make_list()
    step = step_named("Lire le journal")
    with pytest.raises(Refusal):
        operations.tick_step(
            ticket_id=ticket.pk, step_id=step.pk, is_done=True, actor=cast.alice, at=NOW
        )
    with pytest.raises(Refusal):
        operations.note_time(
            ticket_id=ticket.pk, minutes=5, actor=cast.alice, at=NOW, form_token=uuid4()
        )


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("15", 15), (" 90 min", 90), ("1 h", 60), ("1 h 30", 90), ("1h5", 65), ("2:15", 135),
     ("24 h", 1440), ("1\u00a0h\u00a005", 65)],
)  # fmt: skip
def test_e19_a_duration_is_read_as_people_write_it(
    cast: Cast, ticket: Ticket, written: str, minutes: int
) -> None:
    post(cast, ticket, "note-time", minutes=written, form_token=str(uuid4()))
    assert TimeSpent.objects.get().minutes == minutes


@pytest.mark.parametrize(
    "written", ["", "0", "-5", "24 h 01", "1441", "une heure", "1 h 75", "9" * 40]
)
def test_e19_another_is_refused_with_what_was_typed(
    cast: Cast, ticket: Ticket, written: str
) -> None:
    page = post(cast, ticket, "note-time", minutes=written, form_token=str(uuid4()))
    assert f'value="{written}"' in body(page) or not written
    assert "Écrivez une durée" in text(page)
    assert not TimeSpent.objects.exists()


def test_e19_the_total_is_everybodys(cast: Cast, ticket: Ticket) -> None:
    post(cast, ticket, "note-time", minutes="45", form_token=str(uuid4()))
    post(cast, ticket, "note-time", who="marc", minutes="1 h", form_token=str(uuid4()))
    assert "Total : 1 h 45" in text(get(cast, ticket, "time"))


def test_g1_the_same_form_counts_once(cast: Cast, ticket: Ticket) -> None:
    token = str(uuid4())
    for _time in range(2):
        post(cast, ticket, "note-time", minutes="45", form_token=token)
    assert TimeSpent.objects.count() == 1


def test_e19_ones_own_entry_is_removed_not_anothers(cast: Cast, ticket: Ticket) -> None:
    post(cast, ticket, "note-time", minutes="45", form_token=str(uuid4()))
    entry = str(TimeSpent.objects.get().pk)
    post(cast, ticket, "remove-time", who="marc", time_id=entry)
    assert TimeSpent.objects.count() == 1
    post(cast, ticket, "remove-time", time_id=entry)
    assert TimeSpent.objects.count() == 0
