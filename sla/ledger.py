"""The ledger of a promise as people read it (S15): one wording for pages, admin and command.

It knows no model: whoever holds the rows gives calendars (`Segment`) and pauses (`Hold`). Every
instant is cut to the second first, so that the figures shown add up to the wall time exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from foundation.wording import (
    NBSP,
    agreeing,
    day,
    day_without_year,
    exact_duration,
    exact_hour,
    paris,
)
from sla.hours import OpeningHours, StretchKind

ZERO = timedelta(0)
_SHUT = {StretchKind.CLOSED, StretchKind.HOLIDAY}


class Segment(NamedTuple):
    """The calendar that counted from `start` to `end`; `names` gives its closed dates (ISO) a name.

    A promise whose calendar was replaced has several, one after the other (S12); `then` is said
    at the end of the one that was replaced.
    """

    start: datetime
    end: datetime
    hours: OpeningHours
    names: Mapping[str, str]
    then: str = ""


class Hold(NamedTuple):
    """A pause that stopped this promise: what it was, why, and who asked for it (S5)."""

    start: datetime
    end: datetime | None
    label: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch `[start, end)`, whole seconds, in UTC.

    `when` says it without repeating the day of the line before; `what` is what was done with it
    (« comptées, échéance », « support fermé (week-end) »); `short` is the word for a drawing.
    """

    start: datetime
    end: datetime
    kind: StretchKind
    when: str
    what: str
    short: str
    reason: str = ""
    by: str = ""
    is_ahead: bool = False
    is_late: bool = False
    is_current: bool = False

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def counted(self) -> bool:
        return self.kind is StretchKind.COUNTED

    @property
    def figure(self) -> str:
        """« 15 min », « 1 min 40 s »."""
        return exact_duration(self.length)

    @property
    def words(self) -> str:
        """« 15 min comptées, échéance »; « support fermé (week-end) »."""
        said = f"{self.figure} {self.what}" if self.counted else self.what
        reason = f"«{NBSP}{' '.join(self.reason.split())}{NBSP}»" if self.reason else ""
        why = ", ".join(filter(None, (reason, self.by)))
        return f"{said} ({why})" if why else said


@dataclass(frozen=True, slots=True)
class Ledger:
    """The stretches of a promise, in order, and what they add up to.

    `spare` is the time between its end and a deadline that was not reached: for the drawing only.
    `ended` names what ended it (« prise en charge »), empty while it runs.
    """

    start: datetime
    lines: tuple[Line, ...]
    spare: tuple[Line, ...]
    due_at: datetime | None
    now: datetime | None
    ended: str

    def total(self, *kinds: StretchKind) -> timedelta:
        """The wall time of all lines, or of those of some kinds."""
        return sum((line.length for line in self.lines if not kinds or line.kind in kinds), ZERO)

    @property
    def wall(self) -> timedelta:
        return self.total()

    @property
    def counted(self) -> timedelta:
        """Counted in all, what is still to come included."""
        return self.total(StretchKind.COUNTED)

    @property
    def so_far(self) -> timedelta:
        """Counted up to now: what the clock has used."""
        past = (line.length for line in self.lines if line.counted and not line.is_ahead)
        return sum(past, ZERO)

    @property
    def late(self) -> timedelta:
        """Counted after the deadline."""
        return sum((line.length for line in self.lines if line.is_late and line.counted), ZERO)

    @property
    def sentence(self) -> str:
        """All of it on one line, as a customer would have it told."""
        return " · ".join(f"{line.when}{NBSP}: {line.words}" for line in self.lines)

    @property
    def sums(self) -> list[str]:
        """What was counted, then the wall time and what it is made of."""
        return [self._counted_in_words(), self._wall_in_words()]

    def _counted_in_words(self) -> str:
        rest = self.counted - self.so_far
        text = f"{_('Compté')}{NBSP}: {exact_duration(self.so_far)}"
        if rest:
            text += _(", et %s à venir jusqu’à l’échéance") % exact_duration(rest)
        elif self.late:
            text += _(", dont %s après l’échéance") % exact_duration(self.late)
        return text

    def _wall_in_words(self) -> str:
        counted = exact_duration(self.counted)
        parts = [f"{counted} {agreeing(counted, 'comptée')}"]
        if shut := self.total(*_SHUT):
            parts.append(_("%s de fermeture") % exact_duration(shut))
        if held := self.total(StretchKind.PAUSED):
            parts.append(_("%s de suspension") % exact_duration(held))
        return f"{_('Durée totale')}{NBSP}: {exact_duration(self.wall)} = {' + '.join(parts)}"


def ledger(
    segments: Sequence[Segment],
    holds: Sequence[Hold] = (),
    *,
    due_at: datetime | None,
    now: datetime | None = None,
    ended: str = "",
    seen_from: datetime | None = None,
) -> Ledger:
    """The ledger over the segments, one after the other.

    Lines are cut at the deadline; counted ones at `now` too while the promise runs: what comes
    after it is ahead. A night is not cut in two by whoever reads the page: it is the current line.
    The year is said when it is not the one of `seen_from`.
    """
    first, last = segments[0], segments[-1]
    start, end = _cut(first.start), _cut(last.end)
    due_at, now = due_at and _cut(due_at), now and _cut(now)
    changes = {_cut(segment.end): segment.then for segment in segments if segment.then}
    course = _Course(due_at, now, end if ended else None, ended, changes)
    days = _Days(start, seen_from or start)
    lines = tuple(_lines(_pieces(segments, holds), course, days))
    spare: tuple[Line, ...] = ()
    if ended and due_at is not None and due_at > end:
        rest = [last._replace(start=end, end=due_at)]
        spare = tuple(_lines(_pieces(rest, ()), _Course(due_at, None, None, "", {}), days))
    return Ledger(start, lines, spare, due_at, now, ended)


def _cut(at: datetime) -> datetime:
    """To the whole second, in UTC, where no instant occurs twice."""
    return at.astimezone(UTC).replace(microsecond=0)


class _Piece(NamedTuple):
    """A stretch before it is cut and told; `hold` is the index of its pause."""

    start: datetime
    end: datetime
    kind: StretchKind
    label: str
    short: str
    hold: Hold | None = None


class _Course(NamedTuple):
    """The instants at which lines are cut, and what ended the promise."""

    due_at: datetime | None
    now: datetime | None
    end: datetime | None
    ended: str
    changes: Mapping[datetime, str]


class _Days:
    """Says an instant, with its day when it is not the one said last."""

    def __init__(self, start: datetime, seen_from: datetime) -> None:
        self._said = paris(seen_from).date()
        self._first = _told_day(start, paris(seen_from).year)
        self._opening = True

    def when(self, start: datetime, end: datetime) -> str:
        head = f"{self._first} {exact_hour(start)}" if self._opening else exact_hour(start)
        if self._opening:
            self._said, self._opening = paris(start).date(), False
        tail = exact_hour(end)
        if paris(end).date() != self._said:
            tail = f"{_told_day(end, self._said.year)} {tail}"
            self._said = paris(end).date()
        return f"{head}{NBSP}→ {tail}"


def _told_day(at: datetime, year: int) -> str:
    local = paris(at).date()
    return day_without_year(local) if local.year == year else day(local)


def _pieces(segments: Sequence[Segment], holds: Sequence[Hold]) -> Iterator[_Piece]:
    """The stretches of all segments; neighbouring closed ones are one closure, with all its names.

    A week-end before a holiday is one time away from the desk for whoever waits.
    """
    spans = [(_cut(hold.start), hold.end and _cut(hold.end)) for hold in holds]
    found = [
        (stretch, segment)
        for segment in segments
        for stretch in segment.hours.ledger(_cut(segment.start), _cut(segment.end), spans)
    ]
    for shut, group in groupby(found, key=lambda pair: pair[0].kind in _SHUT):
        together = list(group)
        if shut:
            yield _closure([(s.start, s.end, s.kind, segment) for s, segment in together])
            continue
        for stretch, _segment in together:
            start, end = stretch.start.astimezone(UTC), stretch.end.astimezone(UTC)
            if stretch.pause is None:
                yield _Piece(start, end, stretch.kind, "", "")
            else:
                hold = holds[stretch.pause]
                yield _Piece(start, end, stretch.kind, hold.label, _("suspendu"), hold)


_Shut = tuple[datetime, datetime, StretchKind, Segment]


def _closure(parts: list[_Shut]) -> _Piece:
    """« support fermé (week-end) », « (nuit) », « (Toussaint) », or just closed."""
    start, end = parts[0][0], parts[-1][1]
    reasons = [_("week-end")] if any(_in_week_end(part) for part in parts) else []
    holidays = [
        segment.names.get(begins.date().isoformat(), _("jour férié"))
        for begins, _ends, kind, segment in parts
        if kind is StretchKind.HOLIDAY
    ]
    reasons += dict.fromkeys(holidays)
    if not reasons and end.date() != start.date() and end - start < timedelta(hours=24):
        reasons = [_("nuit")]
    label = _("support fermé")
    return _Piece(
        start.astimezone(UTC),
        end.astimezone(UTC),
        StretchKind.HOLIDAY if holidays else StretchKind.CLOSED,
        f"{label} ({', '.join(reasons)})" if reasons else label,
        (_("férié") if holidays else reasons[0]) if reasons else _("fermé"),
    )


def _in_week_end(part: _Shut) -> bool:
    """Whether it touches a Saturday or a Sunday that this calendar keeps closed."""
    start, end, _kind, segment = part
    last = (end - timedelta(microseconds=1)).date()
    days = min((last - start.date()).days, 6)
    dates = [start.date() + timedelta(days=n) for n in range(days + 1)]
    return any(d.weekday() >= 5 and not segment.hours.weekly[d.weekday()] for d in dates)


def _lines(pieces: Iterable[_Piece], course: _Course, days: _Days) -> Iterator[Line]:
    told: set[Hold] = set()
    for piece in pieces:
        for start, end in _parts(piece, course):
            hold = piece.hold if piece.hold not in told else None
            if hold is not None:
                told.add(hold)
            yield Line(
                start=start,
                end=end,
                kind=piece.kind,
                when=days.when(start, end),
                what=_what(piece, start, end, course),
                short=piece.short,
                reason=hold.reason if hold else "",
                by=hold.by if hold else "",
                is_ahead=course.now is not None and start >= course.now,
                is_late=course.due_at is not None and start >= course.due_at,
                is_current=course.now is not None and start < course.now < end,
            )


def _parts(piece: _Piece, course: _Course) -> Iterable[tuple[datetime, datetime]]:
    now = course.now if piece.kind is StretchKind.COUNTED else None
    edges = (course.due_at, now, *course.changes)
    cuts = {at for at in edges if at and piece.start < at < piece.end}
    return pairwise(sorted({piece.start, piece.end, *cuts}))


def _what(piece: _Piece, start: datetime, end: datetime, course: _Course) -> str:
    """What follows the figure, with what happened at the end of the line."""
    counted = piece.kind is StretchKind.COUNTED
    what = agreeing(exact_duration(end - start), _("comptée")) if counted else piece.label
    parts = [what]
    if counted and course.due_at is not None and start >= course.due_at:
        parts.append(_("après l’échéance"))
    if end == course.due_at:
        parts.append(_("échéance"))
    if end in course.changes:
        parts.append(course.changes[end])
    if end == course.end:
        parts.append(course.ended)
    return ", ".join(parts)
