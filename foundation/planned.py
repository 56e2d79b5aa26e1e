"""Statements that PostgreSQL parses and plans once per connection, instead of at each page.

For a statement that finds a few rows by their keys through many tables, planning costs several
times what running does: 1.0 ms of the 1.3 that PostgreSQL gave to an incident's page. psycopg2
never prepares by itself, so this is SQL's own PREPARE and EXECUTE (decision 0019):

    _NAMES = PlannedSQL("SELECT name FROM accounts_company WHERE id = %(company)s")
    _NAMES.rows(company=company.pk)

Never for a statement whose best plan depends on its values (lists, searches, a company with a fifth
of all incidents): from the sixth time on, PostgreSQL may keep one plan for all of them.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

_numbers = count(1)
_BY_NAME = re.compile(r"%\((\w+)\)s|%%")
_FIRST_TABLE = re.compile(r'(?:FROM|INTO) "?([a-z_]{1,50})')
_BY_PLACE = re.compile(r"%s|%%")


class Planned:
    """A statement as Django words it, with a `%s` for each parameter; PostgreSQL infers types."""

    def __init__(self, sql: str) -> None:
        places: list[str] = []

        def mark(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            places.append("%s")
            return f"${len(places)}"

        # What an operator reads in the server's activity and logs.
        about = _FIRST_TABLE.search(sql)
        name = f"{about[1] if about else 'nothing'}_{next(_numbers)}"
        self._prepare = f"PREPARE {name} AS {_BY_PLACE.sub(mark, sql)}"
        self._execute = f"EXECUTE {name}" + (f" ({', '.join(places)})" if places else "")
        # By the driver's connection: a new one, after a failure, has prepared nothing.
        self._ready: WeakKeyDictionary[object, bool] = WeakKeyDictionary()

    def statement(self) -> str:
        """What to execute with the parameters, now that this thread's connection knows it.

        Raises DatabaseError as any statement would.
        """
        connection = connections[DEFAULT_DB_ALIAS]
        # As a cursor of Django's would: a connection that died meanwhile is replaced.
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        driver = connection.connection
        if driver not in self._ready:
            # Past Django's cursor: it belongs to the connection, not to the statements of a page.
            with connection.wrap_database_errors, driver.cursor() as cursor:
                cursor.execute(self._prepare)
            self._ready[driver] = True
        return self._execute


class PlannedSQL:
    """A statement in SQL, its parameters by name: `%(ticket)s`."""

    def __init__(self, sql: str) -> None:
        self._names = [found for found in _BY_NAME.findall(sql) if found]
        self._planned = Planned(_BY_NAME.sub(lambda found: "%s" if found[1] else "%%", sql))

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """All rows for these values, read now. Raises KeyError when one is missing."""
        params = [values[name] for name in self._names]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._planned.statement(), params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def insert(*rows: Model) -> None:
    """INSERT new rows of one model by one statement planned once, and give them their keys.

    As `save(force_insert=True)` or `bulk_create`, for a model without parents, signals or values
    computed by the database that the caller would read; either all rows have a key or none.
    Raises IntegrityError and the like.
    """
    insertion = _insertion(type(rows[0]), rows[0].pk is not None, len(rows))
    connection = connections[DEFAULT_DB_ALIAS]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in insertion.fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(insertion.planned.statement(), values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, DEFAULT_DB_ALIAS


class _Insertion(NamedTuple):
    planned: Planned
    fields: list[Field[Any, Any]]


@cache
def _insertion(model: type[Model], has_key: bool, number: int) -> _Insertion:
    key = model._meta.pk
    # What the database computes is not written.
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not field.generated and (has_key or field is not key)
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    # Names of our own models alone.
    sql = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) '  # noqa: S608
        f'VALUES {", ".join([row] * number)} RETURNING "{key.column}"'
    )
    return _Insertion(Planned(sql), fields)
