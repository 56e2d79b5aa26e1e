"""Writing patches: kept, published, withdrawn. The file of a patch never changes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from files.models import StoredFile
from files.operations import store
from files.storage import Blob, StorageAway
from foundation.refusals import Refusal
from foundation.text import tidy_line, tidy_text
from licences.models import Patch, Product


class NotOurs(Refusal):
    """Only our people keep patches."""


class AlreadyWithdrawn(Refusal):
    """A withdrawn patch does not come back: a new one says what has changed."""


class NotPublished(Refusal):
    """What was never shown cannot be withdrawn."""


class FileNotKept(Refusal):
    """The storage did not take the file."""


@transaction.atomic
def add_patch(
    *,
    actor: User,
    at: datetime,
    product: Product,
    title: str,
    version: str,
    content: Blob,
    notes: str = "",
) -> Patch:
    """Keep a patch as a draft. Raises NotOurs, FileNotKept, `files.operations.FileRefused`."""
    _check_actor(actor)
    return Patch.objects.create(
        product=product,
        title=tidy_line(title),
        version=tidy_line(version),
        notes=tidy_text(notes),
        file=_kept(content, actor, at),
    )


@transaction.atomic
def describe_patch(
    *, patch_id: int, actor: User, at: datetime, title: str, version: str, notes: str
) -> Patch:
    """Correct what is said of a patch. Raises NotOurs."""
    _check_actor(actor)
    patch = _locked(patch_id)
    patch.title, patch.version, patch.notes = tidy_line(title), tidy_line(version), tidy_text(notes)
    patch.save(update_fields=["title", "version", "notes"])
    return patch


@transaction.atomic
def publish_patch(*, patch_id: int, actor: User, at: datetime) -> Patch:
    """Offer a patch, once, to the companies entitled to it (A7).

    Raises NotOurs, AlreadyWithdrawn.
    """
    _check_actor(actor)
    patch = _locked(patch_id)
    if patch.withdrawn_at:
        raise AlreadyWithdrawn(
            _("« %(patch)s » a été retiré : ajoutez un nouveau correctif.") % {"patch": patch}
        )
    if patch.published_at is None:
        patch.published_at = at
        patch.save(update_fields=["published_at"])
    return patch


@transaction.atomic
def withdraw_patch(*, patch_id: int, actor: User, at: datetime) -> Patch:
    """Offer it no longer, from this instant: links already given stop too (A7).

    Raises NotOurs, NotPublished.
    """
    _check_actor(actor)
    patch = _locked(patch_id)
    if patch.published_at is None:
        raise NotPublished(_("« %(patch)s » n’est pas publié.") % {"patch": patch})
    if patch.withdrawn_at is None:
        patch.withdrawn_at = at
        patch.save(update_fields=["withdrawn_at"])
    return patch


def _locked(patch_id: int) -> Patch:
    return Patch.objects.select_for_update(of=("self",), no_key=True).get(pk=patch_id)


def _check_actor(actor: User) -> None:
    if not (actor.is_active and actor.is_staff):
        raise NotOurs(_("Seuls nos ingénieurs publient des correctifs."))


def _kept(content: Blob, actor: User, at: datetime) -> StoredFile:
    try:
        return store(name=content.name or "", content=content, actor=actor, at=at)
    except StorageAway as error:
        raise FileNotKept(
            _("Le stockage des fichiers ne répond pas. Réessayez dans quelques minutes.")
        ) from error
