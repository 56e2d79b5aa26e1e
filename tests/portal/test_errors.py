"""Refusals and faults under production-like settings: French, complete, telling nothing."""

from __future__ import annotations

import io
import json
import logging
import re
import typing
from collections.abc import Callable, Iterable
from types import TracebackType
from wsgiref.util import setup_testing_defaults

import psycopg2
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.factories.accounts import make_company, make_membership
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_licence
from tests.plugins.databases import connected_to
from tests.portal.faulty_urls import SECRET
from tests.portal.visitors import SignIn

NOWHERE = "postgres://personne:rien@127.0.0.1:1/absente"

pytestmark = pytest.mark.urls("tests.portal.faulty_urls")


@pytest.fixture
def stranger(db: None, production_like: Settings) -> Client:
    return Client(raise_request_exception=False)


def _get(client: Client, path: str) -> HttpResponse:
    return typing.cast("HttpResponse", client.get(path, secure=True))


def _text(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/essai/400/", 400, "Cette demande n’a pas pu être lue"),
        ("/essai/403/", 403, "Cette page ne vous est pas ouverte"),
        ("/nulle-part/", 404, "Cette page n’existe pas, ou ne vous est pas ouverte"),
        ("/essai/500/", 500, "Le portail a rencontré une erreur"),
        ("/essai/503/", 503, "Le portail est momentanément indisponible"),
    ],
)
class TestEachCode:
    def test_has_its_status_and_sentence(
        self, stranger: Client, path: str, status: int, sentence: str
    ) -> None:
        response = _get(stranger, path)
        assert (response.status_code, sentence in _text(response)) == (status, True)

    def test_is_a_french_page_with_a_title(
        self, stranger: Client, path: str, status: int, sentence: str
    ) -> None:
        page = _text(_get(stranger, path))
        assert '<html lang="fr">' in page
        assert re.search(r"<title>\S.+ · Portail support</title>", page)

    def test_gives_the_phone_number(
        self, stranger: Client, path: str, status: int, sentence: str
    ) -> None:
        assert "04 72 20 68 90" in _text(_get(stranger, path))

    def test_b3_tells_nothing_of_the_inside(
        self, stranger: Client, path: str, status: int, sentence: str
    ) -> None:
        page = _text(_get(stranger, path))
        assert SECRET not in page
        assert "Traceback" not in page

    def test_is_kept_by_nobody(
        self, stranger: Client, path: str, status: int, sentence: str
    ) -> None:
        assert "no-store" in _get(stranger, path).headers["Cache-Control"]


def test_400_also_for_a_host_that_is_not_ours(stranger: Client) -> None:
    response = stranger.get("/", secure=True, headers={"host": "ailleurs.exemple"})
    assert response.status_code == 400
    assert "Cette demande n’a pas pu être lue" in response.content.decode()


def test_403_gives_its_reason_escaped(stranger: Client) -> None:
    page = _text(_get(stranger, "/essai/403-motif/"))
    assert "Votre société n’a plus d’accès &lt;depuis hier&gt;." in page


def test_503_says_when_to_come_back(stranger: Client) -> None:
    assert _get(stranger, "/essai/503/").headers["Retry-After"] == "30"


def test_p1_503_does_not_deny_what_may_have_been_kept(stranger: Client) -> None:
    """It also comes in place of the page that follows a form which was taken."""
    page = _get(stranger, "/essai/503/").content.decode()
    assert "n’a peut-être pas été enregistré" in page


def test_503_leaves_one_line_in_the_log_and_no_traceback(
    stranger: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        _get(stranger, "/essai/503/")
    lines = [(record.message, record.exc_info) for record in caplog.records]
    assert lines == [("database_away", None), ("Service Unavailable: /essai/503/", None)]


def test_500_and_its_log_line_share_a_code(
    stranger: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="portal.bare"):
        page = _text(_get(stranger, "/essai/500/"))
    (record,) = [record for record in caplog.records if record.message == "server_error"]
    assert vars(record)["code"] in page


# --- 404: absent and forbidden look the same ----------------------------------------------------


def _same(page: str) -> str:
    """Without the token of forms, which is masked anew in each answer."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", page)


def test_a1_absent_and_forbidden_get_one_and_the_same_answer(
    cast: Cast, sign_in: SignIn, production_like: Settings
) -> None:
    theirs = make_licence(cast.other_company)
    make_membership(cast.alice, make_company())  # so that the header has its company switch
    alice = sign_in(cast.alice)
    forbidden = _get(alice, reverse("licences:licence", args=[theirs.pk]))
    absent = _get(alice, reverse("licences:licence", args=[theirs.pk + 1000]))
    assert (forbidden.status_code, absent.status_code) == (404, 404)
    assert _same(_text(forbidden)) == _same(_text(absent))
    assert forbidden.headers == absent.headers


def test_404_does_not_repeat_the_address(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.alice).get("/incidents-secrets/INC-2026-000042/").content.decode()
    assert "INC-2026-000042" not in page


# --- 403 of a form that came too late -----------------------------------------------------------


def _late_post(cast: Cast, data: dict[str, str]) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    return typing.cast("HttpResponse", client.post(reverse("switch_company"), data))


def test_k2_a_form_without_its_token_is_refused(cast: Cast) -> None:
    response = _late_post(cast, {})
    assert response.status_code == 403
    assert "Votre session a changé pendant la saisie" in _text(response)


def test_what_was_typed_is_shown_to_be_copied(cast: Cast) -> None:
    page = _text(_late_post(cast, {"body": "Revit se ferme <toujours>"}))
    assert "Revit se ferme &lt;toujours&gt;</textarea>" in page


def test_what_is_secret_is_not_shown_again(cast: Cast) -> None:
    page = _text(_late_post(cast, {"password": "hunter2", "csrfmiddlewaretoken": "jeton-volé"}))
    assert "hunter2" not in page
    assert "jeton-volé" not in page


def test_without_a_text_the_page_says_where_it_still_is(cast: Cast) -> None:
    page = _text(_late_post(cast, {"company": "12"}))
    assert "votre navigateur y garde en général ce que vous aviez saisi" in page


# --- 503: PostgreSQL away, and back -------------------------------------------------------------


Failure = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class Portal:
    """The WSGI application itself: with the signals that open and close connections."""

    def __init__(self, cookie: str = "") -> None:
        self._cookie = cookie
        self._application = WSGIHandler()

    def get(self, path: str) -> tuple[int, str]:
        environ: dict[str, object] = {"PATH_INFO": path, "HTTP_COOKIE": self._cookie}
        setup_testing_defaults(environ)
        environ |= {"HTTP_HOST": "testserver", "wsgi.input": io.BytesIO()}
        answered: list[str] = []

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Failure = None, /
        ) -> Callable[[bytes], object]:
            answered.append(status)
            return io.BytesIO().write

        parts: Iterable[bytes] = self._application(environ, start)
        body = b"".join(parts).decode()
        parts.close()  # type: ignore[attr-defined]  # as every WSGI server does
        return int(answered[0][:3]), body


@pytest.fixture
def signed_in(committed_db: str, settings: Settings) -> Portal:
    client = Client()
    client.force_login(make_cast().alice)
    return Portal(f"sessionid={client.cookies['sessionid'].value}")


@pytest.fixture
def anonymous(committed_db: str) -> Portal:
    return Portal()


@pytest.mark.parametrize("path", ["/", "/charte/", "/recherche/?q=a", "/compte/", "/licences/"])
def test_p1_away_is_a_french_503_for_people_signed_in(signed_in: Portal, path: str) -> None:
    with connected_to(NOWHERE):
        status, page = signed_in.get(path)
    assert status == 503
    assert "Le support répond toujours au téléphone" in page


@pytest.mark.parametrize("path", ["/", "/charte/", "/blog/"])
def test_p1_away_is_a_french_503_for_strangers(anonymous: Portal, path: str) -> None:
    with connected_to(NOWHERE):
        status, page = anonymous.get(path)
    assert status == 503
    assert "04 72 20 68 90" in page


def test_p1_back_without_restart(signed_in: Portal) -> None:
    with connected_to(NOWHERE):
        signed_in.get("/")
    status, page = signed_in.get("/")
    assert (status, "Bonjour Alice" in page) == (200, True)


def test_p1_a_connection_that_died_meanwhile_is_replaced(signed_in: Portal) -> None:
    """CONN_HEALTH_CHECKS: PostgreSQL was restarted between two requests."""
    signed_in.get("/")
    process = connection.connection.info.backend_pid
    _end_session(process)
    assert signed_in.get("/")[0] == 200
    assert connection.connection.info.backend_pid != process


def test_p1_health_tells_a_stranger_down(anonymous: Portal) -> None:
    with connected_to(NOWHERE):
        status, body = anonymous.get("/sante/")
    assert (status, json.loads(body)) == (503, {"status": "down"})


def _end_session(process: int) -> None:
    """As the application's own role: a session may end those of its role."""
    settings = connection.settings_dict
    other = psycopg2.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"],
    )
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
