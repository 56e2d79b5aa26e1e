"""Who is told, in the corners: what the clock does, oneself, closed accounts (P5, S10, S11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from tests.factories.accounts import (
    make_agency,
    make_company,
    make_contact,
    make_engineer,
    make_referent,
)
from tests.factories.tickets import TUESDAY_10, acknowledged_ticket, make_ticket
from tickets import operations
from tickets.enums import Act
from tickets.models import Ticket, TicketEvent
from tickets.recipients import customers_of

pytestmark = pytest.mark.django_db
LONG_AFTER = TUESDAY_10 + timedelta(days=30)


def at(minutes: float) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def told(ticket: Ticket, act: Act, **facts: object) -> list[int]:
    found = {f"facts__{name}": value for name, value in facts.items()}
    return TicketEvent.objects.get(ticket=ticket, act=act, **found).recipients


@pytest.fixture
def engineer() -> User:
    return make_engineer()


@pytest.fixture
def resolved(engineer: User) -> Ticket:
    ticket = acknowledged_ticket(engineer=engineer)
    return operations.resolve(ticket_id=ticket.pk, actor=engineer, solution="Fait.", at=at(10))


def test_p5_a_closure_found_by_the_customers_own_message_is_told_to_the_customer(
    resolved: Ticket, engineer: User
) -> None:
    operations.post_message(
        ticket_id=resolved.pk, actor=resolved.requester, body="Merci.", at=LONG_AFTER,
        form_token=uuid4(),
    )  # fmt: skip
    assert told(resolved, Act.CLOSE) == sorted([resolved.requester_id, engineer.pk])


def test_s17_a_closure_found_by_an_engineers_note_tells_whom_the_sweep_would_tell(
    resolved: Ticket, engineer: User
) -> None:
    operations.add_note(
        ticket_id=resolved.pk, actor=engineer, body="Vu.", at=LONG_AFTER, form_token=uuid4()
    )
    assert told(resolved, Act.CLOSE) == sorted([resolved.requester_id, engineer.pk])


def test_p5_nobody_is_told_of_putting_themselves_in_copy() -> None:
    company = make_company()
    referent = make_referent(company)
    ticket = make_ticket(requester=make_contact(company), company=company)
    operations.add_copy(ticket_id=ticket.pk, actor=referent, user=referent, at=at(1))
    assert told(ticket, Act.ADD_COPY) == []


def test_people_of_a_closed_company_are_not_told() -> None:
    ticket = make_ticket()
    ticket.company.is_active = False
    ticket.company.save()
    assert customers_of(ticket) == set()


def test_s11_a_warning_for_an_assignee_whose_account_is_closed_tells_those_on_duty() -> None:
    agency = make_agency()
    present, gone = make_engineer(agency=agency), make_engineer(agency=agency)
    ticket = make_ticket(company=make_company(agency=agency))
    operations.assign(ticket_id=ticket.pk, actor=present, assignee=gone, note="À toi.", at=at(1))
    gone.is_active = False
    gone.save()
    operations.sweep_deadlines(at=at(46))
    assert told(ticket, Act.RUNG, percent=75, kind="acknowledgement") == [present.pk]
