"""Receiving, claiming, discarding, purging (C3, C6, C8)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from files import operations, storage
from files.enums import FileState
from files.models import StoredFile, Upload
from files.queries import waiting
from tests.factories.accounts import make_user
from tests.factories.files import PDF, RECEIVED_AT, make_stored_file, make_upload
from tests.factories.tickets import make_ticket
from tests.files.samples import ACCEPTED, REFUSED
from tests.files.test_names import stored_blobs

pytestmark = pytest.mark.django_db
A_DAY_LATER = RECEIVED_AT + timedelta(hours=24, seconds=1)


class FullDisk(Exception):
    """What a storage of somebody else may raise."""


def test_a_received_file_is_whole_and_proven() -> None:
    file = make_upload(content=PDF).file
    with storage.read(file.key) as blob:
        content = blob.read()
    assert (file.size, file.sha256, file.state, content) == (
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
        FileState.AVAILABLE,
        PDF,
    )


def test_a_large_file_is_hashed_by_chunks() -> None:
    content = PDF + b"\x00" * 3_000_000
    assert make_upload(content=content).file.sha256 == hashlib.sha256(content).hexdigest()


def test_the_same_file_sent_again_with_the_same_form_is_one_upload() -> None:
    person, token = make_user(), uuid4()
    first = make_upload(person, form_token=token, name="plan.pdf")
    assert make_upload(person, form_token=token, name="plan.pdf") == first


def test_c6_the_eleventh_file_is_refused_with_the_limit() -> None:
    person, token = make_user(), uuid4()
    for number in range(10):
        make_upload(person, form_token=token, name=f"plan-{number}.pdf")
    with pytest.raises(operations.FileRefused) as refusal:
        make_upload(person, form_token=token, name="plan-11.pdf")
    assert refusal.value.sentence == (
        "«\u00a0plan-11.pdf\u00a0» n’est pas joint\u00a0: 10 fichiers au plus par envoi."
    )


def test_c6_a_file_over_the_limit_is_refused_with_the_limit(settings: Settings) -> None:
    settings.FILE_MAX_BYTES = 1024**2
    with pytest.raises(operations.FileRefused) as refusal:
        make_upload(name="lourd.pdf", content=PDF + b"\x00" * 1024**2)
    assert refusal.value.sentence == (
        "«\u00a0lourd.pdf\u00a0» dépasse la taille permise (1\u00a0Mo par fichier)."
    )


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(operations.FileRefused) as refusal:
        make_upload(name="vide.pdf", content=b"")
    assert refusal.value.sentence == "«\u00a0vide.pdf\u00a0» est vide."


@pytest.mark.parametrize("name", ["setup.exe", "setup.pdf", "page.txt", "faux.pdf"])
def test_c3_a_refused_file_leaves_nothing(name: str) -> None:
    before = stored_blobs()
    with pytest.raises(operations.FileRefused):
        make_upload(name=name, content=REFUSED[name])
    assert (StoredFile.objects.count(), stored_blobs() - before) == (0, set())


def test_c3_an_archive_is_never_opened() -> None:
    torn = ACCEPTED["lot.zip"][:20]
    assert make_upload(name="lot.zip", content=torn).file.content_type == "application/zip"


def test_claimed_files_wait_no_more() -> None:
    upload = make_upload()
    claimed = operations.claim(person=upload.person, form_token=upload.form_token, at=RECEIVED_AT)
    assert (claimed, waiting(upload.person, upload.form_token)) == ([upload.file], [])


def test_nobody_claims_the_files_of_another() -> None:
    upload = make_upload()
    assert operations.claim(person=make_user(), form_token=upload.form_token, at=RECEIVED_AT) == []


def test_c8_files_wait_again_when_the_act_fails() -> None:
    upload = make_upload()
    with transaction.atomic():
        operations.claim(person=upload.person, form_token=upload.form_token, at=RECEIVED_AT)
        transaction.set_rollback(True)
    assert waiting(upload.person, upload.form_token) == [upload.file]


def test_a_discarded_file_leaves_nothing(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = make_upload()
    key = upload.file.key
    with django_capture_on_commit_callbacks(execute=True):
        operations.discard(
            person=upload.person, form_token=upload.form_token, file=upload.file.uuid
        )
    assert (StoredFile.objects.exists(), default_storage.exists(key)) == (False, False)


def test_nobody_discards_the_file_of_another() -> None:
    upload = make_upload()
    assert not operations.discard(
        person=make_user(), form_token=upload.form_token, file=upload.file.uuid
    )


def test_c6_an_upload_that_no_form_claimed_is_purged_after_a_day(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    key = make_upload().file.key
    with django_capture_on_commit_callbacks(execute=True):
        purged = operations.purge_uploads(at=A_DAY_LATER)
    assert (purged, Upload.objects.count(), default_storage.exists(key)) == (1, 0, False)


def test_c6_a_younger_upload_and_an_attached_file_stay() -> None:
    make_upload(at=A_DAY_LATER - timedelta(hours=1))
    attached = make_stored_file()
    operations.purge_uploads(at=A_DAY_LATER)
    assert (Upload.objects.count(), storage.has(attached.key)) == (1, True)


def test_c6_a_file_that_a_form_claimed_and_attached_stays() -> None:
    upload = make_upload()
    files = operations.claim(person=upload.person, form_token=upload.form_token, at=RECEIVED_AT)
    make_ticket(files=files)
    assert (operations.purge_uploads(at=A_DAY_LATER), Upload.objects.count()) == (0, 0)
    assert storage.has(files[0].key)


def test_c6_a_file_that_a_form_claimed_for_nothing_is_purged(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = make_upload()
    operations.claim(person=upload.person, form_token=upload.form_token, at=RECEIVED_AT)
    with django_capture_on_commit_callbacks(execute=True):
        purged = operations.purge_uploads(at=A_DAY_LATER)
    assert (purged, storage.has(upload.file.key)) == (1, False)


@pytest.mark.parametrize("call", ["save", "size"])
def test_c8_a_failing_storage_leaves_neither_row_nor_blob(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored_blobs()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise FullDisk

    monkeypatch.setattr(type(default_storage), call, fail, raising=False)
    with pytest.raises(operations.FileRefused):
        make_upload()
    assert (StoredFile.objects.count(), stored_blobs() - before) == (0, set())


def test_c8_a_blob_that_was_cut_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(default_storage), "size", lambda *_args: 3, raising=False)
    before = stored_blobs()
    with pytest.raises(operations.FileRefused):
        make_upload()
    assert stored_blobs() - before == set()


def test_c8_what_died_while_arriving_is_purged_with_its_blob(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    file = make_upload().file
    StoredFile.objects.filter(pk=file.pk).update(state=FileState.ARRIVING)
    with django_capture_on_commit_callbacks(execute=True):
        operations.purge_uploads(at=A_DAY_LATER)
    assert not Path(default_storage.path(file.key)).exists()


def test_c8_a_file_of_ours_whose_row_is_refused_leaves_no_blob(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise FullDisk

    before = stored_blobs()
    monkeypatch.setattr(StoredFile, "save", fail)
    with pytest.raises(FullDisk):
        operations.store(
            name="a.pdf", content=SimpleUploadedFile("a", PDF), actor=None, at=RECEIVED_AT
        )
    assert stored_blobs() - before == set()
