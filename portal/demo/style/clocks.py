"""Clocks and ledgers of the style page: one of each face that a promise can have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from foundation.wording import PARIS
from sla.hours import OpeningHours
from sla.ledger import Hold, Ledger, Segment, ledger

# A Tuesday: the page says the same on any day, so that two pictures of it can be compared.
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=PARIS)

_DAY = [["09:00", "18:00"]]
_WEEK = OpeningHours.from_dict(
    {
        "tz": "Europe/Paris",
        "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _DAY),
        "holidays": ["2026-11-11"],
    }
)
_ALWAYS = OpeningHours.from_dict(
    {
        "tz": "Europe/Paris",
        "weekly": {
            day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        },
        "holidays": [],
    }
)


@dataclass(frozen=True)
class SampleClock:
    """A promise's facts, as `foundation.clockface.Clock` asks for them."""

    label: str
    outcome: str
    used: timedelta
    target: timedelta
    due_at: datetime | None = None
    met_at: datetime | None = None
    paused_reason: str = ""


@dataclass(frozen=True)
class Specimen:
    """A clock and what it shows."""

    caption: str
    clock: SampleClock


@dataclass(frozen=True)
class Account:
    """A ledger, and the name of its promise."""

    key: str
    caption: str
    name: str
    ledger: Ledger


def clocks() -> list[Specimen]:
    """Running, near its end, late, suspended, over: in the order of a promise's life."""
    return [*_running(), *_standing_still(), *_over()]


def _running() -> list[Specimen]:
    return [
        Specimen(_("Vient de commencer"), _ack(1, due=29)),
        Specimen(_("À la moitié"), _resolution(240, 480, due=240)),
        Specimen(
            _("Aux trois quarts\u00a0: «\u00a0bientôt\u00a0»"), _resolution(360, 480, due=120)
        ),
        Specimen(_("Il reste deux minutes"), _ack(28, due=2)),
        Specimen(_("Échéance passée, pas encore constatée"), _ack(30, due=0)),
        Specimen(
            _("Jour et nuit, échéance un dimanche"),
            _resolution(600, 8_640, due=6 * 1440 - 600),
        ),
        Specimen(_("Échéance l’an prochain"), _resolution(540, 21_600, due=50 * 1440)),
    ]


def _standing_still() -> list[Specimen]:
    return [
        Specimen(
            _("Suspendu\u00a0: nous attendons le client"),
            _resolution(
                120,
                480,
                outcome="paused",
                reason=_("Envoyez-nous le journal du poste, s’il vous plaît."),
            ),
        ),
        Specimen(
            _("Suspendu\u00a0: nous attendons l’éditeur"),
            _resolution(300, 480, outcome="paused", reason=_("Cas ouvert chez Autodesk.")),
        ),
        Specimen(
            _("Suspendu sans motif, presque au bout"),
            _resolution(470, 480, outcome="paused"),
        ),
    ]


def _over() -> list[Specimen]:
    return [
        Specimen(_("Tenu en moins d’une minute"), _ack(0, due=30, outcome="met", met=-1440)),
        Specimen(_("Tenu"), _resolution(400, 480, due=80, outcome="met", met=-30)),
        Specimen(_("Dépassé, rien n’est fait"), _ack(95, due=-65, outcome="breached")),
        Specimen(_("Dépassé, fait trop tard"), _ack(52, due=-90, outcome="breached", met=-68)),
        Specimen(_("Sans objet"), _resolution(60, 480, outcome="void")),
    ]


def _ack(used: int, *, due: int, outcome: str = "running", met: int | None = None) -> SampleClock:
    """Minutes; `due` and `met` are counted from now."""
    return SampleClock(
        _("Prise en charge"), outcome, timedelta(minutes=used), timedelta(minutes=30),
        _in(due), None if met is None else _in(met),
    )  # fmt: skip


def _resolution(
    used: int, target: int, *, due: int | None = None, outcome: str = "running",
    met: int | None = None, reason: str = "",
) -> SampleClock:  # fmt: skip
    return SampleClock(
        _("Résolution"), outcome, timedelta(minutes=used), timedelta(minutes=target),
        None if due is None else _in(due), None if met is None else _in(met), reason,
    )  # fmt: skip


def _in(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def accounts() -> list[Account]:
    """A promise that runs, one that is suspended, one kept, one late, one day and night."""
    return [
        Account("court", _("En cours, à travers une nuit"), _("Résolution"), _going_on()),
        Account("attente", _("Suspendu, avec son motif"), _("Résolution"), _suspended()),
        Account("tenu", _("Tenu avant l’échéance"), _("Prise en charge"), _kept()),
        Account("retard", _("Dépassé, à travers un jour férié"), _("Résolution"), _late()),
        Account("continu", _("Jour et nuit"), _("Résolution"), _round_the_clock()),
    ]


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def _going_on() -> Ledger:
    due = _at(24, 14, 30)
    return ledger([Segment(_at(23, 15, 30), due, _WEEK, {})], due_at=due, now=NOW, seen_from=NOW)


def _suspended() -> Ledger:
    hold = Hold(
        _at(23, 11), None, _("en attente de votre réponse"), _("Le journal du poste."),
        "Inès Carpentier",
    )  # fmt: skip
    return ledger(
        [Segment(_at(23, 9, 12), NOW, _WEEK, {})], [hold], due_at=None, now=NOW, seen_from=NOW
    )


def _kept() -> Ledger:
    return ledger(
        [Segment(_at(23, 17, 45), _at(24, 9, 8), _WEEK, {})],
        due_at=_at(24, 9, 15), ended=_("prise en charge"), seen_from=NOW,
    )  # fmt: skip


def _late() -> Ledger:
    armistice = {"2026-11-11": _("Armistice")}
    return ledger(
        [Segment(_at(10, 14), _at(12, 15, 20), _WEEK, armistice)],
        due_at=_at(12, 13), ended=_("résolution"), seen_from=NOW,
    )  # fmt: skip


def _round_the_clock() -> Ledger:
    due = _at(25, 2)
    return ledger([Segment(_at(23, 22), due, _ALWAYS, {})], due_at=due, now=NOW, seen_from=NOW)
