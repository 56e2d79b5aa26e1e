"""Every download passes the rights, leaves a line, and runs nothing (C2, C7, C8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from files import rights
from files.models import FileAccess, StoredFile
from tests.factories.accounts import make_user
from tests.factories.files import PDF, make_stored_file, make_upload

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'"X-CSRFToken": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"')
ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def readers() -> Iterator[set[int]]:
    """Ids of those who may read any file: an owner registered for the test."""
    allowed: set[int] = set()
    rights.register("tests.owner", lambda person, _file: person.pk in allowed)
    yield allowed
    rights.register("tests.owner", lambda _person, _file: False)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(person: User, file: StoredFile | str, method: str = "get") -> Answer:
    client = Client()
    client.force_login(person)
    uuid = file if isinstance(file, str) else file.uuid
    response = getattr(client, method)(reverse("files:download", args=[uuid]))
    body = b"".join(response)
    return Answer(response.status_code, dict(response.headers), body)


def test_an_owner_may_let_a_person_read(readers: set[int]) -> None:
    person, file = make_user(), make_stored_file()
    readers.add(person.pk)
    assert get(person, file).body == PDF


def test_c7_the_right_is_asked_at_every_click(readers: set[int]) -> None:
    person, file = make_user(), make_stored_file()
    readers.add(person.pk)
    first = get(person, file).status
    readers.clear()
    assert (first, get(person, file).status) == (200, 404)


@pytest.mark.parametrize("method", ["get", "head"])
def test_a1_a_foreign_file_is_a_missing_file(method: str) -> None:
    person = make_user()
    foreign, missing = (get(person, uuid, method) for uuid in (make_stored_file(), ABSENT))
    # The CSRF token is masked anew in each answer.
    masked = [answer._replace(body=TOKEN.sub(b"", answer.body)) for answer in (foreign, missing)]
    assert (foreign.status, masked[0]) == (404, masked[1])


def test_c7_a_person_reads_their_own_waiting_upload_and_no_other() -> None:
    upload = make_upload()
    assert [
        get(upload.person, upload.file).status,
        get(make_user(), upload.file).status,
    ] == [
        200,
        404,
    ]


def test_c7_a_stranger_is_sent_to_the_login() -> None:
    response = Client().get(reverse("files:download", args=[make_stored_file().uuid]))
    assert response.status_code == 302


def test_c7_a_deactivated_person_reads_nothing(readers: set[int]) -> None:
    person, file = make_user(is_active=False), make_stored_file()
    readers.add(person.pk)
    assert not rights.may_read(person, file)


def test_c2_nothing_in_the_answer_lets_a_browser_run_it(readers: set[int]) -> None:
    person, file = make_user(), make_stored_file(name="plan d’été.pdf")
    readers.add(person.pk)
    headers = get(person, file).headers
    assert {
        name: headers[name]
        for name in (
            "Content-Disposition",
            "Content-Type",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "Cache-Control",
        )
    } == {
        "Content-Disposition": "attachment; filename*=utf-8''plan%20d%E2%80%99%C3%A9t%C3%A9.pdf",
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


@pytest.mark.parametrize(("method", "lines"), [("get", 1), ("head", 0)])
def test_r2_a_download_leaves_one_line_and_a_head_none(
    method: str, lines: int, readers: set[int]
) -> None:
    person, file = make_user(), make_stored_file()
    readers.add(person.pk)
    get(person, file, method)
    assert FileAccess.objects.filter(file=file, person=person).count() == lines


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_c7_no_other_verb(method: str) -> None:
    upload = make_upload()
    assert get(upload.person, upload.file, method).status == 405


@pytest.mark.parametrize("prefix", ["", "/_fichiers"])
def test_c8_a_missing_blob_is_said_in_french_and_logged(
    prefix: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.FILE_ACCEL_PREFIX = prefix
    upload = make_upload()
    default_storage.delete(upload.file.key)
    response = get(upload.person, upload.file)
    assert (response.status, "file_blob_missing" in caplog.messages) == (410, True)


def test_c8_a_missing_blob_counts_no_download() -> None:
    upload = make_upload()
    default_storage.delete(upload.file.key)
    get(upload.person, upload.file)
    assert not FileAccess.objects.exists()


def test_the_proxy_sends_the_blob_when_there_is_one(settings: Settings) -> None:
    settings.FILE_ACCEL_PREFIX = "/_fichiers"
    upload = make_upload(name="plan.pdf")
    response = get(upload.person, upload.file)
    assert (
        response.headers["X-Accel-Redirect"],
        response.headers["Content-Disposition"],
        response.body,
    ) == (
        f"/_fichiers/{upload.file.key}",
        'attachment; filename="plan.pdf"',
        b"",
    )
