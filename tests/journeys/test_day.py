"""An engineer's day by the keyboard alone: from the morning's queue to closing in bulk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import PASSWORD, make_engineer
from tests.journeys.browsing import Windows, violations
from tests.journeys.scene import Scene
from tests.journeys.test_call import type_call
from tests.journeys.test_desk import declared
from tests.journeys.test_queue import focused, references
from tickets.enums import Act, Status
from tickets.models import Note, Ticket, TicketEvent

STOPS = 120  # more than the longest page of the day has
LINES = 60


@pytest.fixture
def nadia(scene: Scene) -> User:
    """Nobody else's incidents are hers, so that her day meets no other journey's."""
    person = make_engineer(email="nadia@portail.test", first_name="Nadia", agency=scene.cast.agency)
    person.password = Argon2PasswordHasher().encode(PASSWORD, "a-salt-of-16-chars")
    person.save(update_fields=["password"])
    return person


class Day:
    """A page under ten fingers: no mouse, no field filled from outside."""

    def __init__(self, page: Page, windows: Windows) -> None:
        self.page = page
        self._windows = windows
        self.found: list[str] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def to(self, place: Locator) -> None:
        """Tab until the focus is there."""
        expect(place).to_be_visible()
        for _stop in range(STOPS):
            self.press("Tab")
            if place.evaluate("(element) => element === document.activeElement"):
                return
        raise AssertionError(f"Tab never reaches {place}")

    def use(self, place: Locator) -> None:
        """A link, a button or a fold."""
        self.to(place)
        self.press("Enter")

    def line(self, ticket: Ticket) -> None:
        """The line of an incident, key by key from where one is."""
        expect(self.page.locator(f"#file [value={ticket.reference}]")).to_be_visible()
        # The keys work, and the script has put one back where one was.
        expect(self.page.locator("[data-queue=bar]")).to_be_visible()
        lines = references(self.page)
        for _line in range(LINES):
            here = focused(self.page)
            if here == ticket.reference:
                return
            above = here and lines.index(here) > lines.index(ticket.reference)
            self.press("k" if above else "j")
        raise AssertionError(f"the keys never reach {ticket.reference}")

    def said(self, words: str | re.Pattern[str]) -> None:
        """What the page answers to an act."""
        expect(self.page.locator(".desk-messages")).to_contain_text(words)

    def look(self) -> None:
        """What axe finds here. Its own styles, which the policy refuses, are no fault of ours."""
        assert self._windows.faults() == []
        self.found += violations(self.page, "light")
        self._windows.faults()

    def search_queue(self, words: str) -> None:
        """The queue, narrowed to what holds these words."""
        menu = self.page.get_by_role("navigation", name="Navigation principale")
        self.use(menu.get_by_role("link", name="File d’incidents"))
        self.page.wait_for_url(re.compile(r"/admin/$"))
        self.to(self.page.get_by_role("searchbox"))
        self.type(words)
        self.press("Enter")
        self.page.wait_for_url("**/admin/?*q=*")

    def fold(self, name: str) -> Locator:
        """The form of an act that has to be opened first."""
        summary = self.page.locator("summary").filter(has_text=name)
        self.use(summary)
        form = summary.locator("xpath=..").locator("form")
        expect(form).to_be_visible()
        return form


def status_of(ticket: Ticket) -> Status:
    return Ticket.objects.get(pk=ticket.pk).state


def test_the_day_of_an_engineer_by_the_keyboard_alone(
    windows: Windows, scene: Scene, nadia: User
) -> None:
    titles = ("Journée, maquette fermée", "Journée, calques perdus", "Journée, cotes fausses")
    first, second, third = (declared(scene, title, Severity.BLOCKING) for title in titles)
    day = Day(windows.of(nadia).open("/admin/"), windows)
    steps: tuple[Callable[[], None], ...] = (
        lambda: _takes_charge(day, [first, second, third]),
        lambda: _asks_the_customer(day, first),
        lambda: _merges_a_call(day, first),
        lambda: _hands_over(day, second, scene.hugo),
        lambda: _resolves(day, first),
        lambda: _resolves_the_rest(day, [second, third]),
    )
    for step in steps:
        step()
    assert day.found == []


def _takes_charge(day: Day, tickets: list[Ticket]) -> None:
    """The first by its key, the others together."""
    day.look()
    day.search_queue("Journée")
    day.line(tickets[0])
    day.press("p")
    day.said("Vous avez pris en charge")
    _several(day, tickets[1:], "Prendre en charge")
    day.said("fait pour 2 incidents")
    assert {status_of(ticket) for ticket in tickets} == {Status.IN_PROGRESS}


def _several(day: Day, tickets: list[Ticket], act: str, words: str = "") -> None:
    """One act on several lines of the queue."""
    page = day.page
    for ticket in tickets:
        day.line(ticket)
        day.press("x")
    day.use(page.get_by_role("button", name="Agir sur la sélection"))
    page.wait_for_url("**/groupe/**")
    day.use(page.locator(".bulk-acts").get_by_role("button", name=act, exact=True))
    page.wait_for_url("**acte=**")
    day.look()
    if words:
        day.to(page.locator("form.panel textarea"))
        day.type(words)
    day.use(page.locator("form.panel button[type=submit]"))


def _asks_the_customer(day: Day, ticket: Ticket) -> None:
    day.line(ticket)
    day.press("Enter")
    day.page.wait_for_url(f"**/{ticket.reference}/")
    day.look()
    form = day.fold("Attente client")
    day.to(form.get_by_role("textbox").first)
    day.type("Le journal de ce matin, s’il vous plaît.")
    day.use(form.get_by_role("button", name="Mettre en attente client"))
    day.said("En attente client")
    assert status_of(ticket) is Status.WAITING_CUSTOMER


def _merges_a_call(day: Day, into: Ticket) -> None:
    """The customer calls about the same thing: noted, then merged into what was known."""
    page = day.page
    day.search_queue("Journée")
    day.line(into)
    day.press("a")
    page.wait_for_url("**/appel/**")
    expect(page.locator("#id_words")).to_be_focused()
    day.type("acier alice")
    # One alone: the answer to all that was typed, which no later one replaces under the focus.
    caller = page.locator("[data-caller]")
    expect(caller).to_have_count(1)
    day.press("ArrowDown")
    expect(caller).to_be_focused()
    day.press("Enter")
    type_call(page, "Journée, la même au téléphone")
    day.look()
    day.press("Control+Enter")
    day.said("Appel enregistré")
    double = Ticket.objects.get(title="Journée, la même au téléphone")
    take = page.get_by_role("button", name="Prendre en charge", exact=True)
    if double.state is Status.DECLARED:
        day.use(take)
        day.said("Vous avez pris en charge")
    day.use(page.get_by_role("link", name="Fusionner dans…"))
    day.to(page.locator("main [name=dans]"))
    day.type(into.reference)
    day.press("Enter")
    page.wait_for_url(f"**dans={into.reference}")
    day.look()
    day.to(page.get_by_label("Motif"))
    day.type("Le même incident.")
    day.use(page.get_by_role("button", name=f"Fusionner dans {into.reference}"))
    day.said(re.compile("fusionné", re.IGNORECASE))
    assert Ticket.objects.get(pk=double.pk).merged_into == into


def _hands_over(day: Day, ticket: Ticket, colleague: User) -> None:
    day.search_queue("Journée")
    day.line(ticket)
    day.press("Enter")
    day.page.wait_for_url(f"**/{ticket.reference}/")
    form = day.fold("Affecter à un collègue")
    day.to(form.locator("select"))
    day.type(colleague.full_name)
    day.to(form.locator("textarea"))
    day.type("Le client rappelle à 15 h.")
    day.use(form.get_by_role("button", name="Affecter"))
    day.said(re.compile("affecté", re.IGNORECASE))
    assert Ticket.objects.get(pk=ticket.pk).assignee == colleague
    assert Note.objects.get(ticket=ticket).body == "Le client rappelle à 15 h."


def _resolves(day: Day, ticket: Ticket) -> None:
    day.search_queue("Journée")
    day.line(ticket)
    day.press("Enter")
    day.page.wait_for_url(f"**/{ticket.reference}/")
    form = day.fold("Résoudre")
    day.to(form.get_by_role("textbox").first)
    day.type("Installez la mise à jour 2027.1.2.")
    day.use(form.get_by_role("button", name="Envoyer la solution"))
    day.said("olution envoyée")
    assert status_of(ticket) is Status.RESOLVED


def _resolves_the_rest(day: Day, tickets: list[Ticket]) -> None:
    """« Closing » is the customer's, or their window's: ours give the solution, once for all."""
    day.search_queue("Journée")
    _several(day, tickets, "Résoudre", "Les modèles du serveur ont été remis.")
    day.said("fait pour 2 incidents")
    assert {status_of(ticket) for ticket in tickets} == {Status.RESOLVED}
    solved = TicketEvent.objects.filter(ticket__in=tickets, act=Act.RESOLVE)
    assert [bool(event.recipients) for event in solved] == [True, True]
