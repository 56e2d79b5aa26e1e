"""The spool file is the truth: full disks, faults while writing, two processes (C8)."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from files import operations, spool
from files.enums import FileState
from files.models import StoredFile, Upload
from tests.factories.accounts import make_user
from tests.factories.files import PDF, RECEIVED_AT
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db


def broken(number: int, after: int) -> Callable[..., int]:
    """`os.pwrite` on a disk that has room for `after` more bytes."""
    real, left = os.pwrite, [after]

    def write(descriptor: int, data: Any, offset: int) -> int:
        if not left[0]:
            raise OSError(number, os.strerror(number))
        written = real(descriptor, data[: left[0]], offset)
        left[0] -= written
        return written

    return write


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_c8_a_full_disk_keeps_what_found_room(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", len(PDF))
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", broken(number, 20))
        answer = alice.patch(address, 0, PDF)
    assert (answer.status_code, alice.head(address)["Upload-Offset"]) == (507, "20")
    assert ("spool_full" in caplog.messages, Upload.objects.get().offset) == (True, 20)
    assert alice.patch(address, 20, PDF[20:]).status_code == 204


def test_c8_a_broken_disk_is_a_fault_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Sender(make_user())
    alice.client.raise_request_exception = False
    address = alice.address("plan.pdf", len(PDF))
    with monkeypatch.context() as ill:
        ill.setattr(os, "pwrite", broken(errno.EIO, 20))
        assert alice.patch(address, 0, PDF).status_code == 500
    assert alice.head(address)["Upload-Offset"] == "20"


def test_p1_a_database_that_goes_away_in_between_costs_no_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = Sender(make_user())
    address = alice.address("plan.pdf", len(PDF))

    def away(*_args: object) -> None:
        raise OperationalError

    with monkeypatch.context() as ill:
        ill.setattr("files.operations.sending._conclude", away)
        assert alice.patch(address, 0, PDF[:20]).status_code == 503
    assert alice.head(address)["Upload-Offset"] == "20"


class _Interrupted:
    """A body between whose pieces something else happens."""

    def __init__(self, pieces: list[bytes], between: Callable[[], object]) -> None:
        self._pieces, self._between = pieces, between

    def read(self, size: int, /) -> bytes:
        if len(self._pieces) == 1:
            self._between()
        return self._pieces.pop(0) if self._pieces else b""


def test_a_file_taken_out_of_its_form_while_it_arrives_leaves_nothing(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    person = make_user()
    sender = Sender(person)
    sender.address("plan.pdf", len(PDF))
    upload = Upload.objects.select_related("file").get()

    def take_out() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            operations.discard(person=person, form_token=sender.form_token, file=upload.file_id)

    body = _Interrupted([PDF[:20], PDF[20:]], take_out)
    with pytest.raises(operations.UploadGone):
        operations.append(
            upload=upload, offset=0, length=len(PDF), body=body, clock=lambda: RECEIVED_AT
        )
    assert (StoredFile.objects.count(), spool.size_of(upload.file_id)) == (0, 0)


def test_a_late_request_for_a_file_that_became_whole_meanwhile_writes_nothing() -> None:
    sender = Sender(make_user())
    address = sender.address("plan.pdf", len(PDF))
    late = Upload.objects.select_related("file").get()
    sender.patch(address, 0, PDF)
    file = StoredFile.objects.get()
    operations.check_file(file=file.pk, at=file.check_after or RECEIVED_AT)
    with pytest.raises(operations.UploadGone):
        operations.append(
            upload=late, offset=0, length=len(PDF), body=io.BytesIO(PDF), clock=lambda: RECEIVED_AT
        )
    file.refresh_from_db()
    assert (file.state, spool.size_of(file.pk)) == (FileState.AVAILABLE, 0)


def test_c6_the_row_follows_a_long_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The purge and the pages see that it moves, though the request goes on for hours."""
    Sender(make_user()).address("plan.pdf", len(PDF))
    upload = Upload.objects.select_related("file").get()
    moments = count(0, 6)
    seen: list[tuple[int, object]] = []

    def look() -> None:
        row = Upload.objects.get()
        seen.append((row.offset, row.touched_at))

    operations.append(
        upload=upload, offset=0, length=len(PDF), body=_Interrupted([PDF[:20], PDF[20:]], look),
        clock=lambda: RECEIVED_AT + timedelta(seconds=next(moments)),
    )  # fmt: skip
    assert seen == [(20, RECEIVED_AT + timedelta(seconds=6))]


def test_one_holds_it_at_a_time() -> None:
    file = uuid4()
    with spool.held(file), pytest.raises(spool.Busy), spool.held(file):
        pass
    with spool.held(file):
        assert spool.is_busy(file)
    assert not spool.is_busy(file)
    spool.erase(file)


def test_nobody_else_reads_the_spool() -> None:
    alice = Sender(make_user())
    alice.patch(alice.address("plan.pdf", 100), 0, PDF[:10])
    mode = spool.path_of(StoredFile.objects.get().pk).stat().st_mode
    assert mode & 0o777 == 0o600


def test_c1_a_spool_file_is_named_by_us_alone() -> None:
    alice = Sender(make_user())
    alice.patch(alice.address("canari-nom.pdf", 100), 0, PDF[:10])
    assert [path for path in spool.folder().rglob("*") if "canari" in path.name] == []
