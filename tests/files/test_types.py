"""Which files are taken: the extension must be allowed and the content agree (C2, C3)."""

from __future__ import annotations

import pytest

from files import types
from tests.files.samples import ACCEPTED, REFUSED


def is_taken(name: str, content: bytes) -> bool:
    head = content[: types.HEAD_BYTES]
    return types.agrees(name, head) and not types.is_dangerous(head)


@pytest.mark.parametrize("name", ACCEPTED)
def test_c3_an_engineering_file_is_taken(name: str) -> None:
    assert is_taken(name, ACCEPTED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_c3_a_program_a_script_or_a_disguise_is_refused(name: str) -> None:
    assert not is_taken(name, REFUSED[name])


def test_c2_no_type_that_a_browser_runs_is_ever_served() -> None:
    served = {kind.content_type.partition(";")[0] for kind in types.ALLOWED.values()}
    assert served.isdisjoint({"text/html", "image/svg+xml", "application/xml", "text/xml"})
