"""`manage.py sla_deadline --severity bloquant --at ISO [--service-level CODE] [--json]`.

The deadlines that a declaration at that instant would get, and how their time is counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import CommandParser

from foundation.commands import PortalCommand
from foundation.refusals import Refusal
from foundation.wording import PARIS, instant
from sla.calculator import Answer, calculate
from sla.enums import Severity
from sla.hours import ClockRefusal, Stretch, StretchKind
from sla.models import ServiceLevel

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
            found = calculate(_level(options["service_level"]), severity, at)
        except (BadInput, Refusal, ClockRefusal) as error:
            self._refuse(str(error))
        if options["json"]:
            names = found.calendar.holiday_names
            data = [_as_data(answer, names) for answer in found.answers]
            self.stdout.write(json.dumps(data, indent=2, ensure_ascii=False))
            return
        for answer in found.answers:
            self.stdout.write("\n".join(_as_lines(answer)))

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


def _as_data(answer: Answer, names: dict[str, str]) -> dict[str, Any]:
    """What `--json` prints: instants, stretches, and the two sums that must agree (S15)."""
    return {
        "kind": answer.kind.value,
        "target_minutes": answer.minutes,
        "from": answer.at.isoformat(),
        "due_at": answer.due_at.isoformat() if answer.due_at else None,
        "ledger": [
            {
                "from": stretch.start.isoformat(),
                "to": stretch.end.isoformat(),
                "kind": stretch.kind.value,
                "holiday": _holiday(stretch, names),
                "seconds": _seconds(stretch.length),
            }
            for stretch in answer.stretches
        ],
        "counted_seconds": _seconds(_sum(answer.stretches, StretchKind.COUNTED)),
        "wall_seconds": _seconds(_sum(answer.stretches)),
        "words": answer.ledger.sentence,
    }


def _sum(stretches: tuple[Stretch, ...], *kinds: StretchKind) -> timedelta:
    lengths = (found.length for found in stretches if not kinds or found.kind in kinds)
    return sum(lengths, timedelta(0))


def _seconds(length: timedelta) -> float:
    """Whole when it is whole."""
    seconds = length.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _holiday(stretch: Stretch, names: dict[str, str]) -> str | None:
    if stretch.kind is not StretchKind.HOLIDAY:
        return None
    return names.get(stretch.start.date().isoformat(), "jour férié")


def _as_lines(answer: Answer) -> Iterator[str]:
    """The deadline, the stretches told, then the two sums."""
    if answer.due_at is not None:
        yield f"{answer.kind.label} : {instant(answer.due_at)} ({answer.minutes} min ouvrées)"
    yield f"  {answer.ledger.sentence}"
    for text in answer.ledger.sums:
        yield f"  {text}"


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
    try:
        return (at if at.tzinfo else at.replace(tzinfo=PARIS)).astimezone(PARIS)
    except OverflowError:
        raise BadInput(f"--at : « {text} » est hors du calendrier.") from None


def _level(code: str) -> ServiceLevel:
    level = ServiceLevel.objects.filter(code=code).first()
    if level is None:
        known = ", ".join(ServiceLevel.objects.values_list("code", flat=True))
        raise BadInput(f"--service-level : « {code} » est inconnu (niveaux connus : {known}).")
    return level
