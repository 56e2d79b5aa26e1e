"""What `benchmarks.rungs` does inside Django: a desk that never closes, its incidents and mails."""

from __future__ import annotations

import time
import uuid
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.enums import StaffRole
from accounts.models import Agency, Company, Membership, User
from licences.models import Product, SupportContract
from notifications.models import Delivery
from sla.enums import Severity
from sla.models import Calendar, CalendarVersion, ServiceLevel, ServiceLevelVersion
from tickets import operations
from tickets.enums import Act
from tickets.models import Rung

Facts = dict[str, Any]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS = {"tz": "Europe/Paris", "weekly": {day: [["00:00", "24:00"]] for day in _DAYS}}
# Working minutes: 75, 100 and 150 % of a blocking incident's fall after 45, 60 and 90 seconds.
_TARGET = 1


def open_desk(facts: Facts) -> Facts:
    """One company whose incidents must be taken in charge within a minute, day and night."""
    since = date(2020, 1, 1)
    calendar = Calendar.objects.create(code="toujours", name="Toujours")
    CalendarVersion.objects.create(
        calendar=calendar, effective_from=since, hours={**_ALWAYS, "holidays": []}
    )
    level = ServiceLevel.objects.create(code="minute", name="Une minute")
    ServiceLevelVersion.objects.create(
        service_level=level, effective_from=since, calendar=calendar, pauses_on_vendor=False,
        acknowledgement_blocking=_TARGET, acknowledgement_impairing=60,
        acknowledgement_informational=60, resolution_blocking=6000, resolution_impairing=6000,
        resolution_informational=6000,
    )  # fmt: skip
    agency = Agency.objects.create(name="Agence de mesure", city="Lyon")
    company = Company.objects.create(name="Société de mesure", code="MESURE", agency=agency)
    SupportContract.objects.create(
        company=company, number="CS-MESURE", service_level=level, starts_on=since,
        ends_on=date(2040, 1, 1),
    )  # fmt: skip
    for role in (StaffRole.ENGINEER, StaffRole.MANAGER):
        User.objects.create_user(f"{role.value}@bench.example", staff_role=role, agency=agency)
    customer = User.objects.create_user("client@bench.example")
    Membership.objects.create(user=customer, company=company)
    product = Product.objects.create(name="Revit", vendor="Éditeur")
    return {"company": company.pk, "customer": customer.pk, "product": product.pk}


def declare_slowly(facts: Facts) -> Facts:
    """Incidents at a steady pace, so that they meet beat at every moment of its round."""
    for number in range(facts["incidents"]):
        if number:
            time.sleep(facts["seconds_apart"])
        operations.declare(
            actor=User.objects.get(pk=facts["customer"]),
            company=Company.objects.get(pk=facts["company"]),
            product=Product.objects.get(pk=facts["product"]),
            severity=Severity.BLOCKING, title="Revit se ferme", body="Depuis ce matin.",
            at=timezone.now(), form_token=uuid.uuid4(),
        )  # fmt: skip
    return {}


def lateness(facts: Facts) -> Facts:
    """Seconds from the instant of each rung to its mail in the server, by percent."""
    arrived = {}
    for path in Path(facts["mailbox"]).glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        arrived[str(mail["Message-ID"])] = path.stat().st_mtime
    late: dict[str, list[float]] = {}
    missing = 0
    for row in Delivery.objects.filter(event__act=Act.RUNG).select_related("event"):
        event = row.event
        if event is None or row.message_id not in arrived:
            missing += 1
            continue
        seconds = arrived[row.message_id] - event.effective_at.timestamp()
        late.setdefault(str(event.facts["percent"]), []).append(seconds)
    recorded = [(rung.recorded_at - rung.reached_at).total_seconds() for rung in Rung.objects.all()]
    return {"late": late, "missing": missing, "rungs": len(recorded), "recorded": max(recorded)}
