"""The words of a thread's events for engineers: to whom, from what to what, awaiting what.

Events hold ids and codes, never a name or a text: `tickets.queries.told` brings the texts and the
people; the other incidents of a merge are looked up here, in one query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from foundation.wording import instant
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act
from tickets.models import NEVER, Ticket
from tickets.queries.sentences import call_of
from tickets.queries.told import Entry, Fact

# What ids point at, in words.
Names = dict[tuple[str, int], str]

# Acts whose text is somebody's words rather than a reason.
_SPOKEN = {Act.MESSAGE, Act.CALL, Act.DECLARE, Act.RESOLVE}
# Facts that point at another incident.
_OTHERS = ("into", "merged", "parent", "child")


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the thread with its title and text in words.

    `call` is « Appel d’Alice, noté par Inès » for what a caller said, else empty.
    """

    entry: Entry
    title: str
    body: str
    call: str = ""

    @property
    def is_rung(self) -> bool:
        return self.entry.event.act is Act.RUNG

    @property
    def is_note(self) -> bool:
        """No customer ever reads it (B1)."""
        return self.entry.event.act is Act.NOTE

    @property
    def is_withdrawn(self) -> bool:
        """An answer that its author took back: no customer has ever read it."""
        return self.entry.visible_from == NEVER

    def is_held(self, at: datetime) -> bool:
        """An answer that can still be taken back."""
        until = self.entry.visible_from
        return until is not None and not self.is_withdrawn and at < until

    @property
    def is_message(self) -> bool:
        """Somebody's words or files; else one line says what happened."""
        entry = self.entry
        return entry.event.act in _SPOKEN and bool(entry.body or entry.files)


def said(requester: str, entries: Iterable[Entry]) -> list[Said]:
    """The entries of an incident's thread, worded; `requester` is who calls unless it is said."""
    entries = list(entries)
    names = _names(entries) | _references(entries)
    return [
        Said(entry, _title(entry, names), entry.body, _call(requester, entry, names))
        for entry in entries
    ]


def _call(requester: str, entry: Entry, names: Names) -> str:
    if not entry.is_call or entry.author is None:
        return ""
    caller = names.get(("person", _fact(entry, "caller")), requester)
    return call_of(caller, entry.author.full_name)


def _fact(entry: Entry, name: str) -> Any:
    return entry.event.facts.get(name)


def _names(entries: list[Entry]) -> Names:
    people = [entry.named for entry in entries if entry.named is not None]
    return {("person", person.pk): person.full_name for person in people}


def _references(entries: list[Entry]) -> Names:
    """The numbers of the incidents on the other side of a merge or a link."""
    ids = {_fact(entry, fact) for entry in entries for fact in _OTHERS} - {None}
    found = Ticket.objects.filter(pk__in=ids).values_list("pk", "reference") if ids else ()
    return {("incident", pk): reference for pk, reference in found}


def _title(entry: Entry, names: Names) -> str:
    tell = _TELLERS.get(entry.event.act)
    return tell(entry.event, names) if tell is not None else str(entry.event.act.label)


def _requalified(event: Fact, _names: Names) -> str:
    before, after = (Severity(code).label for code in event.facts["severity"])
    return _("Criticité\u00a0: %(before)s → %(after)s") % {"before": before, "after": after}


def _wanted(event: Fact, _names: Names) -> str:
    present, wanted = (Severity(code).label for code in event.facts["severity"])
    said = {
        Act.ASK_SEVERITY: _("Criticité demandée\u00a0: %(present)s → %(wanted)s"),
        Act.DECLINE_SEVERITY: _("Criticité refusée\u00a0: %(wanted)s, reste %(present)s"),
    }
    return said[event.act] % {"present": present, "wanted": wanted}


def _corrected(event: Fact, _names: Names) -> str:
    """Both instants show (S14)."""
    corrected = event.facts["acknowledged_at"]
    was, now = (instant(datetime.fromisoformat(value)) if value else "" for value in corrected)
    if not was:
        return _("Prise en charge fixée par correction\u00a0: %(now)s") % {"now": now}
    return _("Prise en charge corrigée\u00a0: %(was)s → %(now)s") % {"was": was, "now": now}


def _reminded(event: Fact, _names: Names) -> str:
    """The last reminder announces the closure."""
    closes_at = event.facts.get("closes_at")
    if closes_at is None:
        return _("Rappel au client")
    return _("Rappel au client\u00a0: clôture annoncée pour le %(closes)s") % {
        "closes": instant(datetime.fromisoformat(closes_at))
    }


def _assigned(event: Fact, names: Names) -> str:
    name = names.get(("person", event.facts["assignee"][1]), "")
    return _("Affecté à %(name)s") % {"name": name}


def _copied(event: Fact, names: Names) -> str:
    return f"{event.act.label}\u00a0: {names.get(('person', event.facts['user']), '')}"


def _merging(event: Fact, names: Names) -> str:
    """Both sides name the other incident."""
    facts = event.facts
    reference = names.get(("incident", facts.get("into") or facts["merged"]), "")
    sentences = {
        Act.MERGE: _("Fusionné dans %(reference)s"),
        Act.UNMERGE: _("Fusion dans %(reference)s annulée"),
        Act.ABSORB: _("%(reference)s fusionné dans cet incident"),
        Act.RELEASE: _("%(reference)s n’est plus fusionné dans cet incident"),
    }
    return sentences[event.act] % {"reference": reference}


def _linking(event: Fact, names: Names) -> str:
    """Both sides name the other incident; the second subject is named by the first."""
    facts = event.facts
    fact = next(name for name in ("child", "parent", "into") if name in facts)
    sentences = {
        (Act.SPLIT, "into"): _("Second sujet ouvert\u00a0: %(reference)s"),
        (Act.ATTACH, "child"): _("%(reference)s rattaché à cet incident"),
        (Act.ATTACH, "parent"): _("Rattaché à %(reference)s"),
        (Act.DETACH, "child"): _("%(reference)s détaché de cet incident"),
        (Act.DETACH, "parent"): _("Détaché de %(reference)s"),
    }
    reference = names.get(("incident", facts[fact]), "")
    return sentences[event.act, fact] % {"reference": reference}


def _rung(event: Fact, _names: Names) -> str:
    """« 75 % du délai de prise en charge »; past the deadline it says so."""
    kind = CommitmentKind(event.facts["kind"]).label.lower()
    percent = event.facts["percent"]
    if percent < 100:
        return _("%(percent)d\u00a0%% du délai de %(kind)s") % {"percent": percent, "kind": kind}
    if percent == 100:
        return _("Délai de %(kind)s dépassé") % {"kind": kind}
    return _("Délai de %(kind)s dépassé de moitié") % {"kind": kind}


_TELLERS: dict[Act, Callable[[Fact, Names], str]] = {
    Act.RUNG: _rung,
    Act.REQUALIFY: _requalified,
    Act.ASK_SEVERITY: _wanted,
    Act.DECLINE_SEVERITY: _wanted,
    Act.CORRECT: _corrected,
    Act.ASSIGN: _assigned,
    Act.REMIND: _reminded,
    Act.ADD_COPY: _copied,
    Act.REMOVE_COPY: _copied,
    Act.MERGE: _merging,
    Act.UNMERGE: _merging,
    Act.ABSORB: _merging,
    Act.RELEASE: _merging,
    Act.ATTACH: _linking,
    Act.DETACH: _linking,
    Act.SPLIT: _linking,
}
