"""What is refused and what is tidied in typed text (D4, D5)."""

from __future__ import annotations

import hashlib

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from foundation.text import (
    LINE_MAX,
    AddressField,
    LineField,
    TextField,
    digest,
    refuse_unstorable,
    tidy_line,
    tidy_text,
)

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udfff", "x\ufffdy"])
def test_d5_what_postgresql_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        refuse_unstorable(text)


@pytest.mark.parametrize("text", ["", "Été", "👩‍🔧", "a\u202eb"])
def test_d5_the_rest_may_be_stored(text: str) -> None:
    refuse_unstorable(text)


@pytest.mark.parametrize("field", [LineField(), TextField()])
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_d5_fields_refuse_instead_of_failing(field: LineField | TextField, text: str) -> None:
    with pytest.raises(ValidationError):
        field.clean(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Revit   se ferme ", "Revit se ferme"),
        ("objet\r\nBcc: tous@exemple.test", "objet Bcc: tous@exemple.test"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\tb\x07c", "a b c"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("prix :\u00a012", "prix : 12"),
    ],
)
def test_d4_a_line_is_one_line(typed: str, kept: str) -> None:
    assert tidy_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("un\r\ndeux\rtrois", "un\ndeux\ntrois"),
        ("  retrait\n\tgardé  ", "retrait\n\tgardé"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\u2066b\u2069", "ab"),
    ],
)
def test_a_text_keeps_its_lines(typed: str, kept: str) -> None:
    assert tidy_text(typed) == kept


@pytest.mark.parametrize("invisible", ["\u200b", "\u200b \u200d", "\ufeff", "\u2060\u00ad"])
@pytest.mark.parametrize("tidy", [tidy_line, tidy_text])
def test_d5_what_nobody_can_see_is_nothing(tidy: type[str], invisible: str) -> None:
    assert tidy(invisible) == ""


def test_d5_a_title_of_invisible_characters_is_missing() -> None:
    with pytest.raises(ValidationError) as refusal:
        LineField().clean("\u200b\u200b")
    assert refusal.value.code == "required"


def test_joined_emoji_are_kept_whole() -> None:
    assert tidy_line("Merci 👩‍🔧") == "Merci 👩‍🔧"


def test_a_line_is_limited_after_it_is_tidied() -> None:
    assert LineField().clean(" " * 50 + "x" * LINE_MAX) == "x" * LINE_MAX


def test_a_line_too_long_is_refused() -> None:
    with pytest.raises(ValidationError):
        LineField().clean("x" * (LINE_MAX + 1))


def test_an_optional_line_may_be_missing() -> None:
    assert LineField(required=False).clean(None) == ""


def test_digest_is_sha256_of_utf8() -> None:
    assert digest("Été") == hashlib.sha256("Été".encode()).hexdigest()


@given(ANY_TEXT)
def test_d4_a_tidy_line_never_breaks(text: str) -> None:
    assert len(tidy_line(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy_line(tidy_line(text)) == tidy_line(text)
    assert tidy_text(tidy_text(text)) == tidy_text(text)


@given(ANY_TEXT)
def test_d5_a_field_accepts_or_refuses_and_never_fails(text: str) -> None:
    try:
        LineField(required=False).clean(text)
        TextField(required=False).clean(text)
    except ValidationError:
        return


@pytest.mark.parametrize("field", [LineField(max_length=1_200), TextField(max_length=1_200)])
def test_what_is_too_long_names_the_limit_and_what_was_typed(field: forms.Field) -> None:
    with pytest.raises(ValidationError) as caught:
        field.clean("x" * 2_345)
    assert caught.value.messages == [
        "Ce texte est trop long\u00a0: 2\u202f345\u00a0caractères, pour 1\u202f200 au plus."
    ]


def test_a_text_of_the_longest_length_passes() -> None:
    assert LineField(max_length=5).clean("abcde") == "abcde"


def test_an_address_that_is_too_long_says_so_too() -> None:
    with pytest.raises(ValidationError, match="trop long"):
        AddressField().clean("a" * 60 + "@" + "b" * 60 + ".test" + "c" * 200)
