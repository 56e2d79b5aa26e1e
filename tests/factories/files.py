"""Files: real content, kept by the operations that people use."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from files import operations
from files.models import StoredFile, Upload
from tests.factories.accounts import make_user

RECEIVED_AT = datetime(2026, 9, 15, 8, tzinfo=UTC)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40

_numbers = count(1)


def make_upload(
    person: User | None = None,
    *,
    form_token: UUID | None = None,
    name: str | None = None,
    content: bytes = PDF,
    at: datetime = RECEIVED_AT,
) -> Upload:
    """A file that waits with a form of `person`."""
    name = name or f"plan-{next(_numbers)}.pdf"
    return operations.receive(
        person=person or make_user(),
        form_token=form_token or uuid4(),
        name=name,
        content=SimpleUploadedFile("reçu", content),
        at=at,
    )


def make_stored_file(
    *,
    name: str | None = None,
    content: bytes = PDF,
    actor: User | None = None,
    at: datetime = RECEIVED_AT,
) -> StoredFile:
    """A file with its content, that nothing owns yet: pass it to `files=` of an operation."""
    return operations.store(
        name=name or f"plan-{next(_numbers)}.pdf",
        content=SimpleUploadedFile("reçu", content),
        actor=actor,
        at=at,
    )
