"""The protocol, answer by answer (tus 1.0.0), and what each refusal says."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from files import spool
from files.enums import FileState
from files.models import StoredFile, Upload
from tests.factories.accounts import make_user
from tests.factories.files import PDF
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Sender:
    return Sender(make_user())


def test_options_say_what_is_spoken() -> None:
    answer = Client().options(reverse("files:uploads"))
    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Max-Size"]) == (
        204,
        "1.0.0",
        str(5 * 1024**3),
    )
    assert answer["Tus-Extension"] == "creation,creation-with-upload,expiration,termination"


def test_a_creation_names_the_place_of_the_file(alice: Sender) -> None:
    answer = alice.create("plan.pdf", len(PDF), fingerprint="abcdef01")
    upload = Upload.objects.select_related("file").get()
    assert (answer.status_code, answer["Location"]) == (201, f"/fichiers/envois/{upload.file_id}/")
    assert "GMT" in answer["Upload-Expires"]
    assert (upload.fingerprint, upload.file.state) == ("abcdef01", FileState.ARRIVING)


def test_bytes_are_appended_where_the_last_request_stopped(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    first = alice.patch(address, 0, PDF[:10])
    second = alice.patch(address, 10, PDF[10:])
    assert [first["Upload-Offset"], second["Upload-Offset"]] == ["10", str(len(PDF))]
    file = StoredFile.objects.get()
    assert (file.state, spool.path_of(file.pk).read_bytes()) == (FileState.CHECKING, PDF)


def test_head_says_where_to_go_on(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    alice.patch(address, 0, PDF[:10])
    answer = alice.head(address)
    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Length"]) == (
        200,
        "10",
        str(len(PDF)),
    )
    assert answer["Cache-Control"] == "no-store"


def test_a_creation_may_bring_the_whole_file(alice: Sender) -> None:
    answer = alice.create("plan.pdf", len(PDF), PDF)
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(PDF)))
    assert StoredFile.objects.get().state == FileState.CHECKING


def test_a_wrong_offset_is_a_409_that_tells_the_right_one(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    alice.patch(address, 0, PDF[:10])
    answer = alice.patch(address, 4, PDF[4:])
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "10")


def test_another_version_is_a_412(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    answer = alice.patch(address, 0, PDF, **{"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_a_deleted_upload_leaves_nothing(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    answer = alice.delete(address)
    assert (answer.status_code, StoredFile.objects.count()) == (204, 0)
    assert alice.head(address).status_code == 404
