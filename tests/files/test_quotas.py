"""Limits of bytes and of number, each told with its figure, and what is purged (C6)."""

from __future__ import annotations

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from files import operations, spool
from files.enums import FileState
from files.models import StoredFile, Upload
from tests.factories.accounts import make_company, make_contact, make_user
from tests.factories.files import PDF, make_upload
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db
MEGABYTE = 1024**2
KEPT = timedelta(hours=23)


def said(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.content.decode()  # type: ignore[attr-defined]


def file_of(address: str) -> StoredFile:
    return StoredFile.objects.get(pk=address.rstrip("/").rpartition("/")[2])


def test_c6_a_file_over_the_limit_is_refused_before_a_byte(settings: Settings) -> None:
    settings.FILE_MAX_BYTES = 5 * 1024**3
    answer = Sender(make_user()).create("maquette.rvt", 5 * 1024**3 + 1)
    assert said(answer) == (
        413,
        "«\u00a0maquette.rvt\u00a0» dépasse la taille permise (5\u00a0Go par fichier).",
    )


def test_c6_the_eleventh_file_of_a_form_is_refused_with_the_limit() -> None:
    alice = Sender(make_user())
    for number in range(10):
        alice.address(f"plan-{number}.pdf", 100)
    assert said(alice.create("plan-11.pdf", 100)) == (
        422,
        "«\u00a0plan-11.pdf\u00a0» n’est pas joint\u00a0: 10 fichiers au plus par envoi.",
    )


def test_a_refused_file_takes_no_place_in_the_form() -> None:
    alice = Sender(make_user())
    for number in range(12):
        alice.patch(alice.address(f"faux-{number}.pdf", 100), 0, b"MZ".ljust(100, b"\x00"))
    assert alice.create("plan.pdf", 100).status_code == 201


def test_c6_what_one_person_leaves_waiting_is_limited_over_all_forms(settings: Settings) -> None:
    settings.FILE_WAITING_MAX_BYTES = 2 * MEGABYTE
    person = make_user()
    Sender(person).address("plan-1.pdf", MEGABYTE)
    Sender(person).address("plan-2.pdf", MEGABYTE)
    status, sentence = said(Sender(person).create("plan-3.pdf", 1))
    assert (status, "dépasseraient 2\u00a0Mo" in sentence) == (413, True)


def test_c6_what_was_attached_waits_no_more(settings: Settings) -> None:
    settings.FILE_WAITING_MAX_BYTES = len(PDF)
    person = make_user()
    alice = Sender(person)
    upload_address = alice.send("plan-1.pdf", PDF)
    file = file_of(upload_address)
    operations.claim(person=person, form_token=alice.form_token, at=file.created_at)
    assert alice.create("plan-2.pdf", len(PDF)).status_code == 201


def test_c6_a_companys_day_counts_all_its_people(settings: Settings) -> None:
    settings.FILE_DAY_MAX_BYTES = 2 * MEGABYTE
    company = make_company()
    alice, bob = (Sender(make_contact(company)) for _ in range(2))
    alice.address("plan-1.pdf", MEGABYTE)
    alice.address("plan-2.pdf", MEGABYTE)
    status, sentence = said(bob.create("plan-3.pdf", 1))
    assert (status, "2\u00a0Mo en 24\u00a0heures" in sentence) == (413, True)


def test_c6_another_companys_day_is_its_own(settings: Settings) -> None:
    settings.FILE_DAY_MAX_BYTES = 2 * MEGABYTE
    alice, charlie = (Sender(make_contact(make_company())) for _ in range(2))
    alice.address("plan-1.pdf", 2 * MEGABYTE)
    assert charlie.create("plan-2.pdf", 2 * MEGABYTE).status_code == 201


def test_c6_yesterday_counts_no_more(settings: Settings) -> None:
    settings.FILE_DAY_MAX_BYTES = 2 * MEGABYTE
    alice = Sender(make_user())
    alice.address("plan-1.pdf", 2 * MEGABYTE)
    upload = Upload.objects.get()
    Upload.objects.update(created_at=upload.created_at - timedelta(hours=24, seconds=1))
    assert alice.create("plan-2.pdf", 2 * MEGABYTE).status_code == 201


def test_c8_a_disk_without_room_is_said_before_a_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "room", lambda: 99)
    status, sentence = said(Sender(make_user()).create("plan.pdf", 100))
    assert (status, "plus de place" in sentence, StoredFile.objects.count()) == (507, True, 0)


def test_c6_a_form_sent_whole_has_a_limit_of_its_own(settings: Settings) -> None:
    settings.FILE_FORM_MAX_BYTES = MEGABYTE
    with pytest.raises(operations.FileTooLarge) as refusal:
        make_upload(name="lourd.pdf", content=PDF + b"\x00" * MEGABYTE)
    assert "1\u00a0Mo par fichier" in refusal.value.sentence


# --- what is purged -------------------------------------------------------------------------------


def test_c6_an_upload_is_purged_less_than_a_day_after_its_last_byte(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", 100)
    alice.patch(address, 0, PDF[:10])
    file, upload = file_of(address), Upload.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        operations.purge_uploads(at=upload.touched_at + KEPT + timedelta(minutes=30))
    assert (StoredFile.objects.count(), spool.path_of(file.pk).exists()) == (0, False)


def test_c6_a_file_on_its_way_for_days_stays_while_it_moves() -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", 100)
    Upload.objects.update(created_at=Upload.objects.get().created_at - timedelta(days=3))
    alice.patch(address, 0, PDF[:10])
    operations.purge_uploads(at=Upload.objects.get().touched_at + KEPT - timedelta(minutes=1))
    assert StoredFile.objects.count() == 1


def test_c6_an_upload_that_somebody_appends_to_is_not_purged() -> None:
    alice = Sender(make_user())
    file = file_of(alice.address("plan.pdf", 100))
    with spool.held(file.pk):
        operations.purge_uploads(at=Upload.objects.get().touched_at + timedelta(days=2))
    assert StoredFile.objects.count() == 1


def test_c6_spool_files_without_a_row_are_purged() -> None:
    lost = uuid4()
    with spool.held(lost) as held:
        held.append(PDF)
    left = spool.folder() / "tmpabc.upload"
    left.write_bytes(PDF)
    moment = spool.path_of(lost).stat().st_mtime
    for path in (spool.path_of(lost), left):
        os.utime(path, (moment - 86_400, moment - 86_400))
    alive = file_of(Sender(make_user()).send("plan.pdf", PDF))
    os.utime(spool.path_of(alive.pk), (moment - 86_400, moment - 86_400))
    operations.purge_uploads(at=alive.created_at)
    assert [path.exists() for path in (spool.path_of(lost), left, spool.path_of(alive.pk))] == [
        False,
        False,
        True,
    ]


def test_a_young_spool_file_without_a_row_stays() -> None:
    """Its row may be a moment from being committed."""
    young = uuid4()
    with spool.held(young) as held:
        held.append(PDF)
    operations.purge_uploads(at=file_of(Sender(make_user()).send("plan.pdf", PDF)).created_at)
    assert spool.path_of(young).exists()
    spool.erase(young)


def test_c8_a_row_whose_spool_file_vanished_begins_again() -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", len(PDF))
    alice.patch(address, 0, PDF[:10])
    spool.erase(file_of(address).pk)
    assert alice.head(address)["Upload-Offset"] == "0"
    alice.patch(address, 0, PDF)
    assert file_of(address).state == FileState.CHECKING
