"""French as it is printed: in every template and in every sentence of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.french import NBSP, faults_in, faults_on

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "accounts", "blog", "files", "foundation", "licences", "notifications", "portal", "reports",
    "sla", "tickets",
)  # fmt: skip
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
MODULES = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    # A field's help is part of a migration too: only the admin shows those (docs/remaining.md).
    if not {"migrations", "models", "models.py"}.intersection(path.parts)
)
_COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"{%.*?%}", re.DOTALL)
_VARIABLE = re.compile(r"{{.*?}}", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_CALLS = {
    "_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
}  # fmt: skip


def sentences_of_template(source: str) -> Iterator[str]:
    """Texts given to a tag; a name, a path or a format of date has no space."""
    for tag in _TAG.findall(source):
        found = (one or other for one, other in _LITERAL.findall(tag))
        yield from (text for text in found if " " in text)


def faults_of_template(source: str) -> list[str]:
    source = _COMMENT.sub("", source)
    # What a tag writes is not known; it ends no word.
    page = _VARIABLE.sub("x", _TAG.sub("", source))
    told = [fault for text in sentences_of_template(source) for fault in faults_in(text)]
    return [*faults_on(page), *told]


def sentences_of_module(source: str) -> Iterator[str]:
    """What is handed to gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _CALLS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_set_in_french(path: Path) -> None:
    assert faults_of_template(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_sentence_of_the_code_is_set_in_french(path: Path) -> None:
    texts = sentences_of_module(path.read_text(encoding="utf-8"))
    assert [fault for text in texts for fault in faults_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "l'incident", "Quand ?", "Quand?", "Fin : ici", "une liste ;", "« mot »", "«mot»",
        "n° 12", "Envoi...", 'le "mot"', "10 min", "5 Go", "Please wait", f"Oui{NBSP}: the end",
    ],
)  # fmt: skip
def test_the_reader_sees(text: str) -> None:
    assert faults_in(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Quand{NBSP}?", f"Fin{NBSP}: ici", f"«{NBSP}mot{NBSP}»", f"n°{NBSP}12", "Envoi…",
        "https://portail.test/", "10:30", "aujourd’hui", f"10{NBSP}min", "a;b", f"Vraiment{NBSP}?!",
    ],
)  # fmt: skip
def test_the_reader_lets_pass(text: str) -> None:
    assert faults_in(text) == []
