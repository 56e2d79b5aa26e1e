"""What is not taken, and the sentence that says why: name, size, type, content, number."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.utils.translation import gettext as _

from files import types
from foundation.refusals import Refusal

NAME_MAX = 255

_UNSAFE_IN_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class FileRefused(Refusal):
    """The file is not taken: the sentence names it, the reason and the limit.

    `reason` is what goes after « refusé : » beside the file's own name.
    """

    def __init__(self, sentence: str, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason or sentence


class FileTooLarge(FileRefused):
    """This file, or what waits together with it, is over a limit of bytes."""


class TooManyFiles(FileRefused):
    """The form holds all it may: this file is one too many."""


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


def check_type(name: str) -> None:
    """Raise FileRefused for an extension that is not on the list (C3)."""
    if types.allowed_type(name) is None:
        raise FileRefused(
            _(
                "«\u00a0%(name)s\u00a0»\u00a0: ce type de fichier n’est pas accepté. "
                "Types acceptés\u00a0: %(types)s. "
                "Un autre fichier peut être joint dans une archive ZIP."
            )
            % {"name": name, "types": types.EXAMPLES}
        )


def check_size(name: str, size: int, *, limit: int) -> None:
    """Raise FileTooLarge past `limit` bytes."""
    if size > limit:
        raise FileTooLarge(
            _("«\u00a0%(name)s\u00a0» dépasse la taille permise (%(limit)s par fichier).")
            % {"name": name, "limit": types.limit_fr(limit)}
        )


def empty(name: str) -> FileRefused:
    """The refusal of a file without a byte."""
    return FileRefused(_("«\u00a0%(name)s\u00a0» est vide.") % {"name": name})


def check_head(name: str, head: bytes) -> None:
    """Raise FileRefused for a program, an active document, or a content of another type (C2, C3).

    Only the first bytes are looked at: an archive is never opened (C4).
    """
    if types.is_dangerous(head):
        reason = _("il contient un programme, un script ou une page web.")
        raise FileRefused(
            _("«\u00a0%(name)s\u00a0» est refusé\u00a0: %(reason)s")
            % {"name": name, "reason": reason},
            reason=reason,
        )
    if not types.agrees(name, head):
        reason = _(
            "le contenu ne correspond pas à l’extension «\u00a0.%(extension)s\u00a0». "
            "Vérifiez que le fichier n’est ni abîmé ni mal nommé."
        ) % {"extension": types.extension(name)}
        raise FileRefused(
            _("«\u00a0%(name)s\u00a0»\u00a0: %(reason)s") % {"name": name, "reason": reason},
            reason=reason,
        )


def check_count(number: int, name: str) -> None:
    """Raise TooManyFiles when a form already holds `number` files and may hold no more (C6)."""
    if number >= settings.FILE_MAX_COUNT:
        raise TooManyFiles(
            _("«\u00a0%(name)s\u00a0» n’est pas joint\u00a0: %(limit)d fichiers au plus par envoi.")
            % {"name": name, "limit": settings.FILE_MAX_COUNT}
        )


def check_waiting(name: str, total: int) -> None:
    """Raise FileTooLarge when one person would leave more than their share waiting (C6)."""
    sentence = _(
        "«\u00a0%(name)s\u00a0» n’est pas joint\u00a0: vos fichiers qui attendent un envoi "
        "dépasseraient %(limit)s. Envoyez d’abord le formulaire, ou retirez-en un."
    )
    _check_total(name, total, settings.FILE_WAITING_MAX_BYTES, sentence)


def check_day(name: str, total: int) -> None:
    """Raise FileTooLarge past what a company may send in 24 hours (C6)."""
    sentence = _(
        "«\u00a0%(name)s\u00a0» n’est pas joint\u00a0: votre société ne peut envoyer plus "
        "de %(limit)s en 24\u00a0heures. Réessayez plus tard, ou appelez le support."
    )
    _check_total(name, total, settings.FILE_DAY_MAX_BYTES, sentence)


def _check_total(name: str, total: int, limit: int, sentence: str) -> None:
    if total > limit:
        raise FileTooLarge(sentence % {"name": name, "limit": types.limit_fr(limit)})
