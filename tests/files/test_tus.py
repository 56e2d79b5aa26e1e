"""The protocol, answer by answer (tus 1.0.0), and what each refusal says."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.text import capfirst

from files import operations, spool
from files.enums import FileState
from files.models import StoredFile, Upload
from tests.factories.accounts import make_user
from tests.factories.files import PDF, RECEIVED_AT
from tests.files.samples import ACCEPTED, REFUSED
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db
_TOKEN = re.compile(rb'"X-CSRFToken": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"')


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


def test_an_upload_is_deleted_by_its_owner_even_when_whole(alice: Sender) -> None:
    address = alice.send("plan.pdf", PDF)
    assert (alice.delete(address).status_code, StoredFile.objects.count()) == (204, 0)


def test_head_of_a_whole_file_says_that_nothing_is_missing(alice: Sender) -> None:
    address = alice.send("plan.pdf", PDF)
    answers = [alice.head(address), alice.patch(address, len(PDF), b"")]
    assert [answer["Upload-Offset"] for answer in answers] == [str(len(PDF))] * 2


def test_a_creation_whose_answer_was_lost_gives_the_same_upload(alice: Sender) -> None:
    first, second = (alice.create("plan.pdf", len(PDF), fingerprint="00ff") for _ in range(2))
    assert first["Location"] == second["Location"]


def test_a_creation_after_some_bytes_came_is_another_upload(alice: Sender) -> None:
    first = alice.create("plan.pdf", len(PDF), fingerprint="00ff")
    alice.patch(first["Location"], 0, PDF[:10])
    assert alice.create("plan.pdf", len(PDF), fingerprint="00ff")["Location"] != first["Location"]


@pytest.mark.parametrize("verb", ["head", "patch", "delete"])
def test_a1_the_upload_of_another_is_a_missing_one(alice: Sender, verb: str) -> None:
    address = alice.address("plan.pdf", len(PDF))
    bob = Sender(make_user(), alice.form_token)
    more = (0, PDF) if verb == "patch" else ()
    theirs, missing = (
        getattr(bob, verb)(url, *more)
        for url in (address, "/fichiers/envois/00000000-0000-4000-8000-000000000000/")
    )
    assert theirs.status_code == missing.status_code == 404
    assert _TOKEN.sub(b"", theirs.content) == _TOKEN.sub(b"", missing.content)
    assert spool.size_of(StoredFile.objects.get().pk) == 0


def test_a1_the_fragment_shows_ones_own_files_only(alice: Sender) -> None:
    alice.address("canari.pdf", len(PDF))
    bob = Sender(make_user(), alice.form_token)
    assert ("canari.pdf" in alice.waiting().content.decode()) is True
    assert ("canari.pdf" in bob.waiting().content.decode()) is False


def test_a1_a_claimed_upload_is_a_missing_one(alice: Sender) -> None:
    address = alice.send("plan.pdf", PDF)
    upload = Upload.objects.select_related("person").get()
    operations.claim(person=upload.person, form_token=alice.form_token, at=RECEIVED_AT)
    assert [alice.head(address).status_code, alice.delete(address).status_code] == [404, 404]


def test_a_file_still_on_its_way_is_not_claimed(alice: Sender) -> None:
    alice.address("en-route.pdf", len(PDF))
    alice.send("entier.pdf", PDF)
    person = Upload.objects.select_related("person").first().person  # type: ignore[union-attr]
    taken = operations.claim(person=person, form_token=alice.form_token, at=RECEIVED_AT)
    assert [file.name for file in taken] == ["entier.pdf"]


def test_a_session_that_ended_is_said_in_words(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    alice.client.logout()
    answer = alice.patch(address, 0, PDF)
    assert (answer.status_code, answer["Content-Type"]) == (401, "text/plain; charset=utf-8")
    assert "Reconnectez-vous" in answer.content.decode()


def test_k2_no_byte_is_taken_without_the_csrf_header() -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", len(PDF))
    alice.client.handler.enforce_csrf_checks = True
    assert alice.patch(address, 0, PDF).status_code == 403
    assert spool.size_of(StoredFile.objects.get().pk) == 0


@pytest.mark.parametrize("name", ["setup.exe", "page.html", "dessin.svg", "sans-extension"])
def test_c3_a_type_that_is_not_accepted_is_refused_before_a_byte(alice: Sender, name: str) -> None:
    answer = alice.create(name, 1000)
    assert (answer.status_code, StoredFile.objects.count()) == (422, 0)
    assert "n’est pas accepté" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["../../plan.pdf", "a\\b.pdf", "x" * 300 + ".pdf", "", "a\x00.pdf"]
)
def test_c1_a_path_for_a_name_is_refused_before_a_byte(alice: Sender, name: str) -> None:
    answer = alice.create(name, 1000)
    assert (answer.status_code, StoredFile.objects.count()) == (422, 0)


@pytest.mark.parametrize("name", REFUSED)
def test_c3_a_disguise_is_refused_and_its_reason_stays_with_the_form(
    alice: Sender, name: str
) -> None:
    content = REFUSED[name]
    created = alice.create(name, len(content))
    if created.status_code == 422:
        return
    answer = alice.patch(created["Location"], 0, content)
    file = StoredFile.objects.get()
    assert (answer.status_code, file.state, spool.size_of(file.pk)) == (
        422,
        FileState.REFUSED,
        0,
    )
    said = f'<span data-part="reason">{escape(capfirst(file.refusal))}</span>'
    assert said in alice.waiting().content.decode()
    assert alice.head(created["Location"]).status_code == 410


@pytest.mark.parametrize("name", ACCEPTED)
def test_c3_an_engineering_file_is_taken_whatever_its_first_bytes(alice: Sender, name: str) -> None:
    alice.send(name, ACCEPTED[name])
    assert StoredFile.objects.get().state == FileState.CHECKING


def test_an_empty_file_is_refused_before_a_byte(alice: Sender) -> None:
    answer = alice.create("vide.pdf", 0)
    assert (answer.status_code, answer.content.decode()) == (
        422,
        "«\u00a0vide.pdf\u00a0» est vide.",
    )


def test_c5_more_bytes_than_announced_are_not_taken(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    answer = alice.patch(address, 0, PDF + b"x")
    assert (answer.status_code, spool.size_of(StoredFile.objects.get().pk)) == (413, 0)


@pytest.mark.parametrize("length", ["", "-1", "1e3", "9" * 30, "١٢"])
def test_a_length_that_is_none_is_a_400(alice: Sender, length: str) -> None:
    assert alice.create("plan.pdf", length).status_code == 400


@pytest.mark.parametrize(
    "metadata",
    ["", "filename", "filename ###", "formtoken bm9uZQ==", "x " + "A" * 9000, ",,, ,"],
)
def test_metadata_that_mean_nothing_are_a_400(alice: Sender, metadata: str) -> None:
    answer = alice.client.post(
        reverse("files:uploads"),
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": metadata},
    )
    assert (answer.status_code, StoredFile.objects.count()) == (400, 0)


def test_a_fingerprint_that_is_no_hexadecimal_is_a_400(alice: Sender) -> None:
    assert alice.create("plan.pdf", 5, fingerprint="<script>").status_code == 400


def test_the_fragment_says_how_to_go_on(alice: Sender) -> None:
    alice.patch(alice.address("plan.pdf", 100), 0, PDF.ljust(100)[:43])
    page = re.sub(r"[ \n]+", " ", alice.waiting().content.decode())
    assert "envoi interrompu à 43\u00a0%\u00a0: choisissez de nouveau ce fichier" in page
    assert 'data-offset="43"' in page


def test_d1_a_name_is_inert_in_the_fragment(alice: Sender) -> None:
    alice.address('"><img src=x onerror=alert(1)>.pdf', 100)
    assert "<img" not in alice.waiting().content.decode()
