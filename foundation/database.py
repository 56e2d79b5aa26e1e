"""Database bases: append-only tables, the rights of the application's role, text as searched.

The application connects as `portal_app`, migrations as `portal_owner`. A table that nobody may
alter says so by deriving from `AppendOnly`: triggers refuse the change for every role, and
`manage.py grant_rights` takes the rights away from the application's role as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db import models
from django.db.models.functions import Concat
from django.db.models.lookups import Contains

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


class Plain(models.Func):
    """A text without accents and capitals, by a function of ours that indexes may use.

    PostgreSQL's own `unaccent` may not stand in an index or a generated column: its dictionary
    could be edited. Ours is the one it is shipped with, and never is.
    """

    function = "portal_plain"
    arity = 1
    output_field = models.TextField()


class Digits(models.Func):
    """The digits of a number, whatever stands between them: « 06 12… » and « 06.12… » are one."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, '[^0-9]', '', 'g')"
    arity = 1
    output_field = models.TextField()


def words_of(*fields: str) -> Plain:
    """Several fields as one searched text. Each begins after a space: « (space)du » finds who is
    called Dupont, by the same trigrams that find what stands inside a word.
    """
    parts = [part for field in fields for part in (models.Value(" "), models.F(field))]
    return Plain(Concat(*parts, output_field=models.TextField()))


# Trigrams need three signs; a shorter word is looked for at the beginning of words only.
_INSIDE_MIN = 3


def holds(searched: Plain | models.F, word: str) -> Contains:
    """The condition: this text (`words_of`, or a column of it) holds a word.

    Accents and case are forgiven. LIKE's own signs are taken literally.
    """
    return contains(searched, looked_for(word))


def contains(searched: Plain | models.F, text: str) -> Contains:
    """The same for a text as it stands: one of `looked_for`, in a statement worded once."""
    return Contains(searched, Plain(models.Value(text)))


def looked_for(word: str) -> str:
    """What stands for a word in a searched text: a short one is looked for where words begin."""
    return word if len(word) >= _INSIDE_MIN else f" {word}"


def append_only_tables() -> Iterator[str]:
    """Names of the tables whose rows never change."""
    for model in apps.get_models():
        if issubclass(model, AppendOnly):
            yield model._meta.db_table
