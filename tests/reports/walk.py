"""Random histories, through the operations that people use: what is refused did not happen."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import User
from foundation.refusals import Refusal
from sla.enums import Severity
from tests.factories.accounts import make_company, make_manager, make_membership, make_user
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import Ticket

STEPS = 9
Step = Callable[[Ticket, User, random.Random, datetime], object]


def _acknowledge(ticket: Ticket, actor: User, _dice: random.Random, at: datetime) -> object:
    return operations.acknowledge(ticket_id=ticket.pk, actor=actor, at=at)


def _wait(ticket: Ticket, actor: User, dice: random.Random, at: datetime) -> object:
    wait = dice.choice((operations.wait_for_customer, operations.wait_for_vendor))
    return wait(ticket_id=ticket.pk, actor=actor, reason="Le journal", until=None, at=at)


def _resume(ticket: Ticket, actor: User, _dice: random.Random, at: datetime) -> object:
    return operations.resume(ticket_id=ticket.pk, actor=actor, at=at)


def _resolve(ticket: Ticket, actor: User, _dice: random.Random, at: datetime) -> object:
    return operations.resolve(ticket_id=ticket.pk, actor=actor, solution="Mise à jour", at=at)


def _reopen(ticket: Ticket, actor: User, _dice: random.Random, at: datetime) -> object:
    return operations.reopen(ticket_id=ticket.pk, actor=actor, reason="Toujours là", at=at)


def _cancel(ticket: Ticket, actor: User, _dice: random.Random, at: datetime) -> object:
    return operations.cancel(ticket_id=ticket.pk, actor=actor, reason="Doublon", at=at)


def _requalify(ticket: Ticket, actor: User, dice: random.Random, at: datetime) -> object:
    return operations.requalify(
        ticket_id=ticket.pk, actor=actor, severity=dice.choice(list(Severity)),
        reason="À revoir", at=at,
    )  # fmt: skip


def _correct(ticket: Ticket, actor: User, dice: random.Random, at: datetime) -> object:
    return operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=actor, reason="Par téléphone", at=at,
        acknowledged_at=ticket.received_at + timedelta(minutes=dice.randrange(150)),
    )  # fmt: skip


PLAIN: tuple[Step, ...] = (
    _acknowledge, _acknowledge, _wait, _wait, _resume, _resume, _resolve, _resolve, _reopen,
    _correct, _cancel,
)  # fmt: skip
TELLING: tuple[Step, ...] = (*PLAIN, _requalify, _requalify, _requalify)


def walk(seed: int, steps: tuple[Step, ...], tickets: int = 12) -> datetime:
    """Live some incidents; gives an instant after everything, at which nothing is left to find."""
    dice = random.Random(seed)
    actor, customer, product = make_manager(), make_user(), make_product()
    make_membership(customer, make_company())
    last = TUESDAY_10
    for _number in range(tickets):
        at = TUESDAY_10 + timedelta(minutes=dice.randrange(5000))
        ticket = make_ticket(
            requester=customer, product=product, severity=dice.choice(list(Severity)), at=at
        )
        for _step in range(STEPS):
            at += timedelta(minutes=dice.choice((5, 20, 31, 60, 121, 240, 900, 2000)))
            try:
                dice.choice(steps)(ticket, actor, dice, at)
            except Refusal:
                continue
        last = max(last, at)
    last += timedelta(minutes=1)
    operations.sweep_deadlines(at=last, limit=10_000)
    return last
