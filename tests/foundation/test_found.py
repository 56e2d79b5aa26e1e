"""Words, addresses and files named outright: what Django's tags say, looked up once."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.template import Context, Engine, Template
from django.template.exceptions import TemplateSyntaxError
from django.urls import NoReverseMatch
from django.utils import translation

# The same texts through Django's own tags.
PLAIN = Engine(
    libraries={"i18n": "django.templatetags.i18n", "static": "django.templatetags.static"}
)
LOAD = "{% load i18n static %}"
TEXTS = [
    '{% translate "Déclaré" %}',
    "{% translate 'l’un et l\\'autre' %}",
    '{% translate "100 %% sûr & <sain>" %}',
    '{% translate "déclaré"|capfirst %}',
    '{% translate word %}',
    '{% translate "Déclaré" as said %}{{ said|upper }}',
    '{% translate "Déclaré" context "c" %}',
    '{% trans "Déclaré" noop %}',
    '{% url "home" %}',
    '{% url "tickets:ticket" reference %}',
    '{% url "home" as there %}<{{ there }}>',
    '{% url "nowhere" as there %}<{{ there }}>',
    '{% static "css/portal.css" %}',
    '{% static sheet %}',
    '{% static "css/portal.css" as there %}{{ there }}',
]  # fmt: skip
VALUES = {"word": "<Déclaré>", "reference": "INC-2026-000001", "sheet": "css/portal.css"}


@pytest.mark.parametrize("text", TEXTS)
def test_it_says_what_djangos_tags_say(text: str) -> None:
    ours, djangos = Template(LOAD + text), PLAIN.from_string(LOAD + text)
    for _time in range(2):
        assert ours.render(Context(VALUES)) == djangos.render(Context(VALUES))


def test_a_word_is_looked_up_once_per_language() -> None:
    page = Template('{% translate "Déclaré" %}')
    with patch("django.utils.translation._trans.gettext", side_effect=str.upper) as looked_up:
        for language in ("fr", "fr", "en", "fr"):
            with translation.override(language):
                page.render(Context())
    assert looked_up.call_count == 2


def test_d1_a_variable_is_never_kept() -> None:
    page = Template("{% translate word %}")
    assert [page.render(Context({"word": word})) for word in ("<a>", "b")] == ["&lt;a&gt;", "b"]


def test_an_unknown_address_is_a_fault_each_time() -> None:
    page = Template('{% url "nowhere" %}')
    for _time in range(2):
        with pytest.raises(NoReverseMatch):
            page.render(Context())


def test_a_tag_without_words_is_a_fault() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% translate %}")
