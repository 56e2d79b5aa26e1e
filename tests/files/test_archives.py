"""C4: what grows when it is opened is never opened: bombs, nested archives, a million members, an
image as wide as a field. Receiving costs what the bytes weigh.
"""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest

from files.enums import FileState
from files.models import StoredFile
from tests.factories.accounts import make_user
from tests.factories.files import make_upload

pytestmark = pytest.mark.django_db

# What a bomb would take at the least if somebody opened it.
BOMB_BYTES = 64_000_000
# What receiving one may take: some copies of a file of less than a megabyte.
ROOM = 12_000_000


def _zip(members: Iterator[tuple[str, bytes]]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return kept.getvalue()


def bomb() -> bytes:
    return _zip(iter([("zeros.txt", bytes(BOMB_BYTES))]))


def nested() -> bytes:
    inner = bomb()
    for depth in range(5):
        inner = _zip(iter([(f"{depth}.zip", inner)]))
    return inner


def crowd() -> bytes:
    return _zip((f"dossier/{number}.txt", b"") for number in range(5_000))


def document() -> bytes:
    types = b'<?xml version="1.0"?><Types xmlns="x"/>'
    parts = [("[Content_Types].xml", types), ("word/document.xml", bytes(BOMB_BYTES))]
    return _zip(iter(parts))


def wide_image() -> bytes:
    """50 000 × 50 000 pixels, told by its header; its one line of data is cut."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(200_000))
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + end


BOMBS: list[tuple[str, Callable[[], bytes]]] = [
    ("bombe.zip", bomb), ("poupee.zip", nested), ("foule.zip", crowd), ("rapport.docx", document),
    ("champ.png", wide_image),
]  # fmt: skip


def _opened(*_arguments: object, **_named: object) -> NoReturn:
    raise AssertionError("somebody opened it")


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, whoever opens or inflates anything fails."""

    def seal() -> None:
        for holder, name in (
            (zipfile, "ZipFile"), (gzip, "GzipFile"), (zlib, "decompress"), (zlib, "decompressobj"),
        ):  # fmt: skip
            monkeypatch.setattr(holder, name, _opened)

    return seal


@pytest.mark.parametrize(("name", "make"), BOMBS, ids=[name for name, _make in BOMBS])
def test_c4_what_grows_when_opened_is_received_without_being_opened(
    name: str, make: Callable[[], bytes], sealed: Callable[[], None]
) -> None:
    # Somebody who exists: the list of known passwords is a gzip file.
    content, person = make(), make_user()
    assert len(content) < 2_000_000
    sealed()
    tracemalloc.start()
    try:
        file = make_upload(person, name=name, content=content).file
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (file.size, file.state) == (len(content), FileState.AVAILABLE)
    assert peak < ROOM
    assert StoredFile.objects.get(pk=file.pk).size == len(content)


def test_c4_the_seal_sees_an_opening(sealed: Callable[[], None]) -> None:
    content = crowd()
    sealed()
    with pytest.raises(AssertionError, match="somebody opened it"):
        zipfile.ZipFile(io.BytesIO(content))
