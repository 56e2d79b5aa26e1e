"""What every page pays: three questions, and an open desk that is looked up once a minute."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from csp.decorators import csp_replace
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal import desk
from portal.desk import desk_state, shown_state
from portal.middleware import OnePolicy
from sla.queries import default_service_level
from tests.factories.cast import Cast
from tests.factories.sla import make_calendar, make_service_level_version
from tests.portal.visitors import TUESDAY_10, SignIn

HEADER = "Content-Security-Policy"
# As processes have it: elsewhere tests look the desk up on each page.
_KEPT = desk._state_in
View = Callable[[HttpRequest], HttpResponse]


@pytest.fixture(autouse=True)
def _kept_desk(_nothing_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _KEPT.cache_clear()
    monkeypatch.setattr(desk, "_state_in", _KEPT)


def test_q1_the_shell_asks_who_is_there_and_for_which_companies(
    cast: Cast, sign_in: SignIn, tuesday: datetime
) -> None:
    client = sign_in(cast.alice)
    client.get("/recherche/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/recherche/").status_code == 200
    tables = [re.sub(r"EXECUTE (.+)_\d+ .*", r"\1", query["sql"]) for query in captured]
    assert tables == ["django_session", "accounts_user", "accounts_membership"]


def test_the_desk_is_looked_up_once_a_minute(db: None) -> None:
    shown_state(TUESDAY_10)
    with CaptureQueriesContext(connection) as captured:
        assert shown_state(TUESDAY_10 + timedelta(seconds=59)) == desk_state(TUESDAY_10)
    assert len(captured) == 1  # desk_state's own


def test_s12_another_calendar_is_shown_a_minute_later(db: None) -> None:
    before = shown_state(TUESDAY_10)
    noon = make_calendar(
        hours={"tz": "Europe/Paris", "weekly": {"tue": [["09:00", "12:00"]]}, "holidays": []}
    )
    make_service_level_version(
        default_service_level(), effective_from=date(2026, 9, 2), calendar=noon
    )
    after = shown_state(TUESDAY_10 + timedelta(minutes=1))
    assert before is not None
    assert after is not None
    assert (before.sentence[-4:], after.sentence[-4:]) == ("18\u00a0h", "12\u00a0h")


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x")


@pytest.mark.parametrize(
    ("view", "image"),
    [
        (answer, "img-src 'self' data:"),
        (csp_replace({"img-src": ["'none'"]})(answer), "img-src 'none'"),
    ],
)
def test_k1_an_answer_may_have_a_policy_of_its_own(view: View, image: str) -> None:
    request = RequestFactory().get("/")
    served = OnePolicy(view).process_response(request, view(request))
    assert image in served.headers[HEADER].split("; ")
