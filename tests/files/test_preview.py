"""What is shown in place, and what a distant storage sends by a link (C2, C7)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from files import rights, storage
from files.enums import FileState
from files.models import FileAccess, StoredFile
from tests.factories.accounts import make_user
from tests.factories.files import PDF, make_stored_file, make_upload
from tests.files.samples import ACCEPTED

pytestmark = pytest.mark.django_db
SHOWN = {"devis.pdf", "rapport.v2.final.pdf", "facture.exe.pdf", "ecran.png", "photo.jpg",
         "photo.jpeg", "anim.gif", "photo.webp", "capture.bmp"}  # fmt: skip


@pytest.fixture
def readers() -> Iterator[set[int]]:
    allowed: set[int] = set()
    rights.register("tests.owner", lambda person, _file: person.pk in allowed)
    yield allowed
    rights.register("tests.owner", lambda _person, _file: False)


@pytest.fixture
def alice(readers: set[int]) -> User:
    person = make_user()
    readers.add(person.pk)
    return person


def ask(
    person: User, file: StoredFile, route: str = "preview", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse(f"files:{route}", args=[file.pk]), headers=headers)
    return answer.status_code, dict(answer.headers), b"".join(answer)


def test_c2_a_preview_is_sealed(alice: User) -> None:
    file = make_stored_file(name="plan d’été.pdf")
    status, headers, body = ask(alice, file)
    assert (status, body) == (200, PDF)
    assert headers["Content-Disposition"].startswith("inline")
    assert {name: headers[name] for name in (
        "Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Cache-Control",
        "X-Frame-Options", "Cross-Origin-Resource-Policy",
    )} == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy":
            "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'",
        "Cache-Control": "private, no-store",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_c2_images_and_pdf_are_shown_and_nothing_else(alice: User, name: str) -> None:
    file = make_stored_file(name=name, content=ACCEPTED[name])
    assert (file.has_preview, ask(alice, file)[0]) == (
        (True, 200) if name in SHOWN else (False, 404)
    )


def test_c7_a_preview_asks_for_the_right_at_every_click(alice: User, readers: set[int]) -> None:
    file = make_stored_file()
    first = ask(alice, file)[0]
    readers.clear()
    assert (first, ask(alice, file)[0]) == (200, 404)


def test_r2_a_preview_leaves_a_line_as_a_download_does(alice: User) -> None:
    file = make_stored_file()
    ask(alice, file)
    assert FileAccess.objects.filter(file=file, person=alice).count() == 1


@pytest.mark.parametrize("route", ["download", "preview"])
@pytest.mark.parametrize("state", [FileState.ARRIVING, FileState.CHECKING, FileState.REFUSED])
def test_c3_only_a_checked_file_is_served(alice: User, state: str, route: str) -> None:
    file = make_stored_file()
    now = file.created_at if state == FileState.CHECKING else None
    StoredFile.objects.filter(pk=file.pk).update(
        state=state, refusal="un motif", check_after=now, whole_at=now
    )
    assert ask(alice, file, route)[0] == 404


@pytest.mark.parametrize("route", ["download", "preview"])
@pytest.mark.parametrize(
    "header", [{"Range": "bytes=0-3"}, {"If-None-Match": "*"}, {"If-None-Match": '"x"'}]
)
def test_c7_a_condition_opens_nothing(
    alice: User, readers: set[int], header: dict[str, str], route: str
) -> None:
    """Neither 206 nor 304 for somebody who may not read it (any more)."""
    file = make_stored_file()
    first = ask(alice, file, route, **header)
    readers.clear()
    assert (first[0], first[2], ask(alice, file, route, **header)[0]) == (200, PDF, 404)


def test_c8_a_preview_whose_blob_is_missing_says_so(alice: User) -> None:
    file = make_stored_file()
    default_storage.delete(file.key)
    assert ask(alice, file)[0] == 410


# --- a distant storage ----------------------------------------------------------------------------


class _Signing(FileSystemStorage):
    """It signs links as S3 does."""

    def url(
        self, name: str | None, parameters: dict[str, str] | None = None, expire: int = 3600
    ) -> str:
        pairs = "&".join(f"{key}={value}" for key, value in (parameters or {}).items())
        return f"https://objets.test/{name}?expire={expire}&{pairs}"


@pytest.fixture
def distant(settings: Settings) -> None:
    options = settings.STORAGES["default"]["OPTIONS"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tests.files.test_preview._Signing", "OPTIONS": options},
    }
    settings.FILE_LINK_SECONDS = 60


@pytest.mark.usefixtures("distant")
def test_c7_a_link_is_for_one_object_and_a_minute(alice: User) -> None:
    file = make_stored_file(name="plan.pdf")
    status, headers, _body = ask(alice, file, "download")
    target = urlsplit(headers["Location"])
    assert (status, target.path, parse_qs(target.query)) == (
        302,
        f"/{file.key}",
        {
            "expire": ["60"],
            "ResponseContentType": ["application/pdf"],
            "ResponseContentDisposition": ['attachment; filename="plan.pdf"'],
        },
    )
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )


@pytest.mark.usefixtures("distant")
def test_c7_a_link_is_never_logged(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ask(alice, make_stored_file(), "download")
    assert "objets.test" not in caplog.text


@pytest.mark.usefixtures("distant")
def test_c7_a_right_that_ended_gives_no_link(alice: User, readers: set[int]) -> None:
    file = make_stored_file()
    readers.clear()
    assert ask(alice, file, "download")[0] == 404


@pytest.mark.usefixtures("distant")
def test_c2_a_preview_never_leaves_by_a_link(alice: User) -> None:
    """The storage would not seal it."""
    assert ask(alice, make_stored_file())[0] == 200


@pytest.mark.usefixtures("distant")
def test_c8_no_link_to_a_missing_blob(alice: User) -> None:
    upload = make_upload(alice)
    default_storage.delete(upload.file.key)
    assert ask(alice, upload.file, "download")[0] == 410


@pytest.mark.usefixtures("distant")
def test_r2_a_link_leaves_a_line(alice: User) -> None:
    file = make_stored_file()
    ask(alice, file, "download")
    assert FileAccess.objects.filter(file=file, person=alice).count() == 1


def test_c7_s3_signs_one_object_for_the_seconds_that_it_is_told(settings: Settings) -> None:
    """The real class of django-storages; signing needs no network."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "portail", "endpoint_url": "https://objets.test",
                "region_name": "fr-par", "access_key": "cle", "secret_key": "secret",
                "signature_version": "s3v4", "querystring_auth": True, "default_acl": None,
            },
        },
    }  # fmt: skip
    address = storage.link(
        "2026/11/abc", seconds=45, content_type="application/pdf", disposition="attachment"
    )
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    assert (parts.path, query["X-Amz-Expires"], query["response-content-disposition"]) == (
        "/portail/2026/11/abc",
        ["45"],
        ["attachment"],
    )
    assert "secret" not in address
