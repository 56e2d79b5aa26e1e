"""From three templates to one mail: subject, text, HTML with its style sheet inlined.

Text and subject are rendered without escaping (they are not HTML); people's texts only ever
arrive as values, never as templates. Nothing is loaded from anywhere else.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Engine

from accounts.messages import mail_context
from foundation.text import tidy_line

SUBJECT_MAX = 250  # characters; mail programs show far fewer


class Mail(NamedTuple):
    """What a person reads."""

    subject: str
    text: str
    html: str


def render(name: str, context: dict[str, Any]) -> Mail:
    """The mail of the folder `templates/emails/<name>/`.

    The subject is one line whatever the values hold (D4). Raises TemplateDoesNotExist.
    """
    engine = Engine.get_default()
    values = {**mail_context(), "is_demo": settings.DEMO, **context}

    def part(file: str, *, escaped: bool = False) -> str:
        template = engine.get_template(f"emails/{name}/{file}")
        return str(template.render(Context(values, autoescape=escaped)))

    values["subject"] = subject = tidy_line(part("subject.txt"))[:SUBJECT_MAX]
    return Mail(
        subject, _without_blank_runs(part("body.txt")), styled(part("body.html", escaped=True))
    )


def styled(html: str) -> str:
    """The mail's style sheet written into each element; only its dark part stays in the head."""
    return _inliner().inline(html)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_at_rules=True, extra_css=_style_sheet()
    )


def _style_sheet() -> str:
    path = finders.find("css/mail.css")
    if not isinstance(path, str):
        raise FileNotFoundError("static/css/mail.css")
    return Path(path).read_text(encoding="utf-8")


def _without_blank_runs(text: str) -> str:
    """At most one empty line in a row: template tags leave theirs behind."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        # « -- » and its space announce a signature to mail programs.
        kept = line if line == "-- " else line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines) + "\n"
