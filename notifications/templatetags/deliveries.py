"""What a lower floor's page shows of the mails: for the desk only, never for a customer.

The register of an incident (proof: P5), and beside each step of its thread what became of the
mails that told it (E18).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.templatetags.icons import icon
from foundation.wording import count
from notifications.enums import DeliveryState
from notifications.queries import (
    deliveries_of,
    failed_since,
    last_reconciliation,
    states_by_step,
)
from tickets.models import Ticket, TicketEvent

register = template.Library()

_LOOKED_BACK = timedelta(days=30)
_GAPS_SHOWN = 10

_MARK = """\
<details class="fold mail-state" data-fetch hx-get="{url}" hx-trigger="ouvrir" \
hx-target="find .hold">{summary}<div class="hold"><a href="{url}">{link}</a></div></details>"""
_SUMMARY = '<summary class="mail-{}">{} {}</summary>'

# By what they ask of the reader: the first one present gives the mark its icon and its colour.
_SHAPES = {
    DeliveryState.REFUSED: "alert",
    DeliveryState.BOUNCED: "arrow-left",
    DeliveryState.DROPPED: "void",
    DeliveryState.QUEUED: "clock",
    DeliveryState.HELD: "list",
    DeliveryState.SENT: "check",
}


@register.inclusion_tag("notifications/register.html")
def mail_register(ticket: Ticket) -> dict[str, Any]:
    """`{% mail_register ticket %}`: to whom, what, when, with which answer."""
    return {"deliveries": deliveries_of(ticket)}


@register.simple_tag
def mail_states(ticket: Ticket) -> dict[int, SafeString]:
    """`{% mail_states ticket as mails %}`: the mark of each step, by the rank of its event. It
    opens on the recipients, fetched then. One query for a whole thread (`desk_steps`).
    """
    # One address is resolved, of a rank that no event has.
    base = reverse("mails:step", args=[ticket.reference, 0]).removesuffix("0/")
    return {
        rank: format_html(_MARK, url=f"{base}{rank}/", summary=_summary(counts), link=_("Détail"))
        for rank, counts in states_by_step(ticket).items()
    }


@register.inclusion_tag("notifications/proof.html")
def mail_proof(now: datetime) -> dict[str, Any]:
    """`{% mail_proof now %}`: whether everybody was told, for managers (P5). Two queries."""
    last, failed = last_reconciliation(), failed_since(now - _LOOKED_BACK)
    named = last.gaps[:_GAPS_SHOWN] if last else []
    gaps = TicketEvent.objects.filter(pk__in=named).select_related("ticket").order_by("pk")
    return {
        "last": last,
        "gaps": gaps,
        "refused": failed.get(DeliveryState.REFUSED, 0),
        "bounced": failed.get(DeliveryState.BOUNCED, 0),
        "now": now,
    }


@register.simple_tag
def delivery_mark(state: str) -> SafeString:
    """The icon and the word of one mail's state."""
    found = DeliveryState(state)
    words = f"{_word(found, 1)[0].upper()}{_word(found, 1)[1:]}"
    return format_html(
        '<span class="mail-{}">{} {}</span>', found.value, icon(_SHAPES[found]), words
    )


def _summary(counts: Mapping[str, int]) -> SafeString:
    return _drawn(tuple(sorted(counts.items())), get_language())


# A thread has few different ones: « E-mail envoyé » mostly.
@lru_cache(maxsize=256)
def _drawn(counts: tuple[tuple[str, int], ...], _language: str | None) -> SafeString:
    present = dict(counts)
    states = [state for state in _SHAPES if state in present]
    total = sum(present.values())
    if len(states) > 1:
        told = ", ".join(
            f"{present[state]}\u00a0{_word(state, present[state])}" for state in states
        )
        words = _("E-mails\u00a0: %(told)s") % {"told": told}
    else:
        number = count(total, "e-mail") if total > 1 else _("E-mail")
        words = f"{number} {_word(states[0], total)}"
    return format_html(_SUMMARY, states[0].value, icon(_SHAPES[states[0]]), words)


def _word(state: DeliveryState, number: int) -> str:
    """The state of so many mails: « envoyé », « envoyés »."""
    words = {
        DeliveryState.QUEUED: _("en attente"),
        DeliveryState.HELD: _("au prochain récapitulatif"),
        DeliveryState.SENT: ngettext("envoyé", "envoyés", number),
        DeliveryState.REFUSED: ngettext("refusé", "refusés", number),
        DeliveryState.BOUNCED: ngettext("rebondi", "rebondis", number),
        DeliveryState.DROPPED: ngettext("abandonné", "abandonnés", number),
    }
    return words[state]
