"""Database bases: append-only tables and the rights of the application's role.

The application connects as `portal_app`, migrations as `portal_owner`. A table that nobody may
alter says so by deriving from `AppendOnly`: triggers refuse the change for every role, and
`manage.py grant_rights` takes the rights away from the application's role as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db import models

_REFUSE = "RAISE EXCEPTION 'append-only: % is refused on %', TG_OP, TG_TABLE_NAME;"


class AppendOnly(models.Model):
    """Rows are inserted and read, never changed (update, delete and truncate are refused).

    A superuser of PostgreSQL can drop a trigger: the rights of the role are the real guard, and
    the hash chain (docs/decisions) shows what was done all the same.
    """

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Trigger(
                name="append_only_rows",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_REFUSE,
            ),
            pgtrigger.Trigger(
                name="append_only_table",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=_REFUSE,
            ),
        ]


def append_only_tables() -> Iterator[str]:
    """Names of the tables whose rows never change."""
    for model in apps.get_models():
        if issubclass(model, AppendOnly):
            yield model._meta.db_table
