"""The rows of an export: what a customer takes away of the incidents on their screen (B2, E1).

Which incidents is asked once, under `visible_to`; what is said of them is then read a thousand at
a time, two statements each, so that memory stays bounded and nothing else counts (Q1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.wording import paris, thousands
from sla.enums import CommitmentKind, Severity
from sla.queries import hours_of
from tickets import promises
from tickets.clocks import to_promise
from tickets.enums import Outcome
from tickets.models import Commitment, Ticket, TicketQuerySet
from tickets.queries.clocks import is_overdue

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

EXPORT_MAX = 10_000
CHUNK = 1_000

# A text, a whole number, an instant on the Paris wall clock, or nothing.
Cell = str | int | datetime | None


@dataclass(frozen=True)
class Exported:
    """An export: its columns' names, its rows, and a sentence when it was cut."""

    header: list[str]
    rows: Iterator[list[Cell]]
    cut: str


@dataclass(frozen=True)
class _Subject:
    """An incident, its two promises of the present cycle, and when they are looked at."""

    ticket: Ticket
    acknowledgement: Commitment
    resolution: Commitment
    at: datetime


def export_of(found: TicketQuerySet, at: datetime) -> Exported:
    """The incidents of `found`, in its order, as rows; `found` comes from `visible_to`."""
    pks = list(found.values_list("pk", flat=True)[: EXPORT_MAX + 1])
    cut = ""
    if len(pks) > EXPORT_MAX:
        cut = _(
            "Export arrêté aux %(limit)s premiers incidents de la liste\u00a0: filtrez pour avoir "
            "les autres."
        ) % {"limit": thousands(EXPORT_MAX)}
    header = [str(name) for name, _value in COLUMNS]
    return Exported(header, _rows(pks[:EXPORT_MAX], at), cut)


def _rows(pks: Sequence[int], at: datetime) -> Iterator[list[Cell]]:
    for start in range(0, len(pks), CHUNK):
        chunk = pks[start : start + CHUNK]
        found = {ticket.pk: ticket for ticket in _tickets(chunk)}
        for pk in chunk:
            # One that was deleted meanwhile is no more (nobody may: it stays written).
            subject = _subject(found[pk], at)
            yield [value(subject) for _name, value in COLUMNS]


def _tickets(pks: Sequence[int]) -> Iterator[Ticket]:
    own = Commitment.objects.filter(cycle=F("ticket__cycle"))
    return (
        Ticket.objects.filter(pk__in=pks)
        .select_related("company", "site", "product", "licence", "requester", "contract")
        .prefetch_related(Prefetch("commitments", own))
        .defer("searched")
        .iterator(chunk_size=CHUNK)
    )


def _subject(ticket: Ticket, at: datetime) -> _Subject:
    own = {row.kind: row for row in ticket.commitments.all()}
    return _Subject(ticket, own[CommitmentKind.ACKNOWLEDGEMENT], own[CommitmentKind.RESOLUTION], at)


# --- cells ----------------------------------------------------------------------------------------


def _local(at: datetime | None) -> datetime | None:
    """To the second, as spreadsheets know no zone and show no more."""
    return paris(at).replace(tzinfo=None, microsecond=0) if at else None


def _used(row: Commitment, at: datetime) -> int:
    """Working minutes used at `at`, cut as everywhere."""
    used = promises.used(to_promise(row), hours_of(row.calendar_version_id), at)
    return int(used.total_seconds() // 60)


def _outcome(row: Commitment, at: datetime) -> str:
    late = is_overdue(to_promise(row), at)
    return str((Outcome.BREACHED if late else row.outcome).label)


def _version(ticket: Ticket) -> str:
    return ticket.licence.version if ticket.licence else ""


_Column = tuple["StrPromise", Callable[[_Subject], Cell]]

# Names are stable: people build on them. A new column goes to the end.
COLUMNS: list[_Column] = [
    (gettext_lazy("Numéro"), lambda of: of.ticket.reference),
    (gettext_lazy("Titre"), lambda of: of.ticket.title),
    (gettext_lazy("Société"), lambda of: of.ticket.company.name),
    (gettext_lazy("Site"), lambda of: of.ticket.site.name if of.ticket.site else ""),
    (gettext_lazy("Logiciel"), lambda of: of.ticket.product.name),
    (gettext_lazy("Version"), lambda of: _version(of.ticket)),
    (
        gettext_lazy("Criticité déclarée"),
        lambda of: str(Severity(of.ticket.declared_severity).label),
    ),
    (gettext_lazy("Criticité retenue"), lambda of: str(Severity(of.ticket.severity).label)),
    (gettext_lazy("Statut"), lambda of: str(of.ticket.state.label)),
    (gettext_lazy("À qui le tour"), lambda of: str(of.ticket.turn.label)),
    (gettext_lazy("Déclaré par"), lambda of: of.ticket.requester.full_name),
    (gettext_lazy("Privé"), lambda of: _("oui") if of.ticket.is_private else _("non")),
    (gettext_lazy("Reçu le"), lambda of: _local(of.ticket.received_at)),
    (
        gettext_lazy("Prise en charge promise (min ouvrées)"),
        lambda of: of.acknowledgement.target_minutes,
    ),
    (
        gettext_lazy("Prise en charge utilisée (min ouvrées)"),
        lambda of: _used(of.acknowledgement, of.at),
    ),
    (
        gettext_lazy("Échéance de prise en charge"),
        lambda of: _local(of.acknowledgement.due_at),
    ),
    (gettext_lazy("Pris en charge le"), lambda of: _local(of.acknowledgement.met_at)),
    (
        gettext_lazy("Délai de prise en charge"),
        lambda of: _outcome(of.acknowledgement, of.at),
    ),
    (gettext_lazy("Résolution promise (min ouvrées)"), lambda of: of.resolution.target_minutes),
    (gettext_lazy("Résolution utilisée (min ouvrées)"), lambda of: _used(of.resolution, of.at)),
    (gettext_lazy("Échéance de résolution"), lambda of: _local(of.resolution.due_at)),
    (gettext_lazy("Résolu le"), lambda of: _local(of.resolution.met_at)),
    (gettext_lazy("Délai de résolution"), lambda of: _outcome(of.resolution, of.at)),
    (gettext_lazy("Clos le"), lambda of: _local(of.ticket.closed_at)),
    (
        gettext_lazy("Contrat"),
        lambda of: of.ticket.contract.number if of.ticket.contract else _("hors contrat"),
    ),
]
