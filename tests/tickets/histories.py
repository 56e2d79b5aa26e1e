"""Random histories of an incident, dense around the instants that break clocks.

The judge lives each history while it is drawn: it knows in which status an act is worth trying
and which instants are worth hitting exactly (a deadline, a rung, an opening, a closing, the end
of a window).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from sla.enums import CommitmentKind, Severity
from tests.sla.oracle import DAYS
from tests.sla.strategies import ANCHORS, LUNCH, OFFICE, ROUND, calendars
from tests.tickets.history_oracle import (
    ACKNOWLEDGEMENT,
    EVENTLESS,
    MINUTE,
    Done,
    Judge,
    Promised,
    instant,
)
from tickets.enums import Status

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
LONGEST = 14
# Less opening time in a week would make a target of days last for months of walking.
FEWEST_HOURS = 15

_ALWAYS = ["sweep", "sweep", "note", "message", "correct", "assign", "contract", "level"]
_ASKS = ["escalate", "answer", "ask_severity", "decline"]
_WAITING = ["message"] * 3 + ["resume"] * 2 + ["requalify"] * 3 + ["resolve"] * 2
USUAL: dict[Status, list[str]] = {
    Status.DECLARED: ["acknowledge"] * 6 + ["requalify"] * 3 + ["cancel"],
    Status.IN_PROGRESS: ["wait_customer", "wait_vendor", "requalify", "resolve"] * 3,
    Status.WAITING_CUSTOMER: [*_WAITING, "wait_vendor", "wait_vendor"],
    Status.WAITING_VENDOR: [*_WAITING, "wait_customer", "wait_customer"],
    Status.RESOLVED: ["reopen"] * 8 + ["accept"] * 2,
    Status.CLOSED: ["reopen"] * 8,
    Status.CANCELLED: ["reopen", "cancel"],
}
ACTS = sorted({act for acts in USUAL.values() for act in acts} | set(_ALWAYS + _ASKS))
# Who may try an act that both sides know.
BY = {
    "message": ["customer", "customer", "engineer"],
    "reopen": ["customer", "engineer"],
    "cancel": ["engineer", "customer"],
    "accept": ["customer"],
    "correct": ["manager", "manager", "manager", "engineer"],
    "escalate": ["customer", "customer", "customer", "engineer"],
    "answer": ["manager", "manager", "manager", "engineer"],
    "ask_severity": ["customer", "customer", "customer", "engineer"],
}


class History(NamedTuple):
    """What was promised, and every act with its instant, the declaration first."""

    promised: Promised
    acts: tuple[Done, ...]

    def __str__(self) -> str:
        calendar = self.promised.calendar
        lines = [f"calendar {calendar}"]
        lines += [
            f"{kind.value} {severity.value}: {minutes} min"
            for (kind, severity), minutes in self.promised.minutes.items()
        ]
        lines.append(f"pauses on vendor: {self.promised.pauses_on_vendor}")
        lines += [f"{number:3d}. {_told(act)}" for number, act in enumerate(self.acts)]
        return "\n".join(lines)


def _told(act: Done) -> str:
    words = [act.at.isoformat(), act.what, f"by {act.by}"]
    words += [f"→ {act.severity.value}"] if act.severity else []
    words += [f"[{act.moment.isoformat()}]"] if act.moment else []
    return " ".join([*words, "acknowledged on the call"] if act.on_call else words)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A declaration and up to fourteen acts, some of them refused."""
    anchor = draw(st.sampled_from(ANCHORS) | st.dates(date(2012, 1, 1), date(2034, 12, 31)))
    promised = draw(_terms(anchor))
    judge = Judge(promised)
    acts = [draw(_declaration(anchor))]
    accepted = judge.apply(acts[0])
    for _ in range(draw(st.integers(3, LONGEST))):
        act = _next_act(draw, judge, acts[-1], accepted)
        accepted = judge.apply(act)
        acts.append(act)
    end = max(act.at for act in acts) + draw(_gaps())
    return History(promised, (*acts, Done("sweep", end)))


@st.composite
def unanswered(draw: st.DrawFn) -> History:
    """A customer who is awaited and reminded twice, then up to six acts around the closure."""
    anchor = draw(st.sampled_from(ANCHORS))
    promised = draw(_terms(anchor))
    judge = Judge(promised)
    acts = [draw(_declaration(anchor))]
    accepted = judge.apply(acts[0])
    for what in ("acknowledge", "wait_customer", "sweep", "sweep"):
        soonest = max(acts[-1].at, instant(judge.next_reminder() or judge.now))
        acts.append(Done(what, soonest + draw(_seconds(0, 3600))))
        accepted = judge.apply(acts[-1])
    for _ in range(draw(st.integers(1, 6))):
        acts.append(_next_act(draw, judge, acts[-1], accepted))
        accepted = judge.apply(acts[-1])
    end = max(act.at for act in acts) + draw(_gaps())
    return History(promised, (*acts, Done("sweep", end)))


@st.composite
def _terms(draw: st.DrawFn, anchor: date) -> Promised:
    def minutes(kind: CommitmentKind) -> st.SearchStrategy[int]:
        if kind is ACKNOWLEDGEMENT:
            return st.sampled_from([1, 30, 60, 120, 240]) | st.integers(1, 300)
        return st.sampled_from([60, 240, 540, 1620]) | st.integers(1, 1620)

    calendar = draw(calendars(anchor))
    if _open_hours(calendar["weekly"]) < FEWEST_HOURS:
        day = draw(st.sampled_from([OFFICE, LUNCH, ROUND]))
        calendar["weekly"] = dict.fromkeys(DAYS if day is ROUND else DAYS[:5], day)
    return Promised(
        calendar=calendar,
        minutes={(k, s): draw(minutes(k)) for k in CommitmentKind for s in Severity},
        pauses_on_vendor=draw(st.booleans()),
    )


def _open_hours(weekly: dict[str, list[list[str]]]) -> float:
    def clock(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    return sum(clock(b) - clock(a) for day in weekly.values() for a, b in day) / 60


@st.composite
def _declaration(draw: st.DrawFn, anchor: date) -> Done:
    midnight = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    at = midnight + draw(_seconds(-3 * 86_400, 3 * 86_400))
    severity = draw(st.sampled_from(Severity))
    if draw(st.integers(0, 3)):
        return Done("declare", at, "customer", severity)
    # A call: of these days by an engineer, of the last weeks by a manager (S3).
    by, days = draw(st.sampled_from([("engineer", 2), ("manager", 12)]))
    began_at = at - draw(_seconds(0, days * 86_400))
    return Done("declare", at, by, severity, began_at, draw(st.booleans()))


def _next_act(draw: st.DrawFn, judge: Judge, last: Done, accepted: bool) -> Done:
    at = _instant(draw, judge, last, accepted and last.what not in EVENTLESS)
    usual = USUAL[judge.status] * 2 + _ALWAYS + _ASKS
    what = draw(st.sampled_from(usual)) if draw(st.integers(0, 9)) else draw(st.sampled_from(ACTS))
    by = draw(st.sampled_from(BY.get(what, ["engineer"])))
    if what in {"requalify", "ask_severity"}:
        return Done(what, at, by, severity=draw(st.sampled_from(Severity)))
    if what == "correct":
        return Done(what, at, by, moment=_corrected(draw, judge, at))
    return Done(what, at, by)


def _instant(draw: st.DrawFn, judge: Judge, last: Done, recorded: bool) -> datetime:
    """Usually later than the last act; sometimes at it, or before it by a clock set back.

    Set back only after an act that left an event: the incident's own clock goes by events.
    """
    kind = draw(st.sampled_from(["soon"] * 5 + ["exactly"] * 4 + ["days"] * 2 + ["same", "back"]))
    latest = max(last.at, instant(judge.now))
    if kind == "exactly":
        landmark = instant(draw(st.sampled_from(_landmarks(judge))))
        shift = draw(st.sampled_from([timedelta(0)] * 3 + [MICROSECOND, -MICROSECOND, SECOND]))
        return max(landmark + shift, latest)
    if kind == "back" and recorded:
        return latest - draw(_seconds(0, 3600))
    if kind in {"same", "back"}:
        return latest
    return latest + draw(_seconds(0, 4 * 3600) if kind == "soon" else _gaps())


def _landmarks(judge: Judge) -> list[int]:
    """Instants to come that something hinges on."""
    now, desk = judge.now, judge.desk
    found = [now, desk.used_up(now, 0), _next_closing(judge)]
    for watch in judge.watches:
        if judge.is_running(watch):
            found.append(desk.used_up(now, max(watch.left, 0)))
            ahead = (watch.whole * percent // 100 - watch.lived for percent in (50, 75, 150))
            found += [desk.used_up(now, time) for time in ahead if time > 0]
    if judge.status is Status.RESOLVED:
        found.append(judge.window_end())
    found += [at for at in (judge.next_reminder(), judge.closes_at) if at is not None] * 2
    return found


def _next_closing(judge: Judge) -> int:
    end = judge.now
    for a, b in judge.desk.pieces(judge.now, judge.now + 7 * 1440 * MINUTE):
        if end not in {judge.now, a}:
            break
        end = b
    return end


def _corrected(draw: st.DrawFn, judge: Judge, at: datetime) -> datetime:
    """An instant of the present cycle, its deadline among them, now and then out of bounds."""
    watch = judge.current(ACKNOWLEDGEMENT)
    started, due = instant(watch.started), instant(judge.due(watch) or judge.now)
    shift = draw(st.sampled_from([timedelta(0), MICROSECOND, -MICROSECOND, SECOND]))
    span = max(int((at - started).total_seconds()), 0)
    somewhere = started + timedelta(seconds=draw(st.integers(0, span)))
    return draw(st.sampled_from([started, due + shift, somewhere, somewhere, at, at + shift]))


def _gaps() -> st.SearchStrategy[timedelta]:
    return st.one_of(*[_seconds(0, days * 86_400) for days in (1, 4, 4, 20)])


def _seconds(low: int, high: int) -> st.SearchStrategy[timedelta]:
    quarters = st.integers(low // 900, high // 900).map(lambda n: n * 900)
    return (quarters | st.integers(low, high)).map(lambda seconds: timedelta(seconds=seconds))
