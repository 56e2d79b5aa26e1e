"""All that the database holds, as one value to compare before and after a refused act (A6)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session

from tickets.models import Draft


def rows_of_everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the sessions and the drafts, by table.

    A refused declaration is kept as a draft: that is no act.
    """
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=str)
        for model in apps.get_models()
        if model not in {Session, Draft}
    }
