"""D6, C5: more than a form may hold is said by the form, and what is good in it stays."""

from __future__ import annotations

import errno
import io
import tracemalloc
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from files import spool
from files.forms import WaitingFilesForm
from files.http import _ReadableHeadings, _SpooledFile
from files.models import Upload
from foundation.text import TEXT_MAX
from tests.factories.accounts import make_user
from tests.factories.cast import Cast, make_cast
from tests.factories.files import PDF, RECEIVED_AT
from tests.factories.licences import make_licence, make_product
from tests.files.multipart import post
from tests.tickets.pages import body, signed_in, text

BOUNDARY = b"limite"
HEADING = (
    b'--limite\r\nContent-Disposition: form-data; name="uploads"; filename="a\xed\xa0\x80.pdf"'
)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def declare(cast: Cast, token: UUID, **changes: Any) -> Any:
    product = make_product(name="Revit")
    make_licence(cast.company, product=product)
    data = {
        "product": product.pk, "severity": "blocking", "title": "Revit se ferme",
        "body": "Depuis ce matin.", "form_token": str(token), **changes,
    }  # fmt: skip
    return signed_in(cast.alice).post("/incidents/declarer/", data)


@pytest.mark.parametrize("count", [11, 21, 120])
def test_d6_ten_files_are_kept_with_the_text_and_the_form_says_the_limit(
    cast: Cast, count: int
) -> None:
    token = uuid4()
    files = [SimpleUploadedFile(f"plan-{number}.pdf", PDF) for number in range(count)]
    page = declare(cast, token, uploads=files)
    kept = [upload.file.name for upload in Upload.objects.filter(form_token=token).order_by("pk")]
    assert kept == [f"plan-{number}.pdf" for number in range(settings.FILE_MAX_COUNT)]
    assert (page.status_code, "Depuis ce matin.</textarea>" in body(page)) == (200, True)
    assert "10 fichiers au plus" in text(page)


def test_d6_one_sentence_tells_of_all_that_were_too_many(cast: Cast) -> None:
    files = [SimpleUploadedFile(f"plan-{number}.pdf", PDF) for number in range(120)]
    page = text(declare(cast, uuid4(), uploads=files))
    assert (
        "120 fichiers envoyés d’un coup" in page,
        page.count(".pdf\u00a0» n’est pas joint"),
    ) == (True, 0)


def test_d6_three_megabytes_of_text_come_back_with_the_form(cast: Cast) -> None:
    page = declare(cast, uuid4(), body="é" * 1_500_000, title="Titre gardé")
    assert (page.status_code, "Titre gardé" in body(page)) == (200, True)
    assert body(page).count("é" * 1_500_000) == 1


def test_d6_past_all_limits_the_page_says_what_to_do(cast: Cast) -> None:
    page = declare(cast, uuid4(), body="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert page.status_code == 400
    assert "Votre texte est trop long" in text(page)
    assert f"{TEXT_MAX // 1000} 000 caractères au plus" in text(page)


def test_d6_past_all_limits_files_are_counted_too(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    files = [SimpleUploadedFile(f"plan-{number}.pdf", PDF) for number in range(6)]
    page = declare(cast, uuid4(), uploads=files)
    assert (page.status_code, "10 fichiers au plus par envoi" in text(page)) == (400, True)


# --- D5: names that are no UTF-8 ----------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["plan\ud800.pdf", "\udfffa.pdf", "pl\ud800an\ud801.pdf"])
def test_d5_half_a_character_in_a_name_loses_no_file(name: str) -> None:
    request = post({"form_token": str(uuid4())}, [("bon.pdf", PDF), (name, PDF), ("b.pdf", PDF)])
    form = WaitingFilesForm(request.POST, request.FILES)
    form.keep_files(person=make_user(), at=RECEIVED_AT)
    kept = [file.name for file in form.waiting_files]
    cleaned = "".join(
        "___" if "\ud800" <= character <= "\udfff" else character for character in name
    )
    assert (sorted(kept), form.is_valid()) == (sorted(["bon.pdf", cleaned, "b.pdf"]), True)


class Dribble(io.BytesIO):
    """A body that comes in small pieces."""

    def __init__(self, content: bytes, piece: int) -> None:
        super().__init__(content)
        self.piece = piece

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.piece)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 8, 9, 10, 11, 60, 1_000])
def test_d5_a_heading_is_mended_wherever_the_reads_cut_it(piece: int) -> None:
    content = b"\x00\xed\xa0\x80--lim--limite-" * 3
    whole = HEADING + b"\r\n\r\n" + content + b"\r\n" + HEADING + b"\r\n\r\nz\r\n--limite--\r\n"
    mended = _ReadableHeadings(Dribble(whole, piece), BOUNDARY)
    read = b"".join(iter(lambda: mended.read(64), b""))
    assert read == whole.replace(HEADING, HEADING.replace(b"\xed\xa0\x80", b"___"))


def test_c5_a_body_that_looks_like_a_boundary_does_not_pile_up() -> None:
    mended = _ReadableHeadings(io.BytesIO(b"-" * 20_000_000), BOUNDARY)
    tracemalloc.start()
    total = sum(len(piece) for piece in iter(lambda: mended.read(65_536), b""))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (total, peak < 1_000_000) == (20_000_000, True)


def test_a_large_file_of_a_form_is_written_beside_the_spool() -> None:
    """Not in a container's temporary folder, which is memory; storing it is then a rename."""
    content = PDF + b"\x00" * 3 * 1024**2
    request = post({"form_token": str(uuid4())}, [("lourd.pdf", content)])
    uploaded = request.FILES["uploads"]
    assert Path(uploaded.temporary_file_path()).parent == spool.folder()  # type: ignore[union-attr]
    request.close()


@pytest.mark.parametrize("room", [0, 1024**2])
def test_c8_a_full_disk_keeps_the_text_and_says_which_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Without JavaScript: the form comes back with everything in it but the file."""
    left = [room]

    def write(_file: _SpooledFile, data: bytes) -> int:
        left[0] -= len(data)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "full")
        return len(data)

    monkeypatch.setattr(_SpooledFile, "write", write, raising=False)
    heavy = SimpleUploadedFile("lourd.pdf", PDF + b"\x00" * 3 * 1024**2)
    answer = declare(cast, uuid4(), uploads=[heavy, SimpleUploadedFile("plan.pdf", PDF)])
    shown = text(answer)
    assert answer.status_code == 200
    assert "lourd.pdf\u00a0» n’a pas pu être enregistré" in body(answer)
    assert "plan.pdf" in shown
    assert "Votre texte est gardé" in shown
