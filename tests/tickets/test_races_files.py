"""Customers who act at the same instant, on real commits: files, accesses, the end of an incident.

A normal run plays 4 rounds; with PORTAL_TORTURE=1 in the environment 200.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from freezegun import freeze_time

from accounts.models import Membership
from files.models import StoredFile, Upload
from tests.factories.cast import Cast, make_cast
from tests.factories.files import PDF, make_stored_file
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import signed_in
from tests.tickets.racing import at_once
from tickets import operations
from tickets.enums import Act
from tickets.models import Attachment, Ticket, TicketEvent

ROUNDS = 200 if os.environ.get("PORTAL_TORTURE") == "1" else 4
NOW = TUESDAY_10 + timedelta(minutes=5)
pytestmark = pytest.mark.usefixtures("committed_db")


def post(client: Client, address: str, data: dict[str, Any]) -> int:
    return client.post(address, data).status_code


def download(client: Client, file: StoredFile) -> int:
    answer = client.get(f"/fichiers/{file.pk}/")
    answer.getvalue()
    return answer.status_code


def resolved(cast: Cast) -> Ticket:
    ticket = make_ticket(company=cast.company, requester=cast.alice)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=TUESDAY_10)
    return ticket


def test_c6_a_file_that_arrives_while_the_incident_is_closed_has_an_owner() -> None:
    """With the message if it was taken; else it waits with the form that came back."""
    cast = make_cast()
    with freeze_time(NOW):
        for number in range(ROUNDS):
            ticket = resolved(cast)
            page, name = ticket.get_absolute_url(), f"journal-{number}.pdf"
            alice, rejane = signed_in(cast.alice), signed_in(cast.rejane)
            sent = {
                "body": "Voici le journal.", "form_token": str(uuid4()),
                "uploads": [SimpleUploadedFile(name, PDF)],
            }  # fmt: skip
            said, closed = at_once(
                partial(post, alice, f"{page}message/", sent),
                partial(post, rejane, f"{page}accepter/", {"cycle": "1"}),
            )
            assert {said, closed} <= {302, 409}
            file = StoredFile.objects.get(name=name)
            attached = Attachment.objects.filter(file=file, message__ticket=ticket).count()
            waiting = Upload.objects.filter(
                file=file, person=cast.alice, claimed_at__isnull=True
            ).count()
            assert (attached, waiting) == ((1, 0) if said == 302 else (0, 1))


def test_c7_an_access_that_is_closed_at_the_click_serves_nothing_afterwards() -> None:
    cast = make_cast()
    ticket = make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob])
    file = make_stored_file(name="plan.pdf", actor=cast.ines)
    operations.post_message(
        ticket_id=ticket.pk, actor=cast.ines, body="Voici.", files=[file],
        form_token=uuid4(), at=TUESDAY_10,
    )  # fmt: skip
    mine = Membership.objects.filter(user=cast.bob)
    with freeze_time(NOW):
        for _round in range(ROUNDS):
            mine.update(is_active=True)
            bob = signed_in(cast.bob)
            assert bob.get(ticket.get_absolute_url()).status_code == 200
            answer, _closed = at_once(
                partial(download, bob, file), partial(mine.update, is_active=False)
            )
            assert answer in {200, 404}
            assert download(bob, file) == 404
            assert bob.get(ticket.get_absolute_url()).status_code == 404


def test_g3_a_solution_accepted_twice_at_once_closes_once() -> None:
    cast = make_cast()
    with freeze_time(NOW):
        for _round in range(ROUNDS):
            ticket = resolved(cast)
            page = ticket.get_absolute_url()
            clients = [signed_in(person) for person in (cast.alice, cast.rejane)]
            answers = at_once(
                *(partial(post, client, f"{page}accepter/", {"cycle": "1"}) for client in clients)
            )
            ticket.refresh_from_db()
            accepted = TicketEvent.objects.filter(ticket=ticket, act=Act.ACCEPT).count()
            assert (ticket.status, accepted) == ("closed", 1)
            assert sorted(answers) == [302, 409]
