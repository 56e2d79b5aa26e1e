"""The part of a form that takes files and keeps the good ones while the rest is corrected.

A browser cannot refill a file field. So files are kept on the server from the first submit on,
tied to the person and to the form's token, and shown again with the form (issue: nothing typed
and no good file is ever lost). A form gets it all by deriving from `WaitingFilesForm`:

    class DeclareForm(WaitingFilesForm):
        title = LineField(label=_("Titre"))

    form = DeclareForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.keep_files(person=request.user, at=at).is_valid():
        operations.declare(..., form_token=form.cleaned_data["form_token"])   # claims the files
    return render(request, "tickets/declare.html", {"form": form})

and its page by `{% include "files/waiting.html" %}` inside a `<form method="post"
enctype="multipart/form-data">`; that include prints the three fields, their errors and the
waiting files. A crispy layout leaves `form_token`, `uploads` and `drop_files` out and holds
`HTML('{% include "files/waiting.html" %}')`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from files import operations, queries, types
from files.enums import FileState
from files.http import claimed_name, had_no_room, was_kept
from files.models import StoredFile

# The parameter of a form's own address that holds its token: it comes back through the sign-in,
# a reload and the « back » button, when nothing else of the page does. Read for its owner only.
DRAFT = "brouillon"


_ATTACHED = (FileState.CHECKING, FileState.AVAILABLE)


class ManyFilesInput(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile[Any]]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class ManyFilesField(forms.Field):
    """The files of one submit. It judges nothing: `keep_files` does, file by file (C3)."""

    widget = ManyFilesInput


class WaitingFilesForm(forms.Form):
    """A form with files; see the module for its use."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    uploads = ManyFilesField(label=_("Fichiers"), required=False)
    drop_files = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    accepted_extensions = ",".join(f".{extension}" for extension in types.ALLOWED)
    # Whose files wait, with which form; None: there is none yet.
    _waiting_for: tuple[AbstractBaseUser, uuid.UUID] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uploads"].help_text = _(
            "%(count)d fichiers au plus, %(size)s chacun (sans JavaScript, %(whole)s en tout)"
            "\u00a0: %(types)s."
        ) % {
            "count": settings.FILE_MAX_COUNT,
            "size": types.limit_fr(settings.FILE_MAX_BYTES),
            "whole": types.limit_fr(settings.FILE_FORM_MAX_BYTES),
            "types": types.EXAMPLES,
        }

    def keep_files(self, *, person: AbstractBaseUser, at: datetime) -> Self:
        """Drop the waiting files that were ticked, keep the good new ones, name the bad ones.

        Call it once, on a submitted form, before `is_valid()`.
        """
        token = self._token()
        for ticked in self._named("drop_files"):
            operations.discard(person=person, form_token=token, file=ticked)
        sent = self.fields["uploads"].widget.value_from_datadict(
            self.data, self.files, self.add_prefix("uploads")
        )
        refusals = [] if all(map(was_kept, sent)) else [_too_many(len(sent))]
        told = bool(refusals)
        for uploaded in filter(was_kept, sent):
            if had_no_room(uploaded):
                refusals.append(_no_room(claimed_name(uploaded)))
                continue
            try:
                operations.receive(
                    person=person,
                    form_token=token,
                    name=claimed_name(uploaded),
                    content=uploaded,
                    at=at,
                )
            except operations.FileRefused as refusal:
                if not (told and isinstance(refusal, operations.TooManyFiles)):
                    refusals.append(refusal.sentence)
        self._waits_for(person, token)
        refusals += self._refused_meanwhile()
        if refusals:
            self.add_error("uploads", ValidationError([ValidationError(text) for text in refusals]))
        return self

    def _refused_meanwhile(self) -> Iterator[str]:
        """The waiting files that the page did not know to be refused: never left out in silence.

        With JavaScript the list asks by itself (static/js/upload-sending.js), and names none here.
        """
        awaited = set(self._named("awaited_files")) - set(self._named("drop_files"))
        if not awaited:
            return
        for file in self.waiting_files:
            if file.state == FileState.REFUSED and file.uuid in awaited:
                yield _(
                    "«\u00a0%(name)s\u00a0» n’est pas joint\u00a0: il a été refusé à la "
                    "vérification. %(reason)s"
                ) % {"name": file.name, "reason": capfirst(file.refusal)}

    def resume(self, *, person: AbstractBaseUser, form_token: uuid.UUID) -> Self:
        """An unsent form again: its token, and the files that it had left on the server.

        For a form shown after a reload, or after a session that ended while it was filled.
        """
        self.initial["form_token"] = form_token
        self._waits_for(person, form_token)
        return self

    def _waits_for(self, person: AbstractBaseUser, form_token: uuid.UUID) -> None:
        self._waiting_for = (person, form_token)
        self.__dict__.pop("waiting_files", None)

    @cached_property
    def waiting_files(self) -> list[StoredFile]:
        """The files that wait with the form, read when they are shown: what takes the form claims
        them without having looked.
        """
        return queries.waiting(*self._waiting_for) if self._waiting_for else []

    @property
    def waiting_legend(self) -> str:
        """What stands above the waiting files: whether all of them will be attached."""
        if all(file.state in _ATTACHED for file in self.waiting_files):
            return str(_("Déjà reçus, ils seront joints"))
        return str(
            _("Fichiers de ce formulaire\u00a0: ceux qui sont arrivés en entier seront joints")
        )

    def _token(self) -> uuid.UUID:
        """The form's token; a broken one is replaced, so that the form can be sent again."""
        try:
            token = uuid.UUID(str(self.data.get(self.add_prefix("form_token"))))
        except ValueError:
            token = uuid.uuid4()
            data = QueryDict(mutable=True)
            data.update(self.data)
            data[self.add_prefix("form_token")] = str(token)
            self.data = data
        return token

    def _named(self, field: str) -> list[uuid.UUID]:
        """The files that a field of the form names."""
        values = forms.MultipleHiddenInput().value_from_datadict(
            self.data, self.files, self.add_prefix(field)
        )
        return [found for value in values or [] if (found := _as_uuid(value)) is not None]


def _too_many(sent: int) -> str:
    return _(
        "%(sent)d fichiers envoyés d’un coup\u00a0: %(limit)d fichiers au plus. Ceux de la liste "
        "ci-dessous sont gardés, pas les autres\u00a0; réunissez-les dans une archive ZIP."
    ) % {"sent": sent, "limit": settings.FILE_MAX_COUNT}


def _no_room(name: str) -> str:
    return _(
        "«\u00a0%(name)s\u00a0» n’a pas pu être enregistré\u00a0: il n’y a plus de place sur le "
        "serveur. Votre texte est gardé\u00a0; réessayez dans quelques minutes, ou envoyez-le sans "
        "ce fichier."
    ) % {"name": name}


def draft_token(address: QueryDict) -> uuid.UUID | None:
    """The token of the unsent form that an address names; None for none or a broken one."""
    return _as_uuid(address.get(DRAFT, ""))


def _as_uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
