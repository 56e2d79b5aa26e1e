"""`manage.py sla_deadline --severity bloquant --at ISO [--service-level CODE] [--json]`.

The deadlines that a declaration at that instant would get, and how their time is counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import CommandParser

from foundation.commands import PortalCommand
from foundation.refusals import Refusal
from foundation.wording import PARIS, duration, hour, instant, near_instant, paris
from sla.enums import CommitmentKind, Severity
from sla.hours import ClockRefusal, OpeningHours, Stretch, StretchKind
from sla.models import CalendarVersion, ServiceLevel, ServiceLevelVersion
from sla.queries import calendar_version_on, service_level_version_on

SEVERITIES = {
    "bloquant": Severity.BLOCKING,
    "genant": Severity.IMPAIRING,
    "gênant": Severity.IMPAIRING,
    "informatif": Severity.INFORMATIONAL,
}


class BadInput(Exception):
    """One line for whoever typed the command."""


class Command(PortalCommand):
    help = "Calcule les échéances d’une déclaration, et leur décompte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--severity", required=True, metavar="bloquant|genant|informatif")
        parser.add_argument("--at", required=True, metavar="ISO", help="heure de Paris sans fuseau")
        parser.add_argument("--service-level", default=settings.DEFAULT_SERVICE_LEVEL)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            severity = _severity(options["severity"])
            at = _instant(options["at"])
            version, calendar = _versions(options["service_level"], at)
            answers = list(_answers(version, calendar, severity, at))
        except (BadInput, Refusal, ClockRefusal) as error:
            self._refuse(str(error))
        if options["json"]:
            self.stdout.write(json.dumps([answer.as_data() for answer in answers], indent=2))
            return
        for answer in answers:
            self.stdout.write("\n".join(answer.as_lines()))

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


@dataclass(frozen=True)
class Answer:
    """One promise: its deadline and its ledger."""

    kind: CommitmentKind
    minutes: int
    at: datetime
    due_at: datetime
    ledger: tuple[Stretch, ...]
    holidays: dict[str, str]

    def as_data(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "kind": self.kind.value,
            "target_minutes": self.minutes,
            "from": self.at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "ledger": [
                {
                    "from": stretch.start.isoformat(),
                    "to": stretch.end.isoformat(),
                    "kind": stretch.kind.value,
                    "holiday": self._holiday(stretch),
                }
                for stretch in self.ledger
            ],
        }

    def as_lines(self) -> Iterator[str]:
        """The deadline, then one line per stretch."""
        yield f"{self.kind.label} : {instant(self.due_at)} ({self.minutes} min ouvrées)"
        for stretch in self.ledger:
            until = hour(stretch.end)
            if paris(stretch.start).date() != paris(stretch.end).date():
                until = near_instant(stretch.end, self.at)
            yield f"  {near_instant(stretch.start, self.at)} → {until} : {self._words(stretch)}"

    def _words(self, stretch: Stretch) -> str:
        if stretch.kind is StretchKind.COUNTED:
            return f"{duration(stretch.length)} comptées"
        holiday = self._holiday(stretch)
        return f"support fermé ({holiday})" if holiday else "support fermé"

    def _holiday(self, stretch: Stretch) -> str | None:
        if stretch.kind is not StretchKind.HOLIDAY:
            return None
        return self.holidays.get(stretch.start.date().isoformat(), "jour férié")


def _severity(text: str) -> Severity:
    try:
        return SEVERITIES[text.strip().lower()]
    except KeyError:
        raise BadInput(
            f"--severity : « {text} » n’est pas une criticité (bloquant, genant, informatif)."
        ) from None


def _instant(text: str) -> datetime:
    """An ISO instant; without a zone it is on the Paris wall clock."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"--at : « {text} » n’est pas un instant ISO, par exemple 2026-11-20T17:45."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=PARIS)


def _versions(code: str, at: datetime) -> tuple[ServiceLevelVersion, CalendarVersion]:
    level = ServiceLevel.objects.filter(code=code).first()
    if level is None:
        known = ", ".join(ServiceLevel.objects.values_list("code", flat=True))
        raise BadInput(f"--service-level : « {code} » est inconnu (niveaux connus : {known}).")
    day = paris(at).date()
    version = service_level_version_on(level, day)
    return version, calendar_version_on(version.calendar, day)


def _answers(
    version: ServiceLevelVersion, calendar: CalendarVersion, severity: Severity, at: datetime
) -> Iterator[Answer]:
    hours: OpeningHours = calendar.opening_hours()
    for kind in CommitmentKind:
        due_at = hours.add(at, version.target(kind, severity))
        yield Answer(
            kind, version.target_minutes(kind, severity), at, due_at, hours.ledger(at, due_at),
            calendar.holiday_names,
        )  # fmt: skip
