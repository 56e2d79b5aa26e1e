"""Writing many rows at once by PostgreSQL's COPY.

Rows become text first (`lines_of`), which needs no database and may be done by another process.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from psycopg2 import sql

_ESCAPED = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


_Row = TypeVar("_Row", bound=models.Model)


def bare_row(model: type[_Row], **values: Any) -> _Row:
    """A row to copy: only what its columns hold, by their attribute names (« company_id »).

    Signals, relations and deferred columns are left out: a model's own constructor costs four
    times as much, and a large seed makes two million rows.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__.update(_defaults(model), **values)
    return row


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """What columns hold when nothing is said."""
    return {field.attname: field.get_default() for field in _written(model)}


def lines_of(model: type[_Row], rows: Iterable[_Row]) -> str:
    """The rows as they are, primary keys included, in COPY's text form."""
    fields = _written(model)
    return "".join(
        "\t".join(_text(field, getattr(row, field.attname)) for field in fields) + "\n"
        for row in rows
    )


def copy_lines(model: type[models.Model], lines: str) -> None:
    """Insert what `lines_of` gave."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in _written(model)),
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, io.StringIO(lines))


@cache
def _written(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _text(field: models.Field[Any, Any], value: Any) -> str:
    """One value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(field, models.JSONField):
        value = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list):
        value = "{" + ",".join(map(str, value)) + "}"
    text = str(value)
    # Most values hold nothing to escape, and looking is cheaper than translating.
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text


def keys_of(model: type[models.Model], number: int) -> range:
    """Primary keys that nobody else will be given, in a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
    return numbers_of(sequence, number)


def numbers_of(sequence: str, number: int) -> range:
    """Numbers of a sequence, in a row. Unused ones are lost, as usual."""
    statement = (
        "SELECT min(n), max(n) FROM (SELECT nextval(%s) AS n FROM generate_series(1, %s)) AS taken"
    )
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [sequence, number])
            first, last = cursor.fetchone()
            # Somebody else may have taken numbers in between.
            if last - first + 1 == number:
                return range(first, last + 1)
