"""Keeping what is typed of a declaration until it is sent: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from foundation.refusals import Refusal
from tickets.models import Draft, Ticket
from tickets.models.draft import FIELDS

KEPT = timedelta(days=30)
# Of one person: a later one takes the place of the one saved longest ago.
DRAFTS_MAX = 20
# Of all texts together: twice what a declaration may hold, so that a text to be cut is kept too.
CHARACTERS_MAX = 120_000
COPIES_MAX = 200
# The latest text of as many other pages.
OTHERS_MAX = 3
PURGED_AT_ONCE = 1_000

# The first key of PostgreSQL's advisory locks of two keys; the second is the person.
DECLARING = 1

# Of a person and a form, for the statement that declares (forget_draft is the same alone).
DROP_DRAFT = "DELETE FROM tickets_draft WHERE person_id = %s AND form_token = %s"

Values = Mapping[str, Sequence[str]]


class DraftTooLong(Refusal):
    """More than is kept; the page still holds it."""


class AlreadySent(Refusal):
    """The form was sent meanwhile: its text is in the incident, and no draft any more."""


def one_at_a_time(person: User) -> None:
    """Declarations and drafts of a person go one after the other, until the transaction ends.

    So a save that was under way when the form was sent finds the incident, and the same words
    sent twice at the same instant find each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [DECLARING, person.pk % 2**31])


@transaction.atomic
def save_draft(
    *,
    actor: User,
    company: Company,
    form_token: UUID,
    declared_as: UUID,
    about: str,
    values: Values,
    page: str,
    seen: int,
    files: int,
    at: datetime,
) -> Draft | None:
    """Keep what is typed in a form; None while there is nothing worth keeping.

    `declared_as` is the token that its incident would bear. `seen` is the version that the open
    page `page` had before its eyes (0: none): a newer one of another page is kept beside this
    one. Raises DraftTooLong, AlreadySent.
    """
    kept = _kept(values)
    one_at_a_time(actor)
    if Ticket.objects.filter(form_token=declared_as, requester=actor).exists():
        raise AlreadySent(_("Cette déclaration a déjà été envoyée."))
    draft = Draft.objects.filter(person=actor, form_token=form_token).first()
    if draft is None:
        if not (kept.get("title") or kept.get("body")):
            return None
        _make_room(actor)
        draft = Draft(person=actor, form_token=form_token, version=0)
    elif draft.version != seen and draft.page != page and draft.values != kept:
        _set_aside(draft)
    draft.others = [row for row in draft.others if row["page"] != page][-OTHERS_MAX:]
    draft.company, draft.about, draft.values = company, about, kept
    draft.page, draft.files, draft.saved_at = page, files, at
    draft.version += 1
    draft.save()
    return draft


def forget_draft(*, actor: User, form_token: UUID) -> bool:
    """The form was sent, or its author wants it no more; False when there was none."""
    gone, _rows = Draft.objects.filter(person=actor, form_token=form_token).delete()
    return bool(gone)


def purge_drafts(*, at: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Erase the drafts that nobody saved for thirty days; returns how many went."""
    old = Draft.objects.filter(saved_at__lt=at - KEPT).order_by("saved_at").values("pk")[:limit]
    gone, _rows = Draft.objects.filter(pk__in=old).delete()
    return gone


def _kept(values: Values) -> dict[str, list[str]]:
    """The form's own fields, without what PostgreSQL cannot hold (NUL)."""
    kept = {
        name: [value.replace("\x00", "") for value in values[name]][:COPIES_MAX]
        for name in FIELDS
        if any(values.get(name, ()))
    }
    if sum(len(value) for found in kept.values() for value in found) > CHARACTERS_MAX:
        raise DraftTooLong(
            _("Votre texte est trop long pour être enregistré ici\u00a0: il reste dans cette page.")
        )
    return kept


def _set_aside(draft: Draft) -> None:
    """Another page saved a text that this one has not seen: both stay."""
    others = [row for row in draft.others if row["page"] != draft.page]
    draft.others = [*others, {"page": draft.page, "values": draft.values}]


def _make_room(person: User) -> None:
    """The oldest gives way: refusing would lose what is being typed now."""
    newest = Draft.objects.filter(person=person).order_by("-saved_at", "-pk")
    surplus = list(newest.values_list("pk", flat=True)[DRAFTS_MAX - 1 :])
    if surplus:
        Draft.objects.filter(pk__in=surplus).delete()
