"""R3: what is wrong with a form is announced, says where, and is tied to its field."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from freezegun import freeze_time

from tests.isolation.forms import FORMS, Form
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import World

# Longer than any field of the portal takes.
_TOO_LONG = b"m" * 60_001
# The desk's composer and the admin's stock forms are the engineers' own pages.
_OURS = ("desk:", "admin:")
# They have no page of their own to come back to: a choice among the person's companies, a tick,
# a role in a row of the team. A wrong value is the 404 of an object that does not exist. A draft is
# saved by a script, which tells what became of it; « J’ai tout vu » takes no value that is wrong.
_WITHOUT_A_PAGE = {"switch_company", "team_role", "tickets:draft", "home_seen"}
CUSTOMERS = [
    form
    for form in FORMS
    if form.texts and not form.route.startswith(_OURS) and form.route not in _WITHOUT_A_PAGE
]


@dataclass
class Page(HTMLParser):
    """What a page with faults says of them."""

    ids: set[str] = field(default_factory=set)
    described: list[tuple[str, str]] = field(default_factory=list)
    invalid: list[tuple[str, str]] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    announced: int = 0
    links: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.ids.add(facts.get("id", ""))
        self.announced += facts.get("role") == "alert" and "hidden" not in facts
        if "aria-describedby" in facts:
            self.described += [(tag, one) for one in facts["aria-describedby"].split()]
        if facts.get("aria-invalid") == "true":
            self.invalid.append((facts.get("name", tag), facts.get("aria-describedby", "")))
        if "invalid-feedback" in facts.get("class", "").split():
            self.feedback.append(facts.get("id", ""))
        if tag == "a" and facts.get("href", "").startswith("#"):
            self.links.add(facts["href"][1:])


def refused(world: World, form: Form) -> Page:
    """The page that a form too long to be taken comes back with."""
    with freeze_time(WALKED_AT):
        form.before(world)
        answer = form.post(form.client(world), world, text=_TOO_LONG)
    assert answer.status_code in {200, 400, 409, 422}, answer
    page = Page()
    page.feed(answer.content.decode())
    return page


of_each_form = pytest.mark.parametrize("form", CUSTOMERS, ids=lambda form: form.route)


@of_each_form
def test_r3_faults_are_announced(world: World, form: Form) -> None:
    assert refused(world, form).announced > 0


@of_each_form
def test_r3_a_field_at_fault_names_the_text_of_its_fault(world: World, form: Form) -> None:
    page = refused(world, form)
    told = {one for _tag, one in page.described}
    assert page.invalid
    assert [name for name, described in page.invalid if not described] == []
    assert [text for text in page.feedback if text not in told] == []
    assert {one for one in told if one not in page.ids} == set()


@of_each_form
def test_r3_the_summary_leads_to_the_field(world: World, form: Form) -> None:
    page = refused(world, form)
    assert {link for link in page.links if link and link not in page.ids} == set()
