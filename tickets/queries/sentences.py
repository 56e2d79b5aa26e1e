"""What happened and who did it, told to a customer in one plain sentence per act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.wording import day, elided, near_instant
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act, Origin, Status
from tickets.models import TicketEvent
from tickets.queries.thread import Entry


@dataclass(frozen=True)
class _Told:
    """An act, who did it, the names of the people it points at, and when it is read."""

    event: TicketEvent
    who: str
    names: Mapping[int, str]
    at: datetime

    def name(self, pk: int) -> str:
        return self.names.get(pk, "")


def sentence_of(entry: Entry, names: Mapping[int, str], at: datetime) -> str:
    """The sentence of an entry read at `at`; a plain message is told by its author's name."""
    who = entry.author.full_name if entry.author else _("Le portail")
    event = entry.event
    if event is None or event.act == Act.MESSAGE:
        return who
    act = Act(event.act)
    if act in _PLAIN:
        return str(_PLAIN[act]) % {"who": who}
    tell = _TELLERS.get(act)
    return tell(_Told(event, who, names, at)) if tell else entry.title


def people_of(event: TicketEvent) -> list[int]:
    """Ids of the people that the sentence of an event names, besides who did it."""
    if event.act in {Act.ADD_COPY, Act.REMOVE_COPY}:
        return [event.facts["user"]]
    if event.act == Act.DECLARE and event.origin == Origin.PHONE:
        return [event.facts["requester"]]
    if event.act == Act.CALL:
        return [event.facts["caller"]]
    return [event.facts["assignee"][1]] if event.act == Act.ASSIGN else []


def call_of(caller: str, engineer: str) -> str:
    """« Appel d’Alice, noté par Inès »: the words of a call are the caller's."""
    return _("Appel %(of_caller)s, noté par %(engineer)s") % {
        "of_caller": elided("de", caller),
        "engineer": engineer,
    }


def _declared(told: _Told) -> str:
    if told.event.origin == Origin.PHONE:
        return call_of(told.name(told.event.facts["requester"]), told.who)
    return _("%(who)s a déclaré l’incident") % {"who": told.who}


def _called(told: _Told) -> str:
    return call_of(told.name(told.event.facts["caller"]), told.who)


def _assigned(told: _Told) -> str:
    name = told.name(told.event.facts["assignee"][1])
    return _("L’incident est confié à %(name)s") % {"name": name}


def _waits_for_customer(told: _Told) -> str:
    until = told.event.facts.get("until")
    if not until:
        return _("%(who)s attend votre réponse") % {"who": told.who}
    return _("%(who)s attend votre réponse avant le %(until)s") % {
        "who": told.who,
        "until": day(date.fromisoformat(until)),
    }


def _reopened(told: _Told) -> str:
    if told.event.status_before == Status.RESOLVED:
        return _("%(who)s a refusé la solution\u00a0: l’incident est rouvert") % {"who": told.who}
    return _("%(who)s a rouvert l’incident") % {"who": told.who}


def _requalified(told: _Told) -> str:
    before, after = (Severity(code).label for code in told.event.facts["severity"])
    return _("%(who)s a changé la criticité\u00a0: %(from)s à %(after)s") % {
        "who": told.who,
        "from": elided("de", str(before)),
        "after": after,
    }


def _wanted(told: _Told) -> str:
    """What a customer asked for, or what was not retained of it."""
    present, wanted = (Severity(code).label for code in told.event.facts["severity"])
    values = {"who": told.who, "present": present, "wanted": wanted}
    if told.event.act == Act.ASK_SEVERITY:
        return _("%(who)s demande «\u00a0%(wanted)s\u00a0» au lieu de "
                 "«\u00a0%(present)s\u00a0»") % values  # fmt: skip
    return _("%(who)s maintient «\u00a0%(present)s\u00a0»\u00a0: «\u00a0%(wanted)s\u00a0» "
             "n’est pas retenu") % values  # fmt: skip


def _corrected_subject(told: _Told) -> str:
    """What was corrected; the history keeps no title, and the page shows what holds."""
    facts = told.event.facts
    if "title" not in facts:
        return _("%(who)s a corrigé le logiciel concerné") % {"who": told.who}
    if "product" not in facts:
        return _("%(who)s a corrigé le titre de l’incident") % {"who": told.who}
    return _("%(who)s a corrigé le titre et le logiciel concerné") % {"who": told.who}


def _restated(told: _Told) -> str:
    """Each deadline that moved, old and new (S12)."""
    moved = [
        _("%(promise)s\u00a0: %(after)s au lieu de %(before)s")
        % {
            "promise": CommitmentKind(kind).label.lower(),
            "before": _instant(before, told.at),
            "after": _instant(after, told.at),
        }
        for kind, (before, after) in sorted(told.event.facts["due"].items())
        if before and after and before != after
    ]
    said = _("%(who)s a appliqué de nouvelles conditions") % {"who": told.who}
    return " · ".join([said, *moved])


def _corrected(told: _Told) -> str:
    """Both instants show (S14)."""
    before, after = told.event.facts["acknowledged_at"]
    values = {"who": told.who, "after": _instant(after, told.at)}
    if before is None:
        return _("%(who)s a fixé la prise en charge\u00a0: %(after)s") % values
    return _("%(who)s a corrigé la prise en charge\u00a0: %(after)s au lieu %(of_before)s") % {
        **values,
        "of_before": elided("de", _instant(before, told.at)),
    }


def _instant(value: str, at: datetime) -> str:
    return near_instant(datetime.fromisoformat(value), at)


def _copied(told: _Told) -> str:
    values = {"who": told.who, "name": told.name(told.event.facts["user"])}
    if told.event.act == Act.ADD_COPY:
        return _("%(who)s a mis %(name)s en copie") % values
    return _("%(who)s a retiré %(name)s des copies") % values


_PLAIN = {
    Act.ACKNOWLEDGE: gettext_lazy("%(who)s a pris l’incident en charge"),
    Act.WAIT_VENDOR: gettext_lazy("%(who)s attend une réponse de l’éditeur"),
    Act.RESUME: gettext_lazy("%(who)s reprend le traitement"),
    Act.RESOLVE: gettext_lazy("%(who)s propose une solution"),
    Act.ACCEPT: gettext_lazy("%(who)s a accepté la solution"),
    Act.CLOSE: gettext_lazy("Sans avis contraire dans le délai, l’incident est clos"),
    Act.CANCEL: gettext_lazy("%(who)s a annulé l’incident"),
    Act.MERGE: gettext_lazy("%(who)s a fusionné cet incident avec un autre"),
    Act.UNMERGE: gettext_lazy("%(who)s a annulé la fusion"),
    Act.ESCALATE: gettext_lazy("%(who)s a escaladé l’incident aux responsables du support"),
    Act.ANSWER_ESCALATION: gettext_lazy("%(who)s répond à l’escalade"),
}
_TELLERS: dict[Act, Callable[[_Told], str]] = {
    Act.DECLARE: _declared,
    Act.CALL: _called,
    Act.ASSIGN: _assigned,
    Act.WAIT_CUSTOMER: _waits_for_customer,
    Act.REOPEN: _reopened,
    Act.REQUALIFY: _requalified,
    Act.RESTATE: _restated,
    Act.ASK_SEVERITY: _wanted,
    Act.DECLINE_SEVERITY: _wanted,
    Act.CORRECT: _corrected,
    Act.CORRECT_SUBJECT: _corrected_subject,
    Act.ADD_COPY: _copied,
    Act.REMOVE_COPY: _copied,
}
