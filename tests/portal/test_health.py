"""/sante/: up or down for a stranger, figures for staff and the operator's probe."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from freezegun import freeze_time
from pytest_django import Settings

from files.enums import FileState
from files.models import StoredFile
from notifications import operations
from notifications.models import Delivery
from portal import health, tasks
from sla.models import CalendarVersion
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.sla import make_calendar_version
from tests.factories.tickets import make_ticket
from tests.portal.visitors import SignIn
from tickets.models import EventToTell

NOW = datetime(2026, 9, 15, 8, tzinfo=UTC)
PROBE = "une-clef-de-sonde"


def _queued(age: timedelta) -> Delivery:
    return Delivery.objects.create(
        address="alice@acier.test",
        message_id=f"<{age.total_seconds()}@portail.test>",
        created_at=NOW - age,
        next_attempt_at=NOW - age,
    )


def test_a_stranger_learns_up_and_nothing_else(client: Client, db: None) -> None:
    response = client.get("/sante/")
    assert (response.status_code, response.json()) == (200, {"status": "up"})


def test_a_customer_is_a_stranger_here(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.alice).get("/sante/").json() == {"status": "up"}


def test_staff_see_every_check(cast: Cast, sign_in: SignIn) -> None:
    checks = sign_in(cast.ines).get("/sante/").json()["checks"]
    assert set(checks) == {
        "database", "clock", "cache", "broker", "beat", "sweep", "mail",
        "reconciliation", "files", "holidays",
    }  # fmt: skip


def test_the_probe_sees_every_check(db: None, client: Client, settings: Settings) -> None:
    settings.PROBE_KEY = PROBE
    assert "checks" in client.get("/sante/", headers={"x-probe-key": PROBE}).json()


@pytest.mark.parametrize("given", ["", "autre", PROBE + "x"])
def test_a_wrong_key_sees_a_strangers_answer(
    db: None, client: Client, settings: Settings, given: str
) -> None:
    settings.PROBE_KEY = PROBE
    assert client.get("/sante/", headers={"x-probe-key": given}).json() == {"status": "up"}


def test_without_a_key_set_no_header_opens(db: None, client: Client, settings: Settings) -> None:
    settings.PROBE_KEY = ""
    assert "checks" not in client.get("/sante/", headers={"x-probe-key": ""}).json()


def test_it_only_answers_reads(db: None, client: Client) -> None:
    assert client.post("/sante/").status_code == 405


def test_p3_a_clock_two_seconds_off_is_down(db: None, client: Client) -> None:
    with freeze_time(timezone.now() + timedelta(seconds=10)):
        response = client.get("/sante/")
    assert (response.status_code, response.json()) == (503, {"status": "down"})


def test_clock_gives_the_skew_in_seconds(db: None) -> None:
    with freeze_time(timezone.now() - timedelta(seconds=10)):
        result = health.clock(NOW)
    assert result.ok is False
    assert result.figures["skew_seconds"] == pytest.approx(10, abs=1)


def test_a_right_clock_is_fine(db: None) -> None:
    assert health.clock(NOW).ok is True


def test_beat_is_unknown_before_its_first_heartbeat(db: None) -> None:
    assert health.beat(NOW) == health.Result(ok=False, figures={"heartbeat_age_seconds": None})


def test_heartbeat_is_written_by_the_task() -> None:
    with freeze_time(NOW):
        tasks.beat_heartbeat()
    after = NOW + timedelta(seconds=31)
    assert health.beat(after) == health.Result(ok=True, figures={"heartbeat_age_seconds": 31})


@pytest.mark.parametrize(("seconds", "ok"), [(120, True), (121, False)])
def test_a_heartbeat_goes_stale_after_two_minutes(seconds: int, ok: bool) -> None:
    cache.set(health.HEARTBEAT_KEY, (NOW - timedelta(seconds=seconds)).isoformat())
    assert health.beat(NOW).ok is ok


def test_no_mail_waiting_is_fine(db: None) -> None:
    assert health.mail(NOW) == health.Result(ok=True, figures=_mails(oldest_unsent_seconds=None))


def _mails(**figures: object) -> dict[str, Any]:
    quiet = {
        "server_away_since": None,
        "server_answer": None,
        "dead_addresses": 0,
        "slow_domains": 0,
    }
    return {**quiet, **figures}


@pytest.mark.parametrize(("minutes", "ok"), [(5, True), (6, False)])
def test_n5_the_oldest_unsent_mail_counts(db: None, minutes: int, ok: bool) -> None:
    _queued(timedelta(minutes=1))
    _queued(timedelta(minutes=minutes))
    figures = _mails(oldest_unsent_seconds=minutes * 60)
    assert health.mail(NOW) == health.Result(ok=ok, figures=figures)


def test_n2_a_mail_server_that_is_away_is_said(db: None) -> None:
    delivery = _queued(timedelta(minutes=1))
    operations.pause(delivery=delivery, answer="421 closing", at=NOW)
    figures = health.mail(NOW).figures
    assert (figures["server_away_since"], figures["server_answer"]) == (
        NOW.isoformat(), "421 closing",
    )  # fmt: skip


def test_an_event_not_yet_told_counts_as_mail(db: None) -> None:
    make_ticket(at=NOW - timedelta(minutes=20))
    EventToTell.objects.update(not_before=NOW - timedelta(minutes=20))
    assert health.mail(NOW).ok is False


def test_an_event_kept_for_later_is_not_late(db: None) -> None:
    make_ticket(at=NOW - timedelta(hours=20))
    EventToTell.objects.update(not_before=NOW + timedelta(minutes=1))
    assert health.mail(NOW).ok is True


def test_a_cache_away_degrades_and_stays_up(
    cast: Cast, sign_in: SignIn, settings: Settings
) -> None:
    client = sign_in(cast.ines)
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/sante/")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["cache"] == {"ok": False, "error": "ConnectionError"}


def test_a_check_that_breaks_is_red_and_never_a_500(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(at: datetime) -> health.Result:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "_checks", {})
    health.register_check("essai", broken)
    body = sign_in(cast.ines).get("/sante/").json()
    assert body == {
        "status": "degraded",
        "checks": {"essai": {"ok": False, "error": "ZeroDivisionError"}},
    }


def test_up_when_every_check_is_fine(cast: Cast, sign_in: SignIn) -> None:
    tasks.beat_heartbeat()
    body = sign_in(cast.ines).get("/sante/").json()
    assert body["status"] == "up"


def test_k2_asking_writes_nothing(db: None, client: Client) -> None:
    assert not client.get("/sante/").cookies


@pytest.mark.parametrize(("minutes", "ok"), [(15, True), (16, False)])
def test_c3_a_check_says_that_files_wait_for_the_scanner(db: None, minutes: int, ok: bool) -> None:
    file = make_stored_file()
    StoredFile.objects.filter(pk=file.pk).update(
        state=FileState.CHECKING, check_after=NOW, whole_at=NOW - timedelta(minutes=minutes)
    )
    assert health.files(NOW) == health.Result(
        ok=ok, figures={"waiting_for_check": 1, "oldest_waiting_seconds": minutes * 60}
    )


def test_no_file_waits_in_a_quiet_portal(db: None) -> None:
    make_stored_file()
    assert health.files(NOW) == health.Result(
        ok=True, figures={"waiting_for_check": 0, "oldest_waiting_seconds": None}
    )


@pytest.mark.parametrize(("year", "ok"), [(2034, True), (2035, False)])
def test_a_year_before_holidays_run_out_a_check_says_so(db: None, year: int, ok: bool) -> None:
    """The charter's calendar of 2025 knows its holidays to the end of 2035."""
    result = health.holidays(datetime(year, 12, 31, 11, tzinfo=UTC))
    assert (result.ok, result.figures) == (ok, {"holidays_until": "2035-12-31"})


def test_a_new_version_is_the_remedy(db: None) -> None:
    version = CalendarVersion.objects.get(calendar__code="bureaux")
    make_calendar_version(version.calendar, effective_from=date(2036, 1, 1))
    assert health.holidays(datetime(2035, 12, 31, tzinfo=UTC)).ok


def test_a_calendar_without_holidays_runs_out_of_none(db: None) -> None:
    CalendarVersion.objects.update(hours={"tz": "UTC", "weekly": {}, "holidays": []})
    assert health.holidays(datetime(2040, 1, 1, tzinfo=UTC)) == health.Result(
        ok=True, figures={"holidays_until": None}
    )


def test_n5_the_journal_says_every_check_that_fails(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    _queued(timedelta(minutes=6))
    with freeze_time(NOW):
        tasks.watch()
    told = [record for record in caplog.records if record.msg == "check_failed"]
    failed = {record.check: record for record in told}  # type: ignore[attr-defined]  # an extra
    assert {record.levelname for record in told} == {"ERROR"}
    assert failed["mail"].oldest_unsent_seconds == 360  # type: ignore[attr-defined]  # an extra
    assert "database" not in failed
