"""Admin actions: one operation per selected row, each refusal said, each act in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]


def actor_of(request: HttpRequest) -> User:
    """Who acts: the admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def act_on_each(
    model_admin: AnyModelAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    act: Callable[..., Model],
    *,
    argument: str,
    done: str,
) -> None:
    """Call `act(actor=, at=, <argument>=pk)` on each row; a refusal does not stop the others."""
    actor, at = actor_of(request), timezone.now()
    for row in rows:
        try:
            act(actor=actor, at=at, **{argument: row.pk})
        except Refusal as refusal:
            facts = {"row": row, "sentence": refusal.sentence}
            messages.error(request, _("%(row)s : %(sentence)s") % facts)
        else:
            model_admin.log_change(request, row, done)
            messages.success(request, _("%(row)s : %(done)s") % {"row": row, "done": done})
