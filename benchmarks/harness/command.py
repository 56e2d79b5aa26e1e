"""What every measure's command line shares: being told to stop, sizes, the last word."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from portal.embedded.processes import interruption

STOPPED = "Stopped before the end."


def stop_when_told(limit_seconds: int) -> None:
    """Ctrl-C, TERM, HUP and the limit ask for an ordered end: every wait of ours looks at it."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(signum, _note)
    signal.alarm(limit_seconds)


def _note(signum: int, frame: FrameType | None) -> None:
    say(f"{signal.Signals(signum).name}: stopping.")
    interruption.note()


def sizes(text: str) -> list[int]:
    """« 1000,100000 » as numbers, the smallest first."""
    return sorted(int(size) for size in text.split(","))


def say(text: str) -> None:
    """Where the measure is; the tables alone go to the standard output."""
    print(text, file=sys.stderr, flush=True)


def failed(why: object) -> int:
    """Say why, and give the exit code of a measure that has no answer."""
    say(str(why))
    return 2
