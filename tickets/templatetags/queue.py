"""The lines of the queue as HTML: `{% queue_lines page.lines now %}`, and the shapes they use.

A page shows fifty of them, so each is put together here in one go rather than by a template's
nodes (decisions 0018, 0020). Whatever people typed goes through `escape`. Shapes are drawn once,
by `{% queue_shapes %}`, and named by the lines. Cells have no name and no closing tag (HTML wants
none): fifty lines of nine cells weigh half as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.templatetags.icons import ICONS
from foundation.wording import duration, near_instant
from sla.enums import Severity
from tickets.enums import Side, Status, Turn
from tickets.queries.clocks import Tick
from tickets.queries.desk import passed
from tickets.queries.queue_lines import Line

register = template.Library()

_SHAPES = (*Severity.values, "alert", "bell", "private")
_WITH_DEADLINE = frozenset({"calm", "soon", "late", "missed"})


class Reader(NamedTuple):
    """Who reads the queue, and at which instant."""

    pk: int
    may_take: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class _Words:
    """What every line of a page says alike, looked up once per language."""

    address: str
    customer: str
    take: str
    you: str
    nobody: str
    alert: str
    marks: dict[str, str]
    severities: dict[str, str]
    statuses: dict[Status, str]
    turns: dict[Turn, str]
    outcomes: dict[str, str]
    spoke: dict[Side, str]


@register.simple_tag
def queue_shapes() -> SafeString:
    """The drawings that the lines name."""
    return _shapes()


@lru_cache(maxsize=1)
def _shapes() -> SafeString:
    symbols = format_html_join(
        "",
        '<symbol id="i-{}" viewBox="0 0 16 16">{}</symbol>',
        ((name, mark_safe(ICONS[name])) for name in _SHAPES),  # noqa: S308 (constants of ours)
    )
    return format_html('<svg class="base-svgs" aria-hidden="true">{}</svg>', symbols)


@register.simple_tag
def queue_lines(lines: Iterable[Line], reader: Reader) -> SafeString:
    """The `<tr>` of each line."""
    words = _words(get_language())
    made = [_line(line, reader, words) for line in lines]
    return mark_safe("".join(made))  # noqa: S308 (each part is escaped or is HTML of ours)


def _shape(name: str) -> str:
    return f'<svg class="icon"><use href="#i-{name}"/></svg>'


@lru_cache(maxsize=4)
def _words(_language: str | None) -> _Words:
    tag = '<span class="tag{}">{} {}</span>'
    return _Words(
        address=reverse("admin:index") + "incidents/",
        customer=reverse("desk:company", args=[0]).removesuffix("0/"),
        take=_("Prendre en charge"),
        you=_("Vous"),
        nobody=_("personne"),
        alert=_("alerte"),
        marks={
            "private": f"{_shape('private')} {_('privé')}",
            "out": _("hors contrat"),
            "reopened": _("rouvert"),
            "waits": tag.format(" tag-bad", _shape("bell"), _("escaladé")),
            "answered": tag.format("", _shape("bell"), _("escaladé, répondu")),
        },
        severities={
            level.value: f'<b class="{level.value}">{_shape(level.value)} {level.label}</b>'
            for level in Severity
        },
        statuses={
            status: f'<b class="{status.value}">{status.label}</b>' for status in Status
        },
        turns={
            Turn.OURS: _("à nous"), Turn.YOURS: _("au client"), Turn.NOBODY: _("terminé"),
        },
        outcomes={
            "calm": _("dans %s"), "soon": _("dans %s"), "late": _("dépassé de %s"),
            "paused": _("suspendu, reste %s"), "met": _("tenu"), "missed": _("dépassé"),
            "void": _("sans objet"),
        },
        spoke={Side.CUSTOMER: _("client"), Side.ENGINEER: _("support")},
    )  # fmt: skip


def _line(line: Line, reader: Reader, words: _Words) -> str:
    reference = line.reference
    css = f' class="{line.urgency}"' if line.urgency else ""
    return (
        f'<tr{css}><td><input type="checkbox" name="ticket" value="{reference}"'
        f' aria-label="{reference}">'
        f"<td>{words.severities[line.severity]}"
        f'<th scope="row"><a href="{words.address}{reference}/">{escape(line.title)}</a>'
        f"<small>{_facts(line, words)}</small>{_escalation(line, words)}"
        f"<td>{_customer(line, words)}<small>{escape(line.product)}</small>"
        f"<td>{words.statuses[line.status]}<small>{words.turns[line.turn]}</small>"
        f"{_clock(line.charge, reader.now, words)}{_clock(line.solution, reader.now, words)}"
        f"<td>{_assignee(line, reader, words)}"
        f"<td>{passed(line.received_at, reader.now)}{_last_word(line, reader, words)}"
    )


def _facts(line: Line, words: _Words) -> str:
    facts = line.reference
    if line.is_private:
        facts += f" · {words.marks['private']}"
    if line.is_out_of_contract:
        facts += f" · {words.marks['out']}"
    if line.is_reopened:
        facts += f" · {words.marks['reopened']}"
    return facts


def _escalation(line: Line, words: _Words) -> str:
    if line.escalation_waits is None:
        return ""
    return words.marks["waits" if line.escalation_waits else "answered"]


def _customer(line: Line, words: _Words) -> str:
    """The company; its contract and its alert are fetched when the link is hovered or focused."""
    alert = ""
    if line.has_alert:
        alert = f' <span class="alerted">{_shape("alert")} {words.alert}</span>'
    address = f"{words.customer}{line.company_id}/"
    return f'<a href="{address}">{escape(line.company)}{alert}</a>'


def _clock(tick: Tick, now: datetime, words: _Words) -> str:
    """What is left in words first, then the deadline."""
    said, level = words.outcomes[tick.level], tick.level
    if level in {"calm", "soon"}:
        said %= duration(tick.target - tick.used)
    elif level == "late":
        said %= duration(max(tick.used - tick.target, timedelta(0)))
    elif level == "paused":
        said %= duration(max(tick.target - tick.used, timedelta(0)))
    due = ""
    if tick.due_at is not None and level in _WITH_DEADLINE:
        due = f"<small>{near_instant(tick.due_at, now)}</small>"
    return f'<td class="{level}"><b>{said}</b>{due}'


def _assignee(line: Line, reader: Reader, words: _Words) -> str:
    if line.can_be_taken and reader.may_take:
        address = f"{words.address}{line.reference}/prendre-en-charge/"
        return (
            f'<button form="prendre" formaction="{address}">{words.take}'
            f"<i> {line.reference}</i></button>"
        )
    if line.assignee_id is None:
        return words.nobody
    return f"<b>{words.you}</b>" if line.assignee_id == reader.pk else escape(line.assignee)


def _last_word(line: Line, reader: Reader, words: _Words) -> str:
    """Who spoke last, from which side, how long ago."""
    word = line.last_word
    if word is None:
        return ""
    ago = passed(word.at, reader.now)
    side = words.spoke[word.side]
    return f"<small>{side} · {escape(word.speaker)}, {ago}</small>"
