"""The closed mailbox under 10,000 forged mails and 300 of machines; a normal run plays 1/50.

PORTAL_TORTURE=1 in the environment plays all of them; -s shows the figures.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from pytest_django import Settings

from notifications import mailbox
from notifications.enums import Verdict
from notifications.models import Delivery, ReceivedMail
from tests.factories.tickets import TUESDAY_10
from tests.notifications.letters import (
    AUTHORITY,
    CANARY,
    forged_mails,
    letter,
    machine_mails,
    monsters,
)
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db

TORTURE = os.environ.get("PORTAL_TORTURE") == "1"
FORGED, MACHINES, PEOPLE = (10_000, 300, 2_000) if TORTURE else (200, 60, 70)
HOUR = timedelta(hours=1)


def test_p4_nobody_makes_the_mailbox_write_to_strangers(settings: Settings) -> None:
    settings.MAILBOX_AUTHSERV_ID = AUTHORITY
    mails = [*forged_mails(FORGED), *machine_mails(MACHINES)]
    mails += [("x@monstre.example", content) for content in monsters().values()]
    silent = len(mails)
    # Proven people, all of them within the hour: the limit is what holds them.
    mails += [(f"p{n}@gens.example", letter(f"p{n}@gens.example")) for n in range(PEOPLE)]
    slowest = 0.0
    for number, (sender, content) in enumerate(mails):
        began = time.perf_counter()
        mailbox.receive(
            content=content, sender=sender, recipient="support@aplicit.example",
            at=TUESDAY_10 + HOUR * number / len(mails),
        )  # fmt: skip
        slowest = max(slowest, time.perf_counter() - began)
    rows = list(ReceivedMail.objects.order_by("pk"))
    said = Counter(row.verdict for row in rows)
    answered = [row for row in rows if row.verdict == Verdict.ANSWERED]
    reflected = sum(
        CANARY in mail.subject + mail.body_text + mail.body_html for mail in Delivery.objects.all()
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"\nclosed mailbox: {FORGED} forged, {MACHINES} machine, {PEOPLE} of people: "
        f"{len(rows)} listed, {len(answered)} answers in an hour, {reflected} reflected, "
        f"{Ticket.objects.count()} incidents; slowest {slowest:.2f} s, peak {memory} MB"
        f"\n  {dict(said.most_common())}\n"
    )
    assert len(rows) == len(mails)
    assert len(answered) == 50
    assert all(row.answer is None for row in rows[:silent])
    assert Delivery.objects.count() == 50
    assert (reflected, Ticket.objects.count(), Draft.objects.count()) == (0, 0, 0)
