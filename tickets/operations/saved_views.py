"""Keeping a filter of the queue under a name. No incident changes, so no event is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Refusal
from tickets.models import SavedView

# Of one person: nobody finds anything among more.
VIEWS_MAX = 50


class NameTaken(Refusal):
    """This person has a view of that name already."""


class TooManyViews(Refusal):
    """As many as anybody may keep."""


class NotTheirs(Refusal):
    """Only the owner of a view changes it, or a manager once it is shared."""


@transaction.atomic
def save_view(
    *, actor: User, at: datetime, name: str, asked: Mapping[str, str], is_shared: bool
) -> SavedView:
    """Keep what the queue was asked. Raises NameTaken, TooManyViews, NotTheirs for a customer."""
    if not actor.is_staff:
        raise NotTheirs(_("Les vues de la file sont celles du support."))
    _one_at_a_time(actor)
    if SavedView.objects.filter(owner=actor).count() >= VIEWS_MAX:
        raise TooManyViews(
            _("Vous avez déjà %s\u00a0vues\u00a0: supprimez-en une, puis recommencez.") % VIEWS_MAX
        )
    _refuse_taken(actor, name)
    return SavedView.objects.create(
        owner=actor, name=name, asked=dict(asked), is_shared=is_shared, created_at=at
    )


@transaction.atomic
def change_view(
    *, actor: User, at: datetime, view_id: int, name: str, is_shared: bool
) -> SavedView:
    """Another name, shared or not. Raises NameTaken, NotTheirs."""
    view = _locked(actor, view_id)
    _one_at_a_time(view.owner)
    _refuse_taken(view.owner, name, but=view.pk)
    view.name, view.is_shared = name, is_shared
    view.save(update_fields=["name", "is_shared"])
    return view


@transaction.atomic
def delete_view(*, actor: User, at: datetime, view_id: int) -> None:
    """Forget it, for everybody. Raises NotTheirs."""
    _locked(actor, view_id).delete()


def _locked(actor: User, view_id: int) -> SavedView:
    found = SavedView.objects.kept_by(actor).filter(pk=view_id)
    view = found.select_for_update(of=("self",), no_key=True).first()
    if view is None:
        raise NotTheirs(_("Cette vue n’est pas, ou n’est plus, la vôtre."))
    return view


def _refuse_taken(owner: User, name: str, but: int = 0) -> None:
    if SavedView.objects.filter(owner=owner, name__iexact=name).exclude(pk=but).exists():
        raise NameTaken(
            _("Une vue porte déjà le nom «\u00a0%s\u00a0»\u00a0: choisissez-en un autre.") % name
        )


def _one_at_a_time(owner: User) -> None:
    """Views of a person are named one after the other, until the transaction ends."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
