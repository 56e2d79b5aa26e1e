"""Rows as CSV and XLSX that no spreadsheet program takes for formulas (E1).

Neither is kept anywhere: CSV is made line by line, XLSX in a temporary file that goes with the
answer.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | datetime | None

# What makes a program take a text for a formula, whatever stands before it.
_SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣−")
_STRIPPED = " \t\r\n\v\f\u00a0\u1680\u180e\u200b\u200c\u200d\u2060\u3000\ufeff'\"’‘“”`"
_BREAKS = frozenset("\t\r\n\v\f\x00\x85\u2028\u2029")
BOM = "\ufeff"
# A workbook smaller than this never touches the disk.
IN_MEMORY = 2 * 1024 * 1024
DATE_FORMAT = "dd/mm/yyyy hh:mm"
WIDTH_MAX = 60  # characters


def is_risky(text: str) -> bool:
    """Whether a spreadsheet program could take a text for a formula."""
    return text[:1] in {"\t", "\r", "\n"} or text.lstrip(_STRIPPED)[:1] in _SIGNS


def plain(text: str) -> str:
    """A text as a CSV cell: on one line, with an apostrophe before what looks like a formula."""
    line = "".join(" " if sign in _BREAKS else sign for sign in text)
    return f"'{line}" if is_risky(text) else line


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """UTF-8 with its mark, « ; », every cell quoted: as Excel in French opens it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([plain(name) for name in header])
    for row in rows:
        writer.writerow([_said(cell) for cell in row])
        if buffer.tell() > 16_384:
            yield _taken(buffer)
    yield _taken(buffer)


def _said(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case str():
            return plain(cell)
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case _:
            return cell


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


# --- XLSX -----------------------------------------------------------------------------------------


def workbook(title: str, header: list[str], rows: Iterable[Iterable[Cell]]) -> IO[bytes]:
    """A workbook of one sheet, at its beginning; the caller closes it. Texts are texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(len(name) + 2, WIDTH_MAX)
    sheet.append([_text(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([_typed(sheet, cell) for cell in row])
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller's)
    book.save(file)
    file.seek(0)
    return file


def _typed(sheet: WriteOnlyWorksheet, cell: Cell) -> object:
    match cell:
        case str():
            return _text(sheet, cell) if is_risky(cell) or cell.startswith("#") else storable(cell)
        case datetime():
            return _date(sheet, cell)
        case _:
            return cell


def storable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub(" ", text)


def _text(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> SheetCell:
    cell = WriteOnlyCell(sheet, storable(text))
    # The library takes what begins with « = » for a formula, and « #N/A » for an error.
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _date(sheet: WriteOnlyWorksheet, at: datetime) -> SheetCell:
    cell = WriteOnlyCell(sheet, at)
    cell.number_format = DATE_FORMAT
    return cell
