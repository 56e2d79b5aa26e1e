"""What the whole database holds, table by table, in one query: to know what a robot changed."""

from __future__ import annotations

from django.db import connection

_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"  # noqa: E501
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 0)::text FROM pg_sequences"


def fingerprint() -> dict[str, str]:
    """A digest of every table and the position of every sequence, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        names = sorted(name for (name,) in cursor.fetchall())
        cursor.execute(" UNION ALL ".join(_digest(name) for name in names))
        found = dict(cursor.fetchall())
        cursor.execute(_SEQUENCES)
        return found | dict(cursor.fetchall())


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Tables and sequences that differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _digest(table: str) -> str:
    return (
        f"SELECT '{table}', md5(coalesce(string_agg(row::text, '\\n' ORDER BY row::text), ''))"
        f' FROM "{table}" AS row'
    )
