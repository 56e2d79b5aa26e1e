"""The demonstration’s story: every status, promises met and missed, a history that proves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import DjangoDbBlocker

from accounts.models import Company, User
from blog.models import Article
from notifications.models import Delivery
from portal.demo import loading
from tests.conftest import TEMPLATE
from tests.plugins.databases import Databases, connected_to
from tickets.enums import Status
from tickets.models import (
    Ask,
    Canned,
    Checklist,
    Commitment,
    EventToTell,
    StepDone,
    Ticket,
)
from tickets.verification import verify

# A Monday afternoon, and a Saturday night: the story must hold at any moment.
NOWS = [datetime(2026, 11, 23, 14, tzinfo=UTC), datetime(2026, 8, 15, 22, tzinfo=UTC)]


@pytest.fixture(scope="module", params=NOWS, ids=["monday", "holiday night"])
def now(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    databases: Databases,
) -> Iterator[datetime]:
    """The story told once for all tests of this module, in a database of its own."""
    name = f"{TEMPLATE}_demo"
    databases.create(name, template=TEMPLATE)
    try:
        with connected_to(databases.app_url(name)), django_db_blocker.unblock():
            loading.load(request.param)
            yield request.param
    finally:
        databases.drop(name)


def test_the_cast_is_complete(now: datetime) -> None:
    assert (
        Company.objects.count(),
        User.objects.filter(staff_role="").count(),
        User.objects.filter(staff_role="engineer").count(),
        Ticket.objects.count(),
        Article.objects.count(),
    ) == (6, 30, 8, 120, 12)


def test_incidents_stand_in_every_status(now: datetime) -> None:
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)


def test_customers_asked_for_a_manager_and_for_another_severity(now: datetime) -> None:
    escalations = Ask.objects.escalations()
    found = (escalations.count(), Ask.objects.owed().count(), Ask.objects.severities().count())
    assert found == (2, 1, 1)


def test_promises_were_met_and_missed(now: datetime) -> None:
    missed = Commitment.objects.filter(breached_at__isnull=False).count()
    met = Commitment.objects.filter(met_at__isnull=False, breached_at__isnull=True).count()
    assert 5 < missed < met


def test_the_story_satisfies_verify_history(now: datetime) -> None:
    assert list(verify()) == []


def test_the_story_tells_nobody_by_mail(now: datetime) -> None:
    assert (EventToTell.objects.count(), Delivery.objects.count()) == (0, 0)


def test_the_desk_has_answers_and_checklists_at_hand(now: datetime) -> None:
    assert (Canned.objects.count(), Checklist.objects.count()) == (3, 3)
    assert StepDone.objects.exists()
