"""Text that people type: what is refused, what is tidied, before it reaches a row or a mail."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from foundation.wording import count, thousands

LINE_MAX = 200
TEXT_MAX = 50_000

_CONTROLS_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_CONTROLS_IN_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Marks that reorder what is shown: « facture\u202efdp.exe » reads « factureexe.pdf » (D5).
_DIRECTION_MARKS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# U+FFFD stands where a decoder met half a pair: the browser’s bytes never reach a form.
_SURROGATES = re.compile(r"[\ud800-\udfff\ufffd]")
# Categories of Unicode that leave nothing on the page: controls, formats, spaces.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def refuse_unstorable(value: str) -> None:
    """Raise ValidationError for what PostgreSQL or UTF-8 cannot hold: NUL, lone surrogates (D5)."""
    if "\x00" in value:
        raise ValidationError(
            _("Ce texte contient un caractère nul, qui ne peut pas être enregistré.")
        )
    if _SURROGATES.search(value):
        raise ValidationError(
            _("Ce texte contient un caractère incomplet, qui ne peut pas être enregistré.")
        )


def tidy_line(value: str) -> str:
    """One line, without control or direction characters: titles, names, subjects (D4)."""
    value = _DIRECTION_MARKS.sub("", value)
    return _or_nothing(" ".join(_CONTROLS_IN_LINE.sub(" ", value).split()))


def tidy_text(value: str) -> str:
    """Several lines, newlines kept and unified, control and direction characters removed."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return _or_nothing(_DIRECTION_MARKS.sub("", _CONTROLS_IN_TEXT.sub("", value)).strip())


def _or_nothing(value: str) -> str:
    """Empty when nothing in it can be seen (zero-width characters only): a title must be read."""
    visible = any(unicodedata.category(character) not in _UNSEEN for character in value)
    return value if visible else ""


def number_of(value: str, digits: int = 18) -> int | None:
    """A number as an address or a form says it; None for what none of ours wrote.

    ASCII only, since int() reads others too; 18 digits fit a bigint.
    """
    is_number = value.isascii() and value.isdecimal() and len(value) <= digits
    return int(value) if is_number else None


def digest(value: str) -> str:
    """sha256 of a text, for the history: it proves a text without keeping it."""
    return hashlib.sha256(value.encode()).hexdigest()


class ShortEnough(MaxLengthValidator):
    """The limit and what was typed, in our words."""

    def __call__(self, value: str) -> None:
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        if len(value) > limit:
            raise ValidationError(
                _("Ce texte est trop long\u00a0: %(typed)s, pour %(limit)s au plus."),
                code=self.code,
                params={"typed": count(len(value), "caractère"), "limit": thousands(limit)},
            )


def limit_in_words(field: forms.CharField) -> None:
    """Have a field say its longest text in our words."""
    field.validators = [
        ShortEnough(validator.limit_value) if type(validator) is MaxLengthValidator else validator
        for validator in field.validators
    ]


class LineField(forms.CharField):
    """A one-line field."""

    def __init__(self, *, max_length: int = LINE_MAX, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        limit_in_words(self)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        refuse_unstorable(text)
        return tidy_line(text)


class TextField(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = TEXT_MAX, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        limit_in_words(self)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        refuse_unstorable(text)
        return tidy_text(text)


class AddressField(forms.EmailField):
    """An e-mail address."""

    def __init__(self, *, max_length: int = 254, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        limit_in_words(self)
