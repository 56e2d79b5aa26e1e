"""What `benchmarks.mails` does inside Django: queues, their draining, calm acts, costly claims."""

from __future__ import annotations

import itertools
import smtplib
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import StaffRole
from accounts.models import Membership, User
from licences.models import Product
from notifications import operations as mails
from notifications import sender
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.sender.letters import prepare
from sla.enums import Severity
from tickets import operations
from tickets.models import Ticket, TicketEvent

Facts = dict[str, Any]

# Mails between two looks at the floor, so that both have the machine as it is.
_SLICE = 250
_CLAIMS = 200
_PEOPLE = 300


# --- mails a second -------------------------------------------------------------------------------


def queue(facts: Facts) -> Facts:
    """Incidents of many companies, declared and taken in charge, until so many mails wait."""
    acts = _acts()
    while Delivery.objects.count() < facts["mails"]:
        for _number in range(50):
            next(acts)()
        while mails.derive_pending(at=timezone.now(), limit=500):
            pass
    return {
        "mails": Delivery.objects.count(),
        "incidents": Delivery.objects.values("event__ticket").distinct().count(),
        "people": Delivery.objects.values("recipient").distinct().count(),
    }


def drain(facts: Facts) -> Facts:
    """Send all of it as one worker does, and bare smtplib the same letters beside it."""
    letters = [prepare(row) for row in _queued().order_by("?")[:_SLICE]]
    with CaptureQueriesContext(connection) as captured:
        number = sender.deliver_pending(at=timezone.now(), limit=20)
    found: Facts = {"queries": len(captured) / number, "slices": [], "floor": []}
    cpu, began_cpu = 0.0, 0.0
    while True:
        began, began_cpu = time.perf_counter(), time.process_time()
        number = sender.deliver_pending(at=timezone.now(), limit=_SLICE)
        seconds = time.perf_counter() - began
        if number < _SLICE:
            break
        cpu += time.process_time() - began_cpu
        found["slices"].append(number / seconds)
        found["floor"].append(_bare(letters))
    sent = _SLICE * len(found["slices"])
    left = _queued().count()
    return found | {"sent": sent, "cpu_ms": cpu * 1e3 / max(sent, 1), "left": left}


def _queued() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.QUEUED)


def _bare(letters: list[Any]) -> float:
    """Mails a second of smtplib alone: letters that are there already, on one connection."""
    began = time.perf_counter()
    with smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT) as smtp:
        for letter in letters:
            smtp.sendmail(letter.sender, [letter.recipient], letter.content)
    return len(letters) / (time.perf_counter() - began)


def _acts() -> Iterator[Callable[[], Any]]:
    """An incident is declared, then taken in charge: of another company each time."""
    product = Product.objects.order_by("pk")[0]
    members = Membership.objects.select_related("user", "company").order_by("?")[:_PEOPLE]
    engineers = User.objects.filter(staff_role=StaffRole.ENGINEER).order_by("pk")
    for member, engineer in zip(
        itertools.cycle(list(members)), itertools.cycle(list(engineers)), strict=False
    ):
        taken: list[Ticket] = []

        def declare(member: Membership = member, taken: list[Ticket] = taken) -> None:
            taken.append(
                operations.declare(
                    actor=member.user, company=member.company, product=product,
                    severity=Severity.IMPAIRING, title="Revit se ferme à l’ouverture",
                    body="Depuis ce matin, Revit se ferme quand j’ouvre la maquette. " * 8,
                    at=timezone.now(), form_token=uuid.uuid4(),
                )
            )  # fmt: skip

        def take(engineer: User = engineer, taken: list[Ticket] = taken) -> None:
            operations.acknowledge(ticket_id=taken[0].pk, actor=engineer, at=timezone.now())

        yield declare
        yield take


# --- commit to SMTP -------------------------------------------------------------------------------


def act_calmly(facts: Facts) -> Facts:
    """So many acts, a second's worth at a steady pace; where their events begin."""
    after = TicketEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    began = time.monotonic()
    for number, act in enumerate(itertools.islice(_acts(), facts["acts"])):
        time.sleep(max(0.0, began + number / facts["pace"] - time.monotonic()))
        act()
    return {"after": after}


def waits(facts: Facts) -> Facts:
    """Seconds from the recorded instant of each event to its mails in the server."""
    arrived = {}
    for path in Path(facts["mailbox"]).glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        arrived[str(mail["Message-ID"])] = path.stat().st_mtime
    rows = Delivery.objects.filter(event__gt=facts["after"]).select_related("event")
    seconds, missing = [], 0
    for row in rows:
        if row.event is None or row.message_id not in arrived:
            missing += 1
        else:
            seconds.append(arrived[row.message_id] - row.event.recorded_at.timestamp())
    return {"seconds": sorted(seconds), "missing": missing}


# --- claims ---------------------------------------------------------------------------------------

_SENT = """\
INSERT INTO notifications_delivery (event_id, recipient_id, channel, address, subject, body_text,
  body_html, message_id, is_answer, is_digest, in_reply_to, state, created_at, attempts, sent_at,
  server_answer)
SELECT event.id, person.id, 'email', person.email, '', '', '', gen_random_uuid(), false, false, '',
  'sent', event.recorded_at, 1, event.recorded_at, '250 2.0.0 pris'
FROM (SELECT id, recorded_at FROM tickets_ticketevent ORDER BY id LIMIT %s) AS event
CROSS JOIN (SELECT id, email FROM accounts_user ORDER BY id LIMIT 40) AS person
LIMIT %s ON CONFLICT DO NOTHING"""
_EVENTS = """\
INSERT INTO tickets_ticketevent (ticket_id, sequence, act, side, origin, recorded_at, effective_at,
  status_before, status_after, facts, recipients, text_digest, previous_hash, hash)
SELECT ticket.id, 1000 + number, 'message', 'engineer', 'portal', now(), now(), '', 'in_progress',
  '{}', ARRAY[person.id], '', '', ''
FROM generate_series(1, %s) AS number
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS rank FROM tickets_ticket) AS ticket
  ON ticket.rank = number %% %s
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS rank FROM accounts_user) AS person
  ON person.rank = number %% %s
ORDER BY number RETURNING id"""
_QUEUED = """\
INSERT INTO notifications_delivery (event_id, recipient_id, channel, address, subject, body_text,
  body_html, message_id, is_answer, is_digest, in_reply_to, state, created_at, attempts,
  next_attempt_at, server_answer)
SELECT event.id, event.recipients[1], 'email', person.email, '', '', '', gen_random_uuid(), false,
  false, '', 'queued', event.recorded_at, 0, event.recorded_at, ''
FROM tickets_ticketevent AS event JOIN accounts_user AS person ON person.id = event.recipients[1]
WHERE event.id = ANY (%s) ORDER BY event.id"""

_A_LOT = 10**9
# The shape of a queue: on how many incidents and to how many people, and what its first mails are.
SHAPES = {
    "many incidents, many people": (_A_LOT, _A_LOT),
    "one person, many incidents": (_A_LOT, 1),
    "one incident, one person": (1, 1),
}
HEADS = ("free", "put off", "half of all to a slow domain")


def fill(facts: Facts) -> Facts:
    """So many mails that have left; the shapes of a queue to claim from."""
    number = facts["sent"]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_SENT, [number // 40 + 1, number])
        cursor.execute("VACUUM (ANALYZE)")
    return {"shapes": [[shape, head] for shape in SHAPES for head in HEADS]}


def claims(facts: Facts) -> Facts:
    """Milliseconds of a claim out of a queue of one shape."""
    with transaction.atomic():
        _queue_of(facts["queued"], *SHAPES[facts["shape"]], facts["head"])
        figures = _claimed()
        transaction.set_rollback(True)
    return figures


def _queue_of(number: int, incidents: int, people: int, head: str) -> None:
    """`head`: whether the very first mail may leave, waits for its next attempt, or has a whole
    half behind it that is left alone.
    """
    incidents = min(incidents, Ticket.objects.count())
    people = min(people, User.objects.count())
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [number, incidents, people])
        events = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_QUEUED, [events])
        if head == "put off":
            later = timezone.now() + timedelta(hours=1)
            _queued().filter(event=min(events)).update(next_attempt_at=later)
        elif head != "free":
            slow = _queued().filter(event__in=events[: number // 2])
            slow.update(address="quelquun@lent.bench.example")
            mails.stalled(address="quelquun@lent.bench.example", is_probe=False, at=timezone.now())
        cursor.execute("ANALYZE notifications_delivery, tickets_ticketevent")


def _claimed() -> Facts:
    at = timezone.now()
    times = []
    limit = time.perf_counter() + 15
    for _number in range(_CLAIMS):
        began = time.perf_counter()
        delivery = mails.claim(at=at)
        times.append((time.perf_counter() - began) * 1e3)
        if delivery is not None:
            mails.release(delivery=delivery)
        if time.perf_counter() > limit:
            break
    return {
        "claims": len(times),
        "p50": statistics.median(times),
        "worst": max(times),
    }
