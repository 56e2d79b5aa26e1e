"""C1: whatever a name holds, the storage key is the server's and the name is data."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from files import operations
from files.forms import WaitingFilesForm
from files.models import StoredFile
from tests.factories.accounts import make_user
from tests.factories.files import PDF, RECEIVED_AT, make_upload
from tests.files.multipart import post

PATHS = [
    "../../x.pdf", "../x.pdf",
    "..\\x.pdf", "..\\..\\windows\\x.pdf", "/etc/passwd.pdf", "//x.pdf",
    "C:\\temp\\x.pdf", "\\\\serveur\\partage\\x.pdf", "a/b.pdf", "a\\b.pdf", "./x.pdf",
    "x/../y.pdf",
    "/", "\\", "../", "..\\", "a/", "&sol;etc&sol;x.pdf", "..&#47;x.pdf", "&bsol;x.pdf",
]  # fmt: skip
CONTROLS = [
    "a\x00b.pdf", "a\x01.pdf", "a\tb.pdf", "a\x07.pdf", "a\x08b.pdf", "a\x0bb.pdf", "a\x0cb.pdf",
    "a\x1b[31m.pdf", "a\x7fb.pdf", "a\x80b.pdf", "a\x9fb.pdf", "a\u2028b.pdf", "a\u2029b.pdf",
    "facture\u202efdp.pdf", "a\u2066b.pdf", "&#8238;x.pdf",
]  # fmt: skip
EMPTY = [" ", "  ", ".", "..", "...", ". ."]
LONG = ["a" * 252 + ".pdf", "é" * 300 + ".pdf", "a" * 800 + ".pdf"]
STRANGE = [
    "%2e%2e%2fx.pdf",
    "..%2fx.pdf", "%00.pdf", "x.pdf%00.exe.pdf", "..;x.pdf", "~x.pdf", "$HOME.pdf",
    "`id`.pdf", "$(id).pdf", "a;b.pdf", "a|b.pdf", "a&b.pdf", "<b>.pdf", "{{7*7}}.pdf", "%s.pdf",
    "-rf.pdf", "été à Noël.pdf", "图纸.pdf", "CON.pdf", "a:b.pdf", "..x.pdf", "x..pdf", "a'b.pdf",
]  # fmt: skip


def stored_blobs() -> set[Path]:
    root = Path(settings.PORTAL_DATA_DIR)
    return {path for path in root.rglob("*") if path.is_file()}


def test_c1_there_are_sixty_names() -> None:
    assert len(PATHS + CONTROLS + EMPTY + LONG + STRANGE) >= 60


@pytest.mark.django_db
@pytest.mark.parametrize("name", PATHS + CONTROLS + EMPTY + LONG)
def test_c1_a_path_or_a_control_character_is_refused_with_its_reason(name: str) -> None:
    request = post({"form_token": str(uuid4())}, [(name, PDF)])
    form = WaitingFilesForm(request.POST, request.FILES)
    before = stored_blobs()
    form.keep_files(person=make_user(), at=RECEIVED_AT)
    assert (len(form.errors["uploads"]), stored_blobs() - before) == (1, set())


@pytest.mark.django_db
@pytest.mark.parametrize("name", STRANGE)
def test_c1_a_strange_name_is_data_and_the_key_is_ours(name: str) -> None:
    before = stored_blobs()
    file = make_upload(name=name).file
    made = [path.relative_to(Path(default_storage.path(""))) for path in stored_blobs() - before]
    assert (file.name, file.key, made) == (
        name,
        f"2026/09/{file.uuid}",
        [Path(f"2026/09/{file.uuid}")],
    )


def test_c1_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(operations.FileRefused):
        operations.check_name("plan\ud800.pdf")


@pytest.mark.django_db
def test_c1_a_name_of_255_characters_is_kept_whole() -> None:
    name = "a" * 251 + ".pdf"
    assert StoredFile.objects.get(pk=make_upload(name=name).file.pk).name == name
