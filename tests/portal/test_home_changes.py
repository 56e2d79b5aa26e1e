"""The customer's home: what needs them, what goes on, what has changed since their last visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from freezegun import freeze_time

from accounts.models import User
from sla.enums import Severity
from tests.factories.accounts import PASSWORD, make_company, make_membership
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.portal.visitors import SignIn
from tests.tickets.pages import main_text, signed_in
from tickets import operations
from tickets.enums import Act
from tickets.models import Ticket
from tickets.queries import changes, home

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10
N = "\u00a0"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with freeze_time(NOW):
        yield


def before(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def page(user: User) -> str:
    return main_text(signed_in(user).get("/"))


def section(shown: str, title: str) -> str:
    """The home from a heading on, up to the next one."""
    rest = shown.partition(title)[2]
    ends = [
        rest.find(end) for end in ("En cours", "Ce qui a changé", "Support ouvert") if end in rest
    ]
    return rest[: min(ends)] if ends else rest


def taken(cast: Cast, title: str = "Éclairage figé", minutes: int = 60, **facts: object) -> Ticket:
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, title=title, at=before(minutes),
        **facts,  # type: ignore[arg-type]  # the factory's own keywords
    )  # fmt: skip
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=before(minutes))
    return ticket


def answer(ticket: Ticket, actor: User, minutes: int = 10) -> None:
    operations.post_message(
        ticket_id=ticket.pk, actor=actor, body="Essayez ceci.", at=before(minutes),
        form_token=uuid4(),
    )  # fmt: skip


# --- what needs the person, what goes on ----------------------------------------------------------


def test_what_waits_for_the_person_comes_first(cast: Cast) -> None:
    taken(cast, "Chez nous")
    waiting = taken(cast, "Vault perdu")
    operations.wait_for_customer(
        ticket_id=waiting.pk, actor=cast.ines, reason="Le journal du poste.", until=None, at=NOW
    )
    proposed = taken(cast, "Presque réglé")
    operations.resolve(ticket_id=proposed.pk, actor=cast.ines, solution="Fait.", at=NOW)
    going = home.going_on(cast.alice, cast.company, NOW)
    assert [line.title for line in going.yours.lines] == ["Vault perdu", "Presque réglé"]
    assert [line.title for line in going.ours.lines] == ["Chez nous"]
    shown = page(cast.alice)
    assert "2 incidents attendent votre réponse" in shown
    assert "Attendu de vous : Le journal du poste." in section(shown, "À vous 2")
    assert "Une solution vous est proposée : acceptez-la, ou refusez-la." in shown


def test_what_goes_on_stands_by_next_deadline_with_its_clock(cast: Cast) -> None:
    make_ticket(requester=cast.alice, title="Gênant", at=before(5))
    make_ticket(
        requester=cast.alice, title="Bloquant", severity=Severity.BLOCKING, at=before(1)
    )  # fmt: skip
    going = home.going_on(cast.alice, cast.company, NOW)
    assert [line.title for line in going.ours.lines] == ["Bloquant", "Gênant"]
    assert "dans 29 min ouvrées" in page(cast.alice)


def test_the_home_says_how_many_it_does_not_show(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "OURS_MAX", 2)
    for number in range(4):
        make_ticket(requester=cast.alice, title=f"n° {number}", at=before(number))
    assert "Encore 2 en cours" in page(cast.alice)


def test_c9_lines_name_their_company_when_several_are_shown(cast: Cast) -> None:
    second = make_company(name="Atelier Nord")
    make_membership(cast.alice, second)
    make_ticket(company=second, requester=cast.alice, title="Au Nord", at=before(1))
    shown = page(cast.alice)
    assert "Toutes mes sociétés" in shown
    assert "Atelier Nord" in section(shown, "En cours")


# --- what has changed -----------------------------------------------------------------------------


def test_a_change_says_what_and_who_and_when(cast: Cast) -> None:
    answer(taken(cast), cast.ines)
    shown = section(page(cast.alice), "Ce qui a changé")
    assert f"{cast.ines.full_name} a répondu aujourd’hui à 9 h 50" in shown
    assert f"{cast.ines.full_name} a pris l’incident en charge" in shown


def test_each_public_act_has_its_sentence(cast: Cast) -> None:
    ticket = taken(cast)
    operations.wait_for_vendor(
        ticket_id=ticket.pk, actor=cast.ines, reason="Cas ouvert.", until=None, at=before(9)
    )
    operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=before(8))
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=before(7))
    found = changes.changes_since(cast.alice, cast.company, before(10), NOW)
    (changed,) = found
    assert [change.sentence for change in changed.changes] == [
        f"{cast.ines.full_name} propose une solution",
        f"{cast.ines.full_name} reprend le traitement",
    ]
    assert changed.others == 1


def test_b1_a_note_is_no_change_and_moves_nothing(cast: Cast) -> None:
    quiet, told = taken(cast, "Annoté"), taken(cast, "Répondu", minutes=90)
    answer(told, cast.ines, minutes=20)
    shown = page(cast.alice)
    operations.add_note(
        ticket_id=quiet.pk, actor=cast.ines, body="CANARI", at=before(1), form_token=uuid4()
    )
    assert page(cast.alice) == shown


def test_b1_notes_on_many_incidents_hide_no_change(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More incidents moved by notes alone than are looked at first."""
    monkeypatch.setattr(changes, "LOOKED_AT", 2)
    told = taken(cast, "Répondu")
    answer(told, cast.ines, minutes=20)
    for number in range(5):
        ticket = taken(cast, f"Annoté {number}", minutes=1_000)
        operations.add_note(
            ticket_id=ticket.pk, actor=cast.ines, body="x", at=before(1), form_token=uuid4()
        )
    (changed,) = changes.changes_since(cast.alice, cast.company, before(30), NOW)
    assert changed.title == "Répondu"


def test_ones_own_acts_are_no_news(cast: Cast) -> None:
    ticket = taken(cast)
    answer(ticket, cast.alice)
    assert changes.changes_since(cast.alice, cast.company, before(30), NOW) == []
    (changed,) = changes.changes_since(cast.rejane, cast.company, before(30), NOW)
    assert changed.changes[0].sentence == f"{cast.alice.full_name} a écrit"


def test_a2_changes_are_those_of_incidents_that_one_may_see(cast: Cast) -> None:
    answer(taken(cast, "Privé", is_private=True), cast.ines)
    assert changes.changes_since(cast.rejane, cast.company, before(90), NOW) == []
    assert changes.changes_since(cast.charlie, None, before(90), NOW) == []
    assert len(changes.changes_since(cast.alice, cast.company, before(90), NOW)) == 1


def test_the_newest_change_stands_first(cast: Cast) -> None:
    first, second = taken(cast, "Premier"), taken(cast, "Second")
    answer(first, cast.ines, minutes=5)
    answer(second, cast.ines, minutes=15)
    found = changes.changes_since(cast.alice, cast.company, before(30), NOW)
    assert [changed.title for changed in found] == ["Premier", "Second"]


def test_b1_what_is_told_holds_no_act_of_the_desk_alone() -> None:
    assert {Act.NOTE, Act.RUNG}.isdisjoint(changes.TOLD)


# --- since when -----------------------------------------------------------------------------------


def test_somebody_who_was_never_here_is_told_of_a_week(cast: Cast) -> None:
    assert "depuis 7 jours" in page(cast.alice)


def test_changes_are_told_since_the_sign_in_before_this_one(cast: Cast) -> None:
    client = Client()
    for hours in (50, 26):
        signed_in_and_out(client, cast, NOW - timedelta(hours=hours))
    client.post("/connexion/", {"login": cast.alice.email, "password": PASSWORD})
    cast.alice.refresh_from_db()
    assert cast.alice.previous_login == NOW - timedelta(hours=26)
    assert "depuis votre connexion précédente, hier à 8 h 00" in main_text(client.get("/"))


def test_signing_in_again_within_a_visit_hides_no_news(cast: Cast) -> None:
    client = Client()
    for hours in (26, 3, 1):
        signed_in_and_out(client, cast, NOW - timedelta(hours=hours))
    cast.alice.refresh_from_db()
    assert cast.alice.previous_login == NOW - timedelta(hours=26)


def signed_in_and_out(client: Client, cast: Cast, at: datetime) -> None:
    with freeze_time(at):
        client.post("/connexion/", {"login": cast.alice.email, "password": PASSWORD})
        client.post("/deconnexion/")


def test_everything_seen_leaves_nothing_until_something_comes(cast: Cast, sign_in: SignIn) -> None:
    ticket = taken(cast)
    answer(ticket, cast.ines)
    client = sign_in(cast.alice)
    response = client.post("/tout-vu/", {"until": NOW.isoformat()}, follow=True)
    shown = main_text(response)
    assert "Rien de nouveau : vous avez tout vu." in shown
    assert "depuis que vous avez tout vu, aujourd’hui à 10 h 00" in shown
    with freeze_time(NOW + timedelta(minutes=5)):
        answer(ticket, cast.ines, minutes=-3)
        assert "a répondu" in main_text(client.get("/"))


def test_what_came_after_the_page_was_shown_is_still_told(cast: Cast, sign_in: SignIn) -> None:
    ticket = taken(cast)
    answer(ticket, cast.ines, minutes=1)
    client = sign_in(cast.alice)
    client.post("/tout-vu/", {"until": before(5).isoformat()})
    assert "a répondu" in main_text(client.get("/"))


@pytest.mark.parametrize(
    "until", ["", "demain", "2026-13-45T99:99", "9999-12-31T23:59:59+00:00", "\x00", "2026-09-15"]
)
def test_a_made_up_instant_hides_nothing_to_come(cast: Cast, sign_in: SignIn, until: str) -> None:
    assert sign_in(cast.alice).post("/tout-vu/", {"until": until}).status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.seen_until == NOW


def test_seen_never_goes_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    client.post("/tout-vu/", {"until": NOW.isoformat()})
    client.post("/tout-vu/", {"until": before(60).isoformat()})
    cast.alice.refresh_from_db()
    assert cast.alice.seen_until == NOW


def test_nobody_is_told_of_more_than_a_month(cast: Cast) -> None:
    cast.alice.previous_login = NOW - timedelta(days=90)
    since = changes.since_of(cast.alice, NOW)
    assert (since.at, since.words) == (NOW - timedelta(days=30), "depuis 30\u00a0jours")


def test_k2_the_home_writes_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    known = User.objects.filter(pk=cast.alice.pk).values().get()
    client.get("/")
    assert User.objects.filter(pk=cast.alice.pk).values().get() == known


# --- the desk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        # 1 May 2026 is a Friday: closed that day, and said on the eve.
        ("2026-04-30T16:30:00+00:00", f"Support fermé, rouvre lundi à 9{N}h"),
        ("2026-05-01T09:00:00+00:00", f"Support fermé, rouvre lundi à 9{N}h"),
        # Easter Monday; the change to summer time was the week before.
        ("2026-04-06T08:00:00+00:00", f"Support fermé, rouvre demain à 9{N}h"),
        ("2026-03-30T06:59:00+00:00", f"Support fermé, rouvre à 9{N}h"),
        ("2026-03-30T07:00:00+00:00", f"Support ouvert jusqu’à 18{N}h"),
        ("2026-03-30T15:59:59+00:00", f"Support ouvert jusqu’à 18{N}h"),
        ("2026-03-30T16:00:00+00:00", f"Support fermé, rouvre demain à 9{N}h"),
    ],
)
def test_p7_the_home_says_whether_somebody_answers_the_phone(
    cast: Cast, at: str, sentence: str
) -> None:
    with freeze_time(datetime.fromisoformat(at)):
        assert sentence.replace(N, " ") in page(cast.alice)
