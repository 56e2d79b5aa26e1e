"""Writing many rows at once by PostgreSQL's COPY."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from psycopg2 import sql

BLOCK = 2000
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
    return {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if not field.generated
    }


def copy_rows(model: type[models.Model], rows: Iterable[models.Model]) -> int:
    """Insert the rows as they are, primary keys included; returns their number."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    names = [field.attname for field in fields]
    lines = io.StringIO()
    number = 0
    for row in rows:
        values = [_text(field, getattr(row, field.attname)) for field in fields]
        lines.write("\t".join(values) + "\n")
        number += 1
    lines.seek(0)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(column) for column in _columns(fields, names)),
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, lines)
    return number


def _columns(fields: Sequence[models.Field[Any, Any]], names: Sequence[str]) -> list[str]:
    return [field.column or name for field, name in zip(fields, names, strict=True)]


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


def keys_of(model: type[models.Model]) -> Iterator[int]:
    """Primary keys of a table, without end, taken from its sequence in blocks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
    return numbers_of(sequence)


def numbers_of(sequence: str) -> Iterator[int]:
    """The numbers of a sequence, without end. Unused ones of a block are lost, as usual."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, BLOCK])
            block = [number for (number,) in cursor.fetchall()]
        yield from block
