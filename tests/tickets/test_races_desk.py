"""Two engineers at the same instant, on real commits: one acts, the other reads what changed.

A normal run plays 3 rounds of each; with PORTAL_TORTURE=1 in the environment 200.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from freezegun import freeze_time

from accounts.models import User
from foundation.refusals import Refusal
from tests.factories.cast import Cast, make_cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import text
from tests.tickets.racing import at_once
from tickets import operations
from tickets.enums import Act, Status
from tickets.models import Note, Ticket, TicketEvent
from tickets.verification import verify

ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 3
LATER = TUESDAY_10 + timedelta(minutes=20)

pytestmark = pytest.mark.usefixtures("committed_db")
Post = tuple[User, str, dict[str, Any]]


def taken(cast: Cast) -> Ticket:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)


def sent(post: Post) -> Callable[[], Any]:
    """A post whose session is open before the race."""
    person, address, data = post
    client = Client()
    client.force_login(person)
    return lambda: client.post(address, {"form_token": str(uuid4()), **data})


def acts(ticket: Ticket) -> list[str]:
    events = TicketEvent.objects.filter(ticket=ticket).order_by("sequence")
    return [act for act in events.values_list("act", flat=True) if act != Act.RUNG]


def sound(tickets: Sequence[Ticket]) -> bool:
    """Both chains whole and every promise what the events give."""
    return list(verify([ticket.reference for ticket in tickets])) == []


def unsaid(operation: Callable[[], object]) -> Callable[[], bool]:
    """Whether the operation was accepted."""

    def run() -> bool:
        try:
            operation()
        except Refusal:
            return False
        return True

    return run


RACES = [
    (("resolve", {"solution": "Ainsi."}), ("resolve", {"solution": "Autrement."})),
    (("resolve", {"solution": "Ainsi."}), ("cancel", {"reason": "Doublon."})),
    (("cancel", {"reason": "Doublon."}), ("cancel", {"reason": "Erreur."})),
    (("wait-customer", {"reason": "Ceci."}), ("wait-vendor", {"reason": "Cela."})),
    (("wait-customer", {"reason": "Ceci."}), ("resolve", {"solution": "Ainsi."})),
    (("requalify", {"severity": "blocking", "reason": "Arrêt."}),
     ("requalify", {"severity": "informational", "reason": "Moins grave."})),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), RACES, ids=[f"{a[0]}-{b[0]}" for a, b in RACES])
def test_g3_of_two_acts_at_once_one_is_done_and_the_other_told(
    first: tuple[str, dict[str, str]], second: tuple[str, dict[str, str]]
) -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket = taken(cast)
        before, seen = acts(ticket), {"seen": str(ticket.last_sequence)}
        posts = [
            sent((person, reverse(f"desk:{act}", args=[ticket.reference]), {**data, **seen}))
            for person, (act, data) in ((cast.ines, first), (cast.marc, second))
        ]
        with freeze_time(LATER):
            answers = at_once(*posts)
            loser = next(answer for answer in answers if answer.status_code == 409)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert "L’incident a changé depuis l’ouverture de cette page" in text(loser)
        assert len(acts(ticket)) == len(before) + 1
        assert sound([ticket])


def test_g3_of_two_hand_overs_at_once_one_is_done() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket = make_ticket(company=cast.company, requester=cast.alice)
        address = reverse("desk:assign", args=[ticket.reference])
        seen = {"seen": str(ticket.last_sequence)}
        posts = [
            sent((who, address, {"assignee": to.pk, "note": "CANARI", **seen}))
            for who, to in ((cast.ines, cast.marc), (cast.marc, cast.ines))
        ]
        with freeze_time(LATER):
            answers = at_once(*posts)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert acts(ticket) == [Act.DECLARE, Act.ASSIGN]
        assert Note.objects.filter(ticket=ticket).count() == 1


@pytest.mark.parametrize("act", ["merge", "attach"])
def test_g3_two_incidents_sent_into_each_other_never_wait_for_each_other(act: str) -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        pair = [taken(cast), taken(cast)]
        posts = []
        sides = [(cast.ines, pair[0], pair[1]), (cast.marc, pair[1], pair[0])]
        for person, one, other in sides:
            data = {"dans": other.reference, "number": other.reference, "reason": "Même panne."}
            address = reverse(f"desk:{act}", args=[one.reference])
            posts.append(sent((person, address, {**data, "seen": str(one.last_sequence)})))
        with freeze_time(LATER):
            answers = at_once(*posts)
        # The slower one may read it before the form is valid (400) or from the operation (409).
        assert [answer.status_code for answer in answers].count(302) == 1
        found = [Ticket.objects.get(pk=ticket.pk) for ticket in pair]
        links = [ticket.merged_into_id or ticket.parent_id for ticket in found]
        assert links.count(None) == 1
        assert sound(pair)


def test_g3_a_merge_and_the_end_of_its_survivor() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket, into = taken(cast), taken(cast)
        merging = partial(
            operations.merge, ticket_id=ticket.pk, into_id=into.pk, actor=cast.ines,
            reason="Même.", at=LATER,
        )  # fmt: skip
        ending = partial(
            operations.cancel, ticket_id=into.pk, actor=cast.marc, reason="Doublon.", at=LATER
        )
        merged, ended = at_once(unsaid(merging), unsaid(ending))
        assert ended
        found = Ticket.objects.get(pk=ticket.pk)
        assert (found.state is Status.CANCELLED, found.merged_into_id is not None) == (
            merged,
            merged,
        )
        assert sound([ticket, into])


def test_g3_two_groups_that_meet_act_once_on_each() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        tickets = [taken(cast) for _number in range(4)]
        names = [ticket.reference for ticket in tickets]
        posts = [
            sent((person, reverse("desk:bulk"), {
                "acte": "resoudre", "solution": "Ainsi.", "ticket": order,
            }))
            for person, order in ((cast.ines, names), (cast.marc, names[::-1]))
        ]  # fmt: skip
        with freeze_time(LATER):
            answers = at_once(*posts)
        assert {answer.status_code for answer in answers} <= {302, 409}
        for ticket in tickets:
            assert acts(ticket).count(Act.RESOLVE) == 1
        assert sound(tickets)


def test_g3_one_group_sent_twice_at_once_acts_once() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        tickets = [taken(cast) for _number in range(3)]
        form = {
            "acte": "repondre", "body": "Une mise à jour.", "form_token": str(uuid4()),
            "ticket": [ticket.reference for ticket in tickets],
        }  # fmt: skip
        with freeze_time(LATER):
            answers = at_once(*[sent((cast.ines, reverse("desk:bulk"), form)) for _ in range(2)])
        assert [answer.status_code for answer in answers] == [302, 302]
        assert [acts(ticket).count(Act.MESSAGE) for ticket in tickets] == [1, 1, 1]


def test_g3_one_split_sent_twice_at_once_declares_once() -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket = taken(cast)
        address = reverse("desk:split", args=[ticket.reference])
        form = {
            "title": "Le second", "body": "Sujet.", "product": ticket.product_id,
            "severity": "impairing", "form_token": str(uuid4()),
        }  # fmt: skip
        with freeze_time(LATER):
            answers = at_once(*[sent((cast.ines, address, form)) for _ in range(2)])
        assert {answer["Location"] for answer in answers} == {
            reverse("desk:ticket", args=[Ticket.objects.get(split_from=ticket).reference])
        }
        assert acts(ticket).count(Act.SPLIT) == 1
