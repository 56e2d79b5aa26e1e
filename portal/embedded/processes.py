"""Child processes: started in their own session, tied to our life, stopped in order.

Linux kills a child with its parent (PR_SET_PDEATHSIG), so that kill -9 of the launcher leaves
nothing behind. That signal follows the thread that started the child: start children from the
main thread only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.errors import ServiceError, StopRequestedError

# Loaded now: after the change of user, Python's own files may be out of reach.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1

TICK = 0.02  # seconds between two looks at what is awaited
StopSteps = Sequence[tuple[signal.Signals, float]]
GENTLE: StopSteps = ((signal.SIGTERM, 15.0),)


class Interruption:
    """What signals asked for; every wait of this package looks at it.

    An exception raised by the handler itself could fall between the birth of a child and the
    moment we know its pid, and orphan it.
    """

    def __init__(self) -> None:
        self.requested = False
        self.urgent = False

    def note(self) -> None:
        """A signal came: stop in order; a second one: kill what is left."""
        self.urgent = self.requested
        self.requested = True


interruption = Interruption()


def pause() -> None:
    """Wait a moment. Raises StopRequestedError when a signal asked to stop."""
    if interruption.requested:
        raise StopRequestedError
    time.sleep(TICK)


@dataclass(frozen=True)
class Identity:
    """The user that a child becomes."""

    uid: int
    gid: int


def unprivileged() -> Identity | None:
    """`nobody` when we are root, since PostgreSQL refuses to run as root; None otherwise."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise ServiceError(
            "PostgreSQL ne peut pas tourner en tant que root et l’utilisateur « nobody » n’existe "
            "pas : relancez avec un utilisateur ordinaire ou définissez DATABASE_URL."
        ) from None
    return Identity(entry.pw_uid, entry.pw_gid)


def _tie_to(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child runs before its program: die when `parent` does."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        # The parent may have died before the line above took effect.
        if os.getppid() != parent:
            os._exit(1)

    return tie


@dataclass
class Child:
    """One program that we run: its log, its way to stop."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path = Path("/")
    identity: Identity | None = None
    stop_steps: StopSteps = GENTLE
    pass_fds: tuple[int, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _asked: bool = field(default=False, repr=False)

    @property
    def pid(self) -> int:
        """Process id. Raises ServiceError when the program was not started."""
        if self._process is None:
            raise ServiceError(f"{self.name} n’est pas démarré.")
        return self._process.pid

    def start(self) -> None:
        """Start the program; its output goes to a fresh log, the previous one is kept as `.1`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        who = self.identity
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                list(self.argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self.env),
                cwd=self.cwd,
                # Else Ctrl-C in the terminal reaches the child before our own ordered stop.
                start_new_session=True,
                pass_fds=self.pass_fds,
                user=who.uid if who else None,
                group=who.gid if who else None,
                extra_groups=[] if who else None,
                # Safe here: the launcher has one thread, and the function calls libc only.
                preexec_fn=_tie_to(os.getpid(), self.stop_steps[0][0]),  # noqa: PLW1509
            )
        self._asked = False

    def exit_code(self) -> int | None:
        """None while the program runs; its exit code after (negative: the signal)."""
        if self._process is None:
            return None
        if self._process.returncode is None and _has_ended(self._process):
            _kill_group(self._process)
            self._process.wait()
        return self._process.returncode

    def tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.rstrip().splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        """Send the first stop signal, once, and return at once."""
        if self._process is not None and self.exit_code() is None and not self._asked:
            self._asked = True
            self._process.send_signal(self.stop_steps[0][0])

    def stop(self) -> None:
        """Stop: each signal of `stop_steps` with its patience in seconds, then SIGKILL."""
        if self._process is None:
            return
        self.ask_to_stop()
        for step, (signum, patience) in enumerate(self.stop_steps):
            if step and self.exit_code() is None:
                self._process.send_signal(signum)
            if self._ends_within(patience):
                return
        self.kill()

    def kill(self) -> None:
        """End the program and what it started, now."""
        if self._process is not None and self.exit_code() is None:
            _kill_group(self._process)
            self._process.wait()

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.exit_code() is None:
            if time.monotonic() > deadline or interruption.urgent:
                return False
            time.sleep(TICK)
        return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended, without reaping it where the system allows to look first.

    Until it is reaped its pid cannot be given to a stranger, so its group may be signalled.
    """
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_ready(child: Child, is_ready: Callable[[], bool], *, seconds: float) -> None:
    """Wait until `is_ready()`.

    Raises ServiceError with the last log lines when the child ends first or takes too long, and
    StopRequestedError when a signal asked to stop.
    """
    deadline = time.monotonic() + seconds
    while not is_ready():
        code = child.exit_code()
        if code is not None:
            raise ServiceError(_failure(child, f"s’est arrêté au démarrage (code {code})"))
        if time.monotonic() > deadline:
            raise ServiceError(_failure(child, f"n’est pas prêt après {seconds:.0f} secondes"))
        pause()


def _failure(child: Child, what: str) -> str:
    return f"{child.name} {what}. Journal : {child.log}\n{child.tail()}"


def run(child: Child) -> int:
    """Run a program to its end and return its exit code.

    Raises StopRequestedError, once the program is stopped, when a signal asked to stop.
    """
    try:
        child.start()
        while (code := child.exit_code()) is None:
            pause()
    finally:
        child.stop()
    return code
