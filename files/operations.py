"""Receiving, keeping, attaching and purging files.

A blob never exists without a row that names it: the row is committed first, in state ARRIVING,
and becomes AVAILABLE once the blob is whole (C8). What died in between is purged with the rest.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _

from files import storage, types
from files.enums import FileState
from files.models import FileAccess, StoredFile, Upload
from foundation.refusals import Refusal

NAME_MAX = 255
# An upload that no form claimed within a day will never be (C6).
KEPT_WAITING = timedelta(hours=24)

_UNSAFE_IN_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class FileRefused(Refusal):
    """The file is not taken: the sentence names it, the reason and the limit."""


class TooManyFiles(FileRefused):
    """The form holds all it may: this file is one too many."""


def receive(
    *,
    person: AbstractBaseUser,
    form_token: UUID,
    name: str,
    content: storage.Blob,
    at: datetime,
) -> Upload:
    """Keep a file that a person sent with a form, until the form is accepted (design: files).

    `name` is the name as it was claimed. The same name and content sent again with the same form
    is the same upload: a double submit doubles nothing. Raises FileRefused. Must be called
    outside any transaction: its row is committed before the blob is written.
    """
    check_name(name)
    found = _check_content(name, content)
    upload = _announce(person=person, form_token=form_token, name=name, found=found, at=at)
    if upload.file.state == FileState.AVAILABLE:
        return upload
    try:
        storage.write(upload.file.key, content, size=found.size)
    except storage.StorageAway as error:
        _forget(upload)
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0» n’a pas pu être enregistré\u00a0: "
                "le stockage ne répond pas. Réessayez dans quelques minutes."
            )
            % {"name": name}
        ) from error
    return _make_available(upload)


def store(
    *, name: str, content: storage.Blob, actor: AbstractBaseUser | None, at: datetime
) -> StoredFile:
    """Keep a file of ours (a patch, demo data) inside the caller's transaction.

    The same checks as for a customer's. The blob goes first and is erased when its row is
    refused; raises FileRefused or `storage.StorageAway`.
    """
    check_name(name)
    found = _check_content(name, content)
    file = _new_file(name=name, found=found, created_by=actor, at=at, state=FileState.AVAILABLE)
    storage.write(file.key, content, size=found.size)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except Exception:
        storage.erase(file.key)
        raise
    return file


def claim(*, person: AbstractBaseUser, form_token: UUID, at: datetime) -> list[StoredFile]:
    """Take the files that wait with a form, to attach them, in the caller's transaction.

    They stop waiting at `at`, the instant of the act; if the caller's transaction fails they
    wait again. A concurrent claim of the same form gets an empty list.
    """
    uploads = list(
        _waiting(person.pk, form_token)
        .select_for_update(of=("self",), no_key=True)
        .select_related("file")
        .order_by("pk")
    )
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).update(claimed_at=at)
    return [upload.file for upload in uploads]


def discard(*, person: AbstractBaseUser, form_token: UUID, file: UUID) -> bool:
    """Drop one's own waiting file; False when there is no such one (any more)."""
    with transaction.atomic():
        upload = (
            Upload.objects.select_for_update(of=("self",))
            .filter(
                person_id=person.pk, form_token=form_token, file_id=file, claimed_at__isnull=True
            )
            .select_related("file")
            .first()
        )
        if upload is None:
            return False
        _delete_rows(upload)
    return True


def record_access(*, file: StoredFile, person: AbstractBaseUser, at: datetime) -> None:
    """One line per download (A7, R2)."""
    FileAccess.objects.create(file=file, person_id=person.pk, at=at)


def purge_uploads(*, at: datetime, limit: int = 500) -> int:
    """Remove what no form claimed within 24 hours, and what a form claimed for nothing (C6).

    Returns how many files went, with their blobs.
    """
    old = Upload.objects.filter(created_at__lt=at - KEPT_WAITING).order_by("created_at")
    return sum(_purge(pk) for pk in list(old.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _purge(upload_id: int) -> bool:
    """Remove one upload; True when its file went too. A form that claims it right now wins."""
    upload = (
        Upload.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=upload_id)
        .select_related("file")
        .first()
    )
    if upload is None:
        return False
    try:
        with transaction.atomic():
            _delete_rows(upload)
    except ProtectedError:
        # It has an owner: only the memory of its waiting goes.
        Upload.objects.filter(pk=upload_id).delete()
        return False
    return True


def check_name(name: str) -> None:
    """Raise FileRefused for a path, control characters, no name or too long a one (C1)."""
    shown = _UNSAFE_IN_NAME.sub("�", name)[:80] or _("(sans nom)")
    if not name.strip() or name.strip(" .") == "":
        raise FileRefused(_("Un fichier sans nom ne peut pas être envoyé."))
    if len(name) > NAME_MAX:
        raise FileRefused(
            _(
                "«\u00a0%(name)s…\u00a0»\u00a0: le nom dépasse %(limit)d caractères. "
                "Raccourcissez-le."
            )
            % {"name": shown, "limit": NAME_MAX}
        )
    if _UNSAFE_IN_NAME.search(name) or any(unicodedata.category(c) == "Cs" for c in name):
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0»\u00a0: le nom contient un chemin ou un caractère interdit. "
                "Renommez le fichier avant de l’envoyer."
            )
            % {"name": shown}
        )


def _check_content(name: str, content: storage.Blob) -> storage.Fingerprint:
    """Size, type and content, cheapest first; the claimed size and type are never believed."""
    limit = settings.FILE_MAX_BYTES
    if (content.size or 0) > limit:
        raise FileRefused(
            _("«\u00a0%(name)s\u00a0» dépasse la taille permise (%(limit)s par fichier).")
            % {"name": name, "limit": types.limit_fr(limit)}
        )
    if types.allowed_type(name) is None:
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0»\u00a0: ce type de fichier n’est pas accepté. "
                "Types acceptés\u00a0: %(types)s. "
                "Un autre fichier peut être joint dans une archive ZIP."
            )
            % {"name": name, "types": types.EXAMPLES}
        )
    content.seek(0)
    head = content.read(types.HEAD_BYTES)
    if not head:
        raise FileRefused(_("«\u00a0%(name)s\u00a0» est vide.") % {"name": name})
    _check_head(name, head)
    return storage.fingerprint(content)


def _check_head(name: str, head: bytes) -> None:
    if types.is_dangerous(head):
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0» est refusé\u00a0: il contient un programme, un script "
                "ou une page web."
            )
            % {"name": name}
        )
    if not types.agrees(name, head):
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0»\u00a0: le contenu ne correspond pas à l’extension "
                "«\u00a0.%(extension)s\u00a0». "
                "Vérifiez que le fichier n’est ni abîmé ni mal nommé."
            )
            % {"name": name, "extension": types.extension(name)}
        )


def _announce(
    *,
    person: AbstractBaseUser,
    form_token: UUID,
    name: str,
    found: storage.Fingerprint,
    at: datetime,
) -> Upload:
    """The committed row that names the blob to come, or the same upload sent before."""
    with transaction.atomic(durable=True):
        _lock(person.pk)
        twin = _twin(person.pk, form_token, name, found.sha256)
        if twin is not None:
            return twin
        uploads = Upload.objects.filter(person_id=person.pk, form_token=form_token)
        _check_count(uploads.filter(claimed_at__isnull=True).count(), name)
        file = _new_file(name=name, found=found, created_by=person, at=at, state=FileState.ARRIVING)
        file.save(force_insert=True)
        return Upload.objects.create(
            person_id=person.pk, form_token=form_token, file=file, offset=found.size, created_at=at
        )


def _make_available(upload: Upload) -> Upload:
    """The blob is whole. Of two equal uploads that arrived together, the second yields."""
    file = upload.file
    with transaction.atomic():
        _lock(upload.person_id)
        twin = _twin(upload.person_id, upload.form_token, file.name, file.sha256)
        if twin is not None:
            _delete_rows(upload)
            return twin
        file.state = FileState.AVAILABLE
        file.save(update_fields=["state"])
    return upload


def _lock(person_id: int) -> None:
    """Posts of one person are counted one after the other: two at once cannot pass the limit."""
    get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)


def _twin(person_id: int, form_token: UUID, name: str, sha256: str) -> Upload | None:
    """The same file, already waiting with the same form."""
    waiting = _waiting(person_id, form_token).filter(file__name=name, file__sha256=sha256)
    return waiting.select_related("file").first()


def _waiting(person_id: int, form_token: UUID) -> QuerySet[Upload]:
    return Upload.objects.filter(
        person_id=person_id,
        form_token=form_token,
        claimed_at__isnull=True,
        file__state=FileState.AVAILABLE,
    )


def _check_count(number: int, name: str) -> None:
    if number >= settings.FILE_MAX_COUNT:
        raise TooManyFiles(
            _("«\u00a0%(name)s\u00a0» n’est pas joint\u00a0: %(limit)d fichiers au plus par envoi.")
            % {"name": name, "limit": settings.FILE_MAX_COUNT}
        )


def _new_file(
    *,
    name: str,
    found: storage.Fingerprint,
    created_by: AbstractBaseUser | None,
    at: datetime,
    state: FileState,
) -> StoredFile:
    uuid, kind = uuid4(), types.ALLOWED[types.extension(name)]
    return StoredFile(
        uuid=uuid,
        key=storage.make_key(uuid, at),
        name=name,
        content_type=kind.content_type,
        size=found.size,
        sha256=found.sha256,
        state=state,
        created_at=at,
        created_by_id=created_by.pk if created_by is not None else None,
    )


def _forget(upload: Upload) -> None:
    with transaction.atomic():
        _delete_rows(upload)


def _delete_rows(upload: Upload) -> None:
    """Rows in this transaction, the blob once it is committed: never a row without its blob."""
    file, key = upload.file, upload.file.key
    upload.delete()
    file.accesses.all().delete()
    file.delete()
    transaction.on_commit(lambda: storage.erase(key))
