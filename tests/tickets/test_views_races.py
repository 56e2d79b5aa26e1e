"""The same form sent twice at the same instant, on real commits.

A normal run sends 4 at once; with PORTAL_TORTURE=1 in the environment 50, one form 200 times.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from freezegun import freeze_time

from tests.factories.cast import make_cast
from tests.factories.files import make_upload
from tests.factories.licences import make_licence
from tests.factories.tickets import make_ticket
from tests.tickets.pages import signed_in
from tickets import operations
from tickets.enums import Act
from tickets.models import Attachment, Draft, Ticket, TicketEvent

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
# PostgreSQL lets a hundred in.
AT_ONCE = 50 if TORTURE else 4
WAVES = 4 if TORTURE else 1


def send_at_once(user: Any, address: str, data: dict[str, Any]) -> list[tuple[int, str]]:
    """The same post from several browsers, together: status and where each was sent."""
    return all_at_once([(user, address, data)] * AT_ONCE)


def all_at_once(posts: list[tuple[Any, str, dict[str, Any]]]) -> list[tuple[int, str]]:
    """Posts of several people, each in a browser of its own, together."""
    barrier = Barrier(len(posts), timeout=60)

    def send(post: tuple[Any, str, dict[str, Any]]) -> tuple[int, str]:
        user, address, data = post
        client = signed_in(user)
        barrier.wait()
        try:
            response = client.post(address, data)
            return response.status_code, response.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(send, posts))


@pytest.mark.usefixtures("committed_db")
def test_one_form_sent_at_once_makes_one_incident_with_its_file() -> None:
    cast = make_cast()
    licence, token = make_licence(cast.company), uuid4()
    make_upload(cast.alice, form_token=token, name="plan.pdf")
    data = {
        "product": licence.product_id, "severity": "blocking", "title": "Une", "body": "fois",
        "form_token": str(token),
    }  # fmt: skip
    answers = [
        answer
        for _wave in range(WAVES)
        for answer in send_at_once(cast.alice, "/incidents/declarer/", data)
    ]
    ticket = Ticket.objects.get()
    assert {(status, where.partition("?")[0]) for status, where in answers} == {
        (302, ticket.get_absolute_url())
    }
    assert Attachment.objects.get(message__ticket=ticket).file.name == "plan.pdf"


@pytest.mark.usefixtures("committed_db")
def test_the_same_words_sent_at_once_under_several_tokens_make_one_incident() -> None:
    cast = make_cast()
    product = make_licence(cast.company).product_id
    words = {"product": product, "severity": "blocking", "title": "Une", "body": "fois"}
    barrier = Barrier(AT_ONCE, timeout=60)

    def send(_number: int) -> int:
        client = signed_in(cast.alice)
        barrier.wait()
        try:
            return client.post(
                "/incidents/declarer/", {**words, "form_token": str(uuid4())}
            ).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = sorted(pool.map(send, range(AT_ONCE)))
    assert Ticket.objects.count() == 1
    # The others are asked whether it is the same one, their text before their eyes.
    assert answers == [200] * (AT_ONCE - 1) + [302]


@pytest.mark.usefixtures("committed_db")
def test_a_save_that_races_with_the_declaration_leaves_no_draft() -> None:
    cast = make_cast()
    product, token = make_licence(cast.company).product_id, str(uuid4())
    data = {
        "product": product, "severity": "blocking", "title": "Une", "body": "fois",
        "form_token": token,
    }  # fmt: skip
    barrier = Barrier(AT_ONCE, timeout=60)

    def send(number: int) -> None:
        client = signed_in(cast.alice)
        address = "/incidents/declarer/" + ("brouillon/" if number else "")
        barrier.wait()
        try:
            client.post(address, data)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, range(AT_ONCE)))
    assert (Ticket.objects.count(), Draft.objects.count()) == (1, 0)


@pytest.mark.usefixtures("committed_db")
def test_one_answer_sent_at_once_is_stored_once_with_its_file() -> None:
    cast = make_cast()
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    token = uuid4()
    make_upload(cast.alice, form_token=token, name="journal.pdf")
    address = f"{ticket.get_absolute_url()}message/"
    answers = send_at_once(cast.alice, address, {"body": "Voici", "form_token": str(token)})
    assert {status for status, _address in answers} == {302}
    message = ticket.messages.get(body="Voici")
    assert message.attachments.get().file.name == "journal.pdf"


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("_round", range(3))
def test_g3_one_accepts_and_another_refuses_at_once_and_one_of_them_wins(_round: int) -> None:
    cast = make_cast()
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    pk, at = ticket.pk, ticket.received_at
    operations.acknowledge(ticket_id=pk, actor=cast.ines, at=at)
    operations.resolve(ticket_id=pk, actor=cast.ines, solution="Videz le cache.", at=at)
    page = ticket.get_absolute_url()
    with freeze_time(at + timedelta(minutes=5)):
        answers = all_at_once(
            [
                (cast.alice, f"{page}accepter/", {"cycle": "1"}),
                (cast.rejane, f"{page}refuser/",
                 {"reason": "Toujours pareil.", "form_token": str(uuid4())}),
            ]
        )  # fmt: skip
    ticket.refresh_from_db()
    told = TicketEvent.objects.filter(ticket=ticket, act__in=[Act.ACCEPT, Act.REOPEN]).count()
    # The other reads why, and their reason comes back; or reopens what was closed just before.
    assert {status for status, _where in answers} <= {302, 409}
    assert (ticket.status, told) in {("closed", 1), ("declared", 1), ("declared", 2)}
    assert told == [status for status, _where in answers].count(302)
