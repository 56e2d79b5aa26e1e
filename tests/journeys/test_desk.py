"""§2.2: an engineer takes charge from the queue."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.tickets import make_ticket
from tests.journeys.browsing import Windows
from tests.journeys.post import PostOffice, text_of
from tests.journeys.scene import Scene
from tickets.models import Ticket

TO_TAKE = "/admin/?onglet=a-prendre"


def declared(scene: Scene, title: str, severity: Severity = Severity.IMPAIRING) -> Ticket:
    """An incident of Alice's, just declared."""
    return make_ticket(
        requester=scene.cast.alice, product=scene.revit, severity=severity, title=title,
        at=timezone.now(),
    )  # fmt: skip


def to_take(ticket: Ticket) -> str:
    """The queue narrowed to it, however many incidents other journeys left there."""
    return f"{TO_TAKE}&q={ticket.reference}"


def take(page: Page, ticket: Ticket) -> None:
    """« Prendre en charge » on the queue as it is on the screen."""
    page.get_by_role("button", name=f"Prendre en charge {ticket.reference}").click()


def test_the_queue_says_time_left_in_words_by_next_deadline(
    ines: Page, scene: Scene, width: int
) -> None:
    ticket = declared(scene, f"La file dit le temps qui reste ({width})")
    ines.goto(TO_TAKE)

    line = ines.get_by_role("row").filter(has_text=ticket.reference)
    expect(line.locator("td:nth-child(6) b")).to_have_text(re.compile(r"\d+\s(min|h)"))
    boxes = ines.get_by_role("checkbox").and_(ines.locator("[name=ticket]"))
    references = boxes.evaluate_all("boxes => boxes.map((box) => box.value)")
    assert references.index(scene.forgotten.reference) < references.index(ticket.reference)


def test_taking_charge_in_one_click_tells_the_customer(
    ines: Page, alice: Page, scene: Scene, post: PostOffice, width: int
) -> None:
    ticket = declared(scene, f"En un clic ({width})")
    ines.goto(to_take(ticket))
    take(ines, ticket)

    expect(ines.locator(".desk-messages")).to_contain_text("Vous avez pris en charge")
    ines.locator(".desk-messages a").click()
    expect(ines.locator(".thread")).to_contain_text("Déclaré → En cours")
    clock = ines.locator(".clock").filter(has_text="Prise en charge")
    expect(clock.locator(".clock-state")).to_have_text("tenu")

    mail = text_of(post.wait(scene.cast.alice, ticket.reference, "Pris en charge"))
    assert f"{scene.cast.ines.full_name} a pris en charge votre incident" in mail
    alice.goto(ticket.get_absolute_url())
    expect(alice.locator(".thread")).to_contain_text("a pris l’incident en charge")
    expect(alice.locator(".turn-panel h2")).to_contain_text("s’occupe de votre incident")


def test_g3_the_second_engineer_reads_who_and_when(
    ines: Page, windows: Windows, scene: Scene, cast: Cast, width: int
) -> None:
    ticket = declared(scene, f"Deux à la fois ({width})")
    hugo = windows.of(scene.hugo).open(to_take(ticket), width=width)
    ines.goto(to_take(ticket))
    take(ines, ticket)
    expect(ines.locator(".desk-messages")).to_contain_text("Vous avez pris en charge")
    take(hugo, ticket)

    # Midnight may pass between the two.
    who = re.escape(f"Déjà pris en charge par {cast.ines.full_name}")
    expect(hugo.locator(".desk-messages")).to_contain_text(
        re.compile(rf"{who}\s(aujourd’hui|hier)\sà\s\d")
    )
    assert Ticket.objects.get(pk=ticket.pk).assignee == cast.ines
