"""What the launcher says on the terminal: each step with its duration, in French."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

LOGINS = [
    ("client@demo.example", "contact d’une société"),
    ("referent@demo.example", "référent de la même société"),
    ("client@autre.example", "contact d’une autre société"),
    ("ingenieur@demo.example", "ingénieur du support"),
    ("responsable@demo.example", "responsable du support"),
    ("admin@demo.example", "administrateur"),
]
PASSWORD = "demo-portail"  # noqa: S105  (shown to everybody, demo only)


def say(text: str = "", *, end: str = "\n") -> None:
    """Print, even to a terminal that is gone: a stop goes on to its end."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + end)
        sys.stdout.flush()


def duration(seconds: float) -> str:
    """« 1,2 s »."""
    return f"{seconds:.1f} s".replace(".", ",")


@contextlib.contextmanager
def step(label: str) -> Iterator[None]:
    """Announce a step, then the time it took."""
    began = time.monotonic()
    say(f"  {label}… ", end="")
    try:
        yield
    except BaseException:
        say()
        raise
    say(duration(time.monotonic() - began))


def welcome(address: str, seconds: float) -> None:
    """Where the portal is, who may sign in, where mails are read."""
    width = max(len(login) for login, _ in LOGINS)
    say(f"\nLe portail est prêt en {duration(seconds)} : {address}/")
    say(f"\nComptes de démonstration, mot de passe « {PASSWORD} » :")
    for login, role in LOGINS:
        say(f"  {login:<{width}}  {role}")
    say(f"\nE-mails envoyés : {address}/demo/courrier/")
    say("Ctrl-C pour tout arrêter. Les données sont gardées pour la prochaine fois.\n")
