"""`make demo`: the whole portal on this machine, with one command.

`python -m portal.demo.launcher [--reset]`. Exit codes: 0 stopped on request, 1 something failed,
2 a demo of this checkout is running already.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from portal.demo.launcher_console import duration, say, step, welcome
from portal.demo.launcher_services import FIRST_PORT, Demo
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.places import own_folder
from portal.embedded.processes import interruption

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
FOLDER = LOCAL / "demo"
STOPPED, FAILED, ALREADY_RUNNING = 0, 1, 2


def main() -> int:
    """Run the demo until it is stopped; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m portal.demo.launcher", description="Lance le portail de démonstration."
    )
    parser.add_argument("--reset", action="store_true", help="repart de données neuves")
    options = parser.parse_args()
    # Mails, files and logs of the demo are for who runs it alone.
    os.umask(0o077)
    # Before any child is born: a signal in between would orphan it.
    _listen_to_signals()
    own_folder(LOCAL)
    with (LOCAL / "demo.lock").open("a+") as lock:
        if not _take(lock):
            say(_already_running(lock))
            return ALREADY_RUNNING
        return _run(lock, reset=options.reset)


def _run(lock: IO[str], *, reset: bool) -> int:
    began = time.monotonic()
    demo = Demo(ROOT, FOLDER)
    _sign(lock, demo.address)
    code = STOPPED
    try:
        if reset:
            with step("Effacement des données de démonstration"):
                demo.reset()
        say(f"Démarrage du portail de démonstration (journaux : {FOLDER / 'journaux'})")
        if demo.port != FIRST_PORT:
            say(f"  Le port {FIRST_PORT} est pris : le portail sera à l’adresse {demo.address}/")
        demo.start()
        welcome(demo.address, time.monotonic() - began)
        demo.watch()
    except StopRequestedError:
        pass
    except (ServiceError, OSError) as error:
        say(f"\n{error}")
        code = FAILED
    finally:
        _stop(demo)
    return FAILED if interruption.urgent else code


def _stop(demo: Demo) -> None:
    began = time.monotonic()
    say("\nArrêt en cours… ", end="")
    demo.stop()
    if interruption.urgent:
        say("interrompu : les processus ont été tués.")
    else:
        say(f"tout est arrêté ({duration(time.monotonic() - began)}).")


def _listen_to_signals() -> None:
    """Ctrl-C, TERM and the loss of the terminal ask for an ordered stop.

    A launcher started in the background by a script inherits SIGINT ignored; it listens all the
    same. SIGHUP stays ignored under nohup, which is what nohup is for.
    """
    signal.signal(signal.SIGINT, _note)
    signal.signal(signal.SIGTERM, _note)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _note)


def _note(signum: int, frame: FrameType | None) -> None:
    interruption.note()


def _take(lock: IO[str]) -> bool:
    """Hold the lock of this checkout; the system gives it back whatever ends us."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(lock: IO[str], address: str) -> None:
    """Say in the lock who holds it, for the next one who tries."""
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()} {address}/\n")
    lock.flush()


def _already_running(lock: IO[str]) -> str:
    lock.seek(0)
    pid, _, address = lock.read().strip().partition(" ")
    where = f" à l’adresse {address}" if address else ""
    who = f" (processus {pid})" if pid else ""
    return (
        f"Une démonstration de ce dossier tourne déjà{where}{who} : utilisez-la, ou arrêtez-la "
        "par Ctrl-C avant d’en lancer une autre."
    )


if __name__ == "__main__":
    sys.exit(main())
