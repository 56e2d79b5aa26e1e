"""What happened and who did it, told to a customer in one plain sentence per act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.wording import day, elided, instant, near_instant
from sla.enums import CommitmentKind, Severity
from tickets.enums import Act, Origin, Status
from tickets.queries.told import Entry, Fact, Person


@dataclass(frozen=True, slots=True)
class _Told:
    """An act, who did it, the person it points at, and when it is read.

    `is_mine`: the reader did it, and reads « vous ». `is_me`: it points at the reader.
    """

    event: Fact
    who: str
    named: str
    at: datetime
    is_mine: bool
    is_me: bool


def who_of(author: Person | None, reader: int | None = None) -> str:
    """« Inès Dubois »; « Vous » for the reader; the portal when nobody did it."""
    if author is None:
        return _("Le portail")
    return _("Vous") if author.pk == reader else author.full_name


def sentence_of(entry: Entry, at: datetime, reader: int | None = None) -> str:
    """The sentence of an entry read at `at`; a plain message is told by its author's name.

    To `reader` their own acts are told with « vous »; without one, everybody has a name.
    """
    act = entry.event.act
    who = who_of(entry.author, reader)
    if act is Act.MESSAGE:
        return who
    is_mine = entry.author is not None and entry.author.pk == reader
    if act in _PLAIN:
        return str((_MINE if is_mine and act in _MINE else _PLAIN)[act]) % {"who": who}
    tell = _TELLERS.get(act)
    if tell is None:
        return str(act.label)
    named = entry.named
    is_me = named is not None and named.pk == reader
    return tell(_Told(entry.event, who, named.full_name if named else "", at, is_mine, is_me))


def call_of(caller: str, engineer: str) -> str:
    """« Appel d’Alice, noté par Inès »: the words of a call are the caller's."""
    return _("Appel %(of_caller)s, noté par %(engineer)s") % {
        "of_caller": elided("de", caller),
        "engineer": engineer,
    }


def _declared(told: _Told) -> str:
    if told.event.origin == Origin.PHONE:
        return _called(told)
    if told.is_mine:
        return _("Vous avez déclaré l’incident")
    return _("%(who)s a déclaré l’incident") % {"who": told.who}


def _called(told: _Told) -> str:
    if told.is_me:
        return _("Votre appel, noté par %(engineer)s") % {"engineer": told.who}
    return call_of(told.named, told.who)


def _assigned(told: _Told) -> str:
    return _("L’incident est confié à %(name)s") % {"name": told.named}


def _waits_for_customer(told: _Told) -> str:
    until = told.event.facts.get("until")
    if not until:
        return _("%(who)s attend votre réponse") % {"who": told.who}
    return _("%(who)s attend votre réponse avant le %(until)s") % {
        "who": told.who,
        "until": day(date.fromisoformat(until)),
    }


def _reminded(told: _Told) -> str:
    closes_at = told.event.facts.get("closes_at")
    if closes_at is None:
        return _("Rappel\u00a0: le support attend votre réponse")
    return _("Rappel\u00a0: sans réponse de votre part, l’incident sera clos le %(closes)s") % {
        "closes": instant(datetime.fromisoformat(closes_at)),
    }


def _reopened(told: _Told) -> str:
    if told.event.status_before == Status.RESOLVED:
        if told.is_mine:
            return _("Vous avez refusé la solution\u00a0: l’incident est rouvert")
        return _("%(who)s a refusé la solution\u00a0: l’incident est rouvert") % {"who": told.who}
    if told.is_mine:
        return _("Vous avez rouvert l’incident")
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
    if told.is_mine:
        return (
            _("Vous demandez «\u00a0%(wanted)s\u00a0» au lieu de «\u00a0%(present)s\u00a0»")
            % values
        )
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
    added = told.event.act is Act.ADD_COPY
    values = {"who": told.who, "name": told.named}
    if told.is_mine:
        if added:
            return _("Vous avez mis %(name)s en copie") % values
        return _("Vous avez retiré %(name)s des copies") % values
    if told.is_me:
        if added:
            return _("%(who)s vous a mis en copie") % values
        return _("%(who)s vous a retiré des copies") % values
    if added:
        return _("%(who)s a mis %(name)s en copie") % values
    return _("%(who)s a retiré %(name)s des copies") % values


_PLAIN = {
    Act.ACKNOWLEDGE: gettext_lazy("%(who)s a pris l’incident en charge"),
    Act.WAIT_VENDOR: gettext_lazy("%(who)s attend une réponse de l’éditeur"),
    Act.RESUME: gettext_lazy("%(who)s reprend le traitement"),
    Act.RESOLVE: gettext_lazy("%(who)s propose une solution"),
    Act.ACCEPT: gettext_lazy("%(who)s a accepté la solution"),
    Act.CLOSE: gettext_lazy("Sans avis contraire dans le délai, l’incident est clos"),
    Act.CLOSE_UNANSWERED: gettext_lazy("Sans réponse de votre part, l’incident est clos"),
    Act.SPLIT: gettext_lazy("%(who)s a ouvert un autre incident pour le second sujet"),
    Act.CANCEL: gettext_lazy("%(who)s a annulé l’incident"),
    Act.MERGE: gettext_lazy("%(who)s a fusionné cet incident avec un autre"),
    Act.UNMERGE: gettext_lazy("%(who)s a annulé la fusion"),
    Act.ESCALATE: gettext_lazy("%(who)s a escaladé l’incident aux responsables du support"),
    Act.ANSWER_ESCALATION: gettext_lazy("%(who)s répond à l’escalade"),
}
# What a customer may do, said to whoever did it.
_MINE = {
    Act.ACCEPT: gettext_lazy("Vous avez accepté la solution"),
    Act.CANCEL: gettext_lazy("Vous avez annulé l’incident"),
    Act.ESCALATE: gettext_lazy("Vous avez escaladé l’incident aux responsables du support"),
}
_TELLERS: dict[Act, Callable[[_Told], str]] = {
    Act.DECLARE: _declared,
    Act.CALL: _called,
    Act.ASSIGN: _assigned,
    Act.WAIT_CUSTOMER: _waits_for_customer,
    Act.REMIND: _reminded,
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
