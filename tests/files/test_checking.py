"""The worker’s part: sum, antivirus, storage; what is held when one of them is away (C3, C8)."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from files import operations, spool, storage, tasks
from files.enums import FileState, Scan
from files.models import StoredFile
from files.queries import unchecked
from tests.factories.accounts import make_user
from tests.factories.files import PDF, RECEIVED_AT, make_upload
from tests.factories.tickets import make_ticket
from tests.files.scanner import EICAR, Clamd, clamd
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db
INFECTED = PDF + EICAR
NOBODY = "127.0.0.1:1"


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Clamd]:
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        yield server


@pytest.fixture
def alice() -> Sender:
    return Sender(make_user())


def sent(sender: Sender, content: bytes = PDF, name: str = "plan.pdf") -> StoredFile:
    """A file that has just become whole."""
    address = sender.send(name, content)
    return StoredFile.objects.get(pk=address.rstrip("/").rpartition("/")[2])


def check(file: StoredFile, *, later: timedelta = timedelta()) -> StoredFile:
    """One turn of the worker."""
    at = (file.check_after or RECEIVED_AT) + later
    operations.check_pending(at=at)
    file.refresh_from_db()
    return file


def test_a_checked_file_is_summed_stored_and_available(alice: Sender) -> None:
    file = check(sent(alice))
    assert (file.state, file.sha256, file.scan, spool.size_of(file.pk)) == (
        FileState.AVAILABLE,
        hashlib.sha256(PDF).hexdigest(),
        "",
        0,
    )
    with storage.read(file.key) as blob:
        assert blob.read() == PDF


def test_on_the_same_disk_storing_is_a_rename(alice: Sender) -> None:
    file = sent(alice)
    before = spool.path_of(file.pk).stat().st_ino
    check(file)
    found = os.stat(default_storage.path(file.key))  # noqa: PTH116
    # nginx reads it as another user.
    assert (found.st_ino, found.st_mode & 0o777) == (before, 0o644)


def test_the_task_checks_the_file_that_it_is_given(alice: Sender) -> None:
    file = sent(alice)
    tasks.check_file(file=str(file.pk), argument_of_a_later_version=1)
    file.refresh_from_db()
    assert file.state == FileState.AVAILABLE


def test_the_worker_is_woken_once_the_file_is_committed(
    alice: Sender,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "files.operations.rows.wake", lambda task, **kwargs: woken.append((task, kwargs["file"]))
    )
    with django_capture_on_commit_callbacks(execute=True):
        file = sent(alice)
    assert woken == [("files.check_file", str(file.pk))]


def test_the_file_is_free_when_the_worker_is_woken(
    alice: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy: list[bool] = []

    def look(task: str, *, file: str) -> None:
        busy.append(spool.is_busy(UUID(file)))

    monkeypatch.setattr("files.operations.rows.wake", look)
    # At once, as a commit is outside of a test.
    monkeypatch.setattr("files.operations.rows.transaction.on_commit", lambda run: run())
    sent(alice)
    assert busy == [False]


def test_c3_a_clean_file_is_available_and_says_so(alice: Sender, scanner: Clamd) -> None:
    file = check(sent(alice))
    assert (file.state, file.scan, scanner.received) == (FileState.AVAILABLE, Scan.CLEAN, [PDF])


def test_c3_eicar_is_refused_with_its_reason_and_erased(alice: Sender, scanner: Clamd) -> None:
    file = check(sent(alice, INFECTED))
    assert (file.state, spool.size_of(file.pk), storage.has(file.key)) == (
        FileState.REFUSED,
        0,
        False,
    )
    assert "Eicar-Test-Signature" in file.refusal
    page = alice.waiting().content.decode()
    assert 'data-state="refused"' in page
    assert 'data-part="reason">L’antivirus y a trouvé' in page


@pytest.mark.parametrize("order", [1, -1])
def test_c3_each_file_of_several_is_judged_by_itself(
    alice: Sender, scanner: Clamd, order: int
) -> None:
    contents = {"bon.pdf": PDF, "mauvais.pdf": INFECTED}
    for name in list(contents)[::order]:
        check(sent(alice, contents[name], name))
    states = dict(StoredFile.objects.values_list("name", "state"))
    assert states == {"bon.pdf": FileState.AVAILABLE, "mauvais.pdf": FileState.REFUSED}


def test_c3_without_scanner_a_file_is_held_and_the_incident_is_created(
    alice: Sender, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CLAMD_ADDRESS = NOBODY
    file = check(sent(alice))
    person = User.objects.get(pk=file.created_by_id)
    files = operations.claim(person=person, form_token=alice.form_token, at=RECEIVED_AT)
    ticket = make_ticket(files=files)
    assert (file.state, ticket.messages.get().attachments.get().file_id) == (
        FileState.CHECKING,
        file.pk,
    )
    assert "file_check_held" in caplog.messages
    assert alice.client.get(reverse("files:download", args=[file.pk])).status_code == 404


def test_c3_a_held_file_is_checked_when_the_scanner_is_back(
    alice: Sender, settings: Settings
) -> None:
    settings.CLAMD_ADDRESS = NOBODY
    file = check(sent(alice))
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        assert check(file).state == FileState.AVAILABLE


def test_a_held_file_is_asked_about_less_and_less_often(alice: Sender, settings: Settings) -> None:
    settings.CLAMD_ADDRESS = NOBODY
    file = sent(alice)
    pauses = []
    for _turn in range(8):
        turn = file.check_after
        assert turn is not None
        check(file)
        assert file.check_after is not None
        pauses.append((file.check_after - turn).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]


def test_while_the_scanner_is_away_one_file_asks_for_all(
    alice: Sender, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CLAMD_ADDRESS = NOBODY
    files = [sent(alice, PDF, f"plan-{number}.pdf") for number in range(3)]
    caplog.set_level(logging.ERROR)
    check(files[-1])
    assert caplog.messages.count("file_check_held") == 1


def test_a_scanner_that_hangs_up_is_a_scanner_away(alice: Sender, settings: Settings) -> None:
    with clamd(mute=True) as server:
        settings.CLAMD_ADDRESS = server.address
        assert check(sent(alice)).state == FileState.CHECKING


@pytest.mark.parametrize("by_clamd", [False, True])
def test_a_file_too_large_for_the_scanner_is_available_and_says_so(
    alice: Sender, settings: Settings, caplog: pytest.LogCaptureFixture, by_clamd: bool
) -> None:
    """By our own limit, or by clamd's when the two were not set together (0014)."""
    content = PDF + b"\x00" * 2 * 1024**2
    settings.CLAMD_MAX_BYTES = 1024**3 if by_clamd else 1024**2
    with clamd(limit=1024**2) as server:
        settings.CLAMD_ADDRESS = server.address
        file = check(sent(alice, content))
    assert (file.state, file.scan) == (FileState.AVAILABLE, Scan.TOO_LARGE)
    assert "file_not_scanned" in caplog.messages
    assert "non analysé\u00a0: trop volumineux" in alice.waiting().content.decode()


def test_a_scanner_on_a_socket_of_this_machine(
    alice: Sender, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.CLAMD_ADDRESS = str(tmp_path_factory.mktemp("clamd") / "absent.sock")
    assert check(sent(alice)).state == FileState.CHECKING


def test_c3_a_file_of_a_form_is_checked_too(scanner: Clamd) -> None:
    file = check(make_upload(content=INFECTED).file)
    assert (file.state, storage.has(file.key)) == (FileState.REFUSED, False)


def test_a_clean_file_of_a_form_stays_where_it_is(scanner: Clamd) -> None:
    file = make_upload().file
    assert file.state == FileState.CHECKING
    file = check(file)
    assert (file.state, file.scan, storage.has(file.key)) == (
        FileState.AVAILABLE,
        Scan.CLEAN,
        True,
    )


def test_c8_with_the_storage_away_nothing_is_lost_and_it_goes_on(
    alice: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("what a storage of somebody else may raise")

    file = sent(alice)
    with monkeypatch.context() as broken:
        broken.setattr(type(default_storage), "save", fail, raising=False)
        check(file)
    assert (file.state, spool.size_of(file.pk)) == (FileState.CHECKING, len(PDF))
    assert check(file).state == FileState.AVAILABLE


@pytest.fixture
def distant(settings: Settings) -> None:
    """A storage that is no disk of ours: nothing can be renamed into it."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


@pytest.mark.usefixtures("distant")
def test_a_distant_storage_gets_a_copy_and_the_spool_is_freed(alice: Sender) -> None:
    file = check(sent(alice))
    assert (file.state, spool.path_of(file.pk).exists()) == (FileState.AVAILABLE, False)
    with storage.read(file.key) as blob:
        assert blob.read() == PDF


@pytest.mark.usefixtures("distant")
def test_c8_a_copy_that_was_cut_is_made_again(
    alice: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sent(alice)
    with monkeypatch.context() as cut:
        cut.setattr(type(default_storage), "size", lambda *_args: 3, raising=False)
        assert check(file).state == FileState.CHECKING
    assert (spool.size_of(file.pk), check(file).state) == (len(PDF), FileState.AVAILABLE)


def test_c8_a_worker_killed_after_the_rename_is_followed_by_another(alice: Sender) -> None:
    file = sent(alice)
    target = default_storage.path(file.key)
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    shutil.move(spool.path_of(file.pk), target)
    assert check(file).state == FileState.AVAILABLE


def test_c8_a_blob_that_another_worker_left_half_copied_is_replaced(alice: Sender) -> None:
    file = sent(alice)
    target = default_storage.path(file.key)
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    with open(target, "wb") as half:  # noqa: PTH123
        half.write(PDF[:10])
    assert check(file).state == FileState.AVAILABLE
    with storage.read(file.key) as blob:
        assert blob.read() == PDF


def test_c8_bytes_that_vanished_are_held_and_logged(
    alice: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    file = sent(alice)
    spool.erase(file.pk)
    assert (check(file).state, "file_check_held" in caplog.messages) == (FileState.CHECKING, True)


def test_a_file_that_another_worker_holds_is_left_to_it(alice: Sender) -> None:
    file = sent(alice)
    with spool.held(file.pk):
        check(file)
    assert file.state == FileState.CHECKING


def test_a_file_that_was_busy_for_a_moment_is_the_next_sweeps(alice: Sender) -> None:
    file = sent(alice)
    received = file.check_after
    with spool.held(file.pk):
        check(file)
    assert file.check_after == received
    assert check(file).state == FileState.AVAILABLE


def test_a_turn_that_was_taken_is_nobody_elses(alice: Sender) -> None:
    file = sent(alice)
    at = file.check_after
    assert at is not None
    StoredFile.objects.filter(pk=file.pk).update(check_after=at + timedelta(minutes=1))
    assert not operations.check_file(file=file.pk, at=at)


def test_the_sweep_finds_a_file_that_became_whole_as_its_process_died(alice: Sender) -> None:
    address = alice.address("plan.pdf", len(PDF))
    file = StoredFile.objects.get(pk=address.rstrip("/").rpartition("/")[2])
    spool.folder()
    spool.path_of(file.pk).write_bytes(PDF)
    later = file.created_at + timedelta(minutes=2)
    operations.check_pending(at=later)
    file.refresh_from_db()
    assert file.state == FileState.AVAILABLE


def test_the_worker_judges_what_the_web_process_had_no_time_to(alice: Sender) -> None:
    address = alice.address("plan.pdf", 1000)
    file = StoredFile.objects.get(pk=address.rstrip("/").rpartition("/")[2])
    spool.path_of(file.pk).write_bytes(b"MZ\x90\x00".ljust(1000, b"\x00"))
    operations.check_pending(at=file.created_at + timedelta(minutes=2))
    file.refresh_from_db()
    assert (file.state, "programme" in file.refusal) == (FileState.REFUSED, True)


def test_health_tells_how_many_wait_and_since_when(alice: Sender, settings: Settings) -> None:
    settings.CLAMD_ADDRESS = NOBODY
    file = check(sent(alice))
    whole_at: datetime | None = file.whole_at
    assert whole_at is not None
    assert unchecked(whole_at + timedelta(minutes=16)) == (1, timedelta(minutes=16))


def test_nothing_waits_in_a_quiet_portal() -> None:
    make_upload(form_token=uuid4())
    assert unchecked(RECEIVED_AT) == (0, None)
