"""E1: what people typed is text in any spreadsheet program, and comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from foundation.spreadsheets import BOM, Cell, csv_lines, is_risky, plain, storable, workbook

# What E1 names, alone and behind what a program skips.
SIGNS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠")
BEFORE = ("", " ", "  ", "'", '"', "\u00a0", "\u200b", "\ufeff", "\n", "\t", ' "')
PAYLOADS = ("cmd|' /C calc'!A0", '1+1)*cmd|"/C calc"!A0', 'HYPERLINK("http://mal.test";"x")', "1")
HOSTILE = [
    f"{before}{sign}{payload}" for before in BEFORE for sign in SIGNS for payload in PAYLOADS
]
BREAK_OUTS = ['x";=1+1', "x;=1+1", "x\n=1+1", 'x"\r\n=1+1;"', "x\r\n;=1+1", "x\u2028=1+1"]
lawful = settings(max_examples=100, deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def reopened(rows: list[list[Cell]]) -> list[list[str]]:
    """A CSV as Excel in French reads it: bytes, their mark, « ; »."""
    made = "".join(csv_lines(["Titre"], rows)).encode()
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]


def sheet_of(rows: list[list[Cell]]) -> list[tuple[object, str]]:
    """Values and types of a workbook's first column."""
    with workbook("Feuille", ["Titre"], rows) as file:
        sheet = load_workbook(file).worksheets[0]
        return [(row[0].value, row[0].data_type) for row in sheet.iter_rows(min_row=2)]


def test_e1_what_looks_like_a_formula_starts_with_an_apostrophe() -> None:
    assert [text for text in HOSTILE if not plain(text).startswith("'")] == []


@pytest.mark.parametrize("text", BREAK_OUTS)
def test_e1_no_cell_breaks_out_of_its_row(text: str) -> None:
    assert reopened([[text, "après"]]) == [[plain(text), "après"]]
    assert "\n" not in plain(text)


@pytest.mark.parametrize(
    "text", ["Revit se ferme", "a=b", "3-4", "x@y.test", "", "«\u00a0=\u00a0»"]
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@lawful
@given(st.lists(TEXTS | st.sampled_from(HOSTILE), min_size=1, max_size=6))
def test_e1_csv_gives_back_each_text_on_its_row(texts: list[str]) -> None:
    rows = reopened([[text, "fin"] for text in texts])
    assert [row[1] for row in rows] == ["fin"] * len(texts)
    for text, (cell, _end) in zip(texts, rows, strict=True):
        assert cell.removeprefix("'") == plain(text).removeprefix("'")
        assert not is_risky(text) or cell.startswith("'")


@lawful
@given(st.lists(TEXTS | st.sampled_from([*HOSTILE, *BREAK_OUTS, "#N/A", "#REF!"]), max_size=5))
def test_e1_xlsx_holds_each_text_as_text(texts: list[str]) -> None:
    found = sheet_of([[text, "fin"] for text in texts])
    for text, (value, kind) in zip(texts, found, strict=True):
        # The format writes line ends its own way; an empty text is an empty cell.
        assert _unified(str(value or "")) == _unified(storable(text))
        assert kind in ({"s"} if text else {"s", "inlineStr", "n"})


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_xlsx_has_no_formula_whatever_is_written() -> None:
    with workbook("Feuille", HOSTILE[:3], [[text] for text in HOSTILE]) as file:
        content = load_workbook(file).worksheets[0]
        assert {cell.data_type for row in content.iter_rows() for cell in row} <= {
            "s",
            "inlineStr",
            "n",
        }


def test_instants_and_numbers_keep_their_type() -> None:
    at = datetime(2026, 9, 15, 10, 5)  # noqa: DTZ001 (a spreadsheet knows no zone)
    assert sheet_of([[at], [42], [None], ["fin"]])[:3] == [(at, "d"), (42, "n"), (None, "n")]
    assert reopened([[at], [42], [None]]) == [["2026-09-15 10:05"], ["42"], [""]]


def test_csv_carries_the_mark_that_excel_reads_once() -> None:
    made = "".join(csv_lines(["Titre"], [["x"]] * 3_000))
    assert made.startswith(f'{BOM}"Titre"\r\n')
    assert made.count(BOM) == 1


def test_csv_is_streamed_in_pieces() -> None:
    pieces = list(csv_lines(["Titre"], [["x" * 100]] * 3_000))
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 20_000
