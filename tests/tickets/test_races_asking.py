"""Colleagues who ask at the same instant, on real commits: one is heard, the others read who was.

A normal run plays 4 rounds; with PORTAL_TORTURE=1 in the environment 200.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections
from django.urls import reverse

from accounts.models import User
from tests.factories.cast import make_cast
from tests.factories.tickets import make_ticket
from tests.tickets.pages import signed_in
from tickets.enums import Act
from tickets.models import TicketEvent

ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 4


def at_once(people: list[User], address: str, data: dict[str, str]) -> list[int]:
    """One post of each, together, each with a form of their own."""
    barrier = Barrier(len(people), timeout=60)

    def post(user: User) -> int:
        client = signed_in(user)
        barrier.wait()
        try:
            answer = client.post(address, {**data, "form_token": str(uuid4())})
            return answer.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(post, people))


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(
    ("act", "data", "kind"),
    [
        ("escalate", {"reason": "Arrêt."}, Act.ESCALATE),
        ("ask_severity", {"reason": "Arrêt.", "severity": "blocking"}, Act.ASK_SEVERITY),
    ],
)
def test_g3_colleagues_who_ask_at_once_ask_once(act: str, data: dict[str, str], kind: Act) -> None:
    cast = make_cast()
    for _ in range(ROUNDS):
        ticket = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
        address = reverse(f"tickets:{act}", args=[ticket.reference])
        answers = at_once([cast.alice, cast.bob, cast.rejane], address, data)
        assert sorted(answers) == [302, 409, 409]
        assert TicketEvent.objects.filter(ticket=ticket, act=kind).count() == 1
