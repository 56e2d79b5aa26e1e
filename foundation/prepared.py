"""Queries that every page asks: compiled once per process, then asked with other values.

Building a statement takes the ORM several times as long as PostgreSQL takes to answer it: 0.35 ms
of 0.45 for somebody's companies. A `Prepared` keeps the compiled statement and puts the values of
the call in its parameters; rows come as the queryset would give them, `select_related`,
`prefetch_related`, annotations and `values()` included. Nothing of the answer is ever kept.

    _OPEN = Prepared(lambda user: Membership.objects.filter(user=user, is_active=True), user=int)
    _OPEN(user=person.pk)

For statements whose text never changes: no slice, list or None among the values, no lock. It
leans on two inner doors of Django's (`Query.get_compiler`, `SQLCompiler.as_sql`), here alone;
tests/foundation/test_prepared.py compares its rows with those of the queryset (decision 0019).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from foundation.planned import Planned

_M = TypeVar("_M", bound=Model)

# What stands for the nth value while the statement is compiled: nothing else would be equal to it.
# A datetime is a date, so it comes first.
_STANDS_FOR: tuple[tuple[type, Callable[[int], object]], ...] = (
    (int, lambda n: 2_147_000_000 + n),
    (str, lambda n: f"\N{REPLACEMENT CHARACTER}{n}"),
    (datetime, lambda n: datetime(1901, 1, n, tzinfo=UTC)),
    (date, lambda n: date(1901, 1, n)),
    (UUID, lambda n: UUID(int=n)),
)


@dataclass(frozen=True)
class _Statement(Generic[_M]):
    """A compiled queryset; `names` has, per parameter, the value that goes there or None."""

    rows: QuerySet[_M]
    compiler: SQLCompiler
    sql: str
    constants: tuple[Any, ...]
    names: tuple[str | None, ...]


class Prepared(Generic[_M]):
    """The rows of `build(**values)`; `types` gives the type of each value."""

    def __init__(self, build: Callable[..., QuerySet[_M]], **types: type) -> None:
        self._build = build
        self._types = types

    def __call__(self, **values: int | str | date | datetime | UUID) -> list[_M]:
        """The rows for these values, read now."""
        statement, (_sql, params) = self._statement, self.text(**values)
        rows = statement.rows.all()
        compiler = _ready(statement.compiler, self._sent(), tuple(params))
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(rows)

    def text(self, **values: int | str | date | datetime | UUID) -> tuple[str, list[Any]]:
        """The statement and its parameters, for one that holds it."""
        statement = self._statement
        return statement.sql, [
            constant if name is None else values[name]
            for name, constant in zip(statement.names, statement.constants, strict=True)
        ]

    def _sent(self) -> str:
        return self._statement.sql

    @cached_property
    def _statement(self) -> _Statement[_M]:
        marks = {
            name: _stand_in(kind, number)
            for number, (name, kind) in enumerate(self._types.items(), start=1)
        }
        rows = self._build(**marks)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, constants = compiler.as_sql()
        names = tuple(_name_of(constant, marks) for constant in constants)
        if missing := set(marks) - set(names):
            raise ValueError(f"not a parameter of the statement: {', '.join(sorted(missing))}")
        return _Statement(rows, compiler, sql, tuple(constants), names)


class PlannedRows(Prepared[_M]):
    """The same, and planned once per connection: for a few rows found by their keys (`planned`)."""

    def _sent(self) -> str:
        return self._planned.statement()

    @cached_property
    def _planned(self) -> Planned:
        return Planned(self._statement.sql)


def _stand_in(kind: type, number: int) -> object:
    return next(make(number) for known, make in _STANDS_FOR if issubclass(kind, known))


def _name_of(constant: object, marks: dict[str, object]) -> str | None:
    return next((name for name, mark in marks.items() if mark == constant), None)


def _ready(compiled: SQLCompiler, sql: str, params: tuple[Any, ...]) -> SQLCompiler:
    """A compiler that has done its work already, on the connection of this thread."""
    compiler = copy(compiled)
    compiler.connection = connections[DEFAULT_DB_ALIAS]
    compiler.as_sql = lambda *_args, **_kwargs: (sql, params)  # type: ignore[method-assign]
    return compiler
