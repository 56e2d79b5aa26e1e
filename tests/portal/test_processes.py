"""Child processes: they die with us, stop in order, and never leave anything behind."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded import processes
from portal.embedded.errors import ServiceError, StopRequestedError
from portal.embedded.keys import kept_secret
from portal.embedded.ports import free_port, listen_from
from portal.embedded.processes import Child, StopSteps, wait_ready

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="children die with us on Linux only")

# A launcher as others write it: no signal handler of its own, a PostgreSQL and a Valkey.
# A shell that starts the tests with `&` has SIGINT ignored, and children inherit it: the launcher
# would not hear ours, and end by itself a minute later.
LAUNCHER = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from portal.embedded.postgres import PostgresServer
from portal.embedded.valkey import ValkeyServer
folder = Path(sys.argv[1])
print("begun", flush=True)
with ValkeyServer(folder / "valkey"), PostgresServer(folder / "pg", durable=False):
    print("ready", flush=True)
    time.sleep(60)
"""


def _python(tmp_path: Path, source: str, *, steps: StopSteps = processes.GENTLE) -> Child:
    """A child that runs some Python."""
    return Child(
        name="Essai",
        argv=[sys.executable, "-u", "-c", source],
        log=tmp_path / "essai.log",
        env=dict(os.environ),
        cwd=ROOT,
        stop_steps=steps,
    )


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _says(child: Child, words: str) -> Callable[[], bool]:
    return lambda: words in child.tail()


def _started(child: Child, words: str = "ready") -> Child:
    child.start()
    wait_ready(child, _says(child, words), seconds=20)
    return child


def _exists(pid: int) -> bool:
    """Whether a process lives; one that nobody has reaped yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _descendants(pid: int) -> list[int]:
    """Its children and theirs; one that ends while we look has none (initdb's helpers do)."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [one for child in children for one in (int(child), *_descendants(int(child)))]


# --- Dying with us ----------------------------------------------------------------------------


@pytest.fixture
def launcher(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A launcher in its own process; its first line has been read."""
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        yield process
        process.kill()


@linux
def test_kill_9_of_a_launcher_leaves_no_process(launcher: subprocess.Popen[str]) -> None:
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "ready\n"
    family = _descendants(launcher.pid)
    assert len(family) >= 5  # Valkey, the postmaster and PostgreSQL's own

    launcher.kill()
    launcher.wait()

    assert _until(lambda: not any(map(_exists, family)))


@linux
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("delay", [0.05, 0.3, 0.6])
def test_a_signal_during_the_start_leaves_no_process(
    launcher: subprocess.Popen[str], folder: Path, signum: signal.Signals, delay: float
) -> None:
    time.sleep(delay)
    launcher.send_signal(signum)
    # It ends because of the signal, not of itself.
    assert launcher.wait() != 0

    def nobody_works_there() -> bool:
        return not [pid for pid in _everybody() if str(folder) in _command(pid)]

    assert _until(nobody_works_there)


def _everybody() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@linux
def test_kill_9_of_a_test_run_leaves_no_process_and_the_next_run_no_folder(
    tmp_path: Path,
) -> None:
    test = tmp_path / "test_nothing.py"
    test.write_text("import time\ndef test_it(): print('here', flush=True); time.sleep(60)\n")
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    argv = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-s", str(test)]
    with subprocess.Popen(
        argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert any("here" in line for line in run.stdout)
        family = _descendants(run.pid)
        folders = {_run_folder(pid) for pid in family} - {None}
        run.kill()
    ended = _until(lambda: not any(map(_exists, family)))

    subprocess.run([*argv, "--maxfail=1", "-k", "none"], cwd=ROOT, env=environment, check=False)

    assert ended
    assert len(folders) == 1
    assert not any(folder.exists() for folder in folders if folder)


def _run_folder(pid: int) -> Path | None:
    """The folder of the test run that a PostgreSQL server belongs to."""
    for word in _command(pid).split("\0"):
        for folder in Path(word).parents:
            if folder.name.startswith("run-"):
                return folder
    return None


# --- Stopping ---------------------------------------------------------------------------------


def test_a_child_has_its_own_session(tmp_path: Path) -> None:
    """Ctrl-C in the terminal must not reach it before our own ordered stop."""
    child = _started(_python(tmp_path, "import time; print('ready'); time.sleep(60)"))
    session = os.getsid(child.pid)
    expected = child.pid
    child.stop()

    assert session == expected


def test_a_child_is_asked_to_stop_first(tmp_path: Path) -> None:
    child = _started(
        _python(
            tmp_path,
            "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: (print('asked'), sys.exit(7)))\n"
            "print('ready')\ntime.sleep(60)",
        )
    )

    child.stop()

    assert (child.exit_code(), child.tail(1)) == (7, "asked")


def test_it_is_asked_once(tmp_path: Path) -> None:
    """A second TERM tells a Celery worker to drop what it does."""
    child = _started(
        _python(
            tmp_path,
            "import signal, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: print('asked'))\n"
            "print('ready')\nfor _ in range(20): time.sleep(0.05)",
        )
    )

    child.ask_to_stop()
    child.stop()

    assert child.tail().count("asked") == 1


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    child = _started(
        _python(
            tmp_path,
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "print('ready')\ntime.sleep(60)",
            steps=((signal.SIGTERM, 0.2),),
        )
    )

    child.stop()

    assert child.exit_code() == -signal.SIGKILL


def test_each_step_has_its_signal(tmp_path: Path) -> None:
    child = _started(
        _python(
            tmp_path,
            # A shell that starts the tests with `&` has SIGQUIT ignored, and children inherit it.
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "signal.signal(signal.SIGQUIT, signal.SIG_DFL)\n"
            "print('ready')\ntime.sleep(60)",
            steps=((signal.SIGTERM, 0.2), (signal.SIGQUIT, 10.0)),
        )
    )

    child.stop()

    assert child.exit_code() == -signal.SIGQUIT


@linux
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_what_a_child_started_ends_with_it(tmp_path: Path, how: str) -> None:
    child = _started(
        _python(
            tmp_path,
            "import subprocess, time\n"
            "print('ready', subprocess.Popen(['/bin/sleep', '60']).pid)\ntime.sleep(60)",
        )
    )
    grandchild = int(child.tail(1).split()[1])

    getattr(child, how)()

    assert _until(lambda: not _exists(grandchild), seconds=5)


@linux
def test_what_a_dead_child_started_ends_too(tmp_path: Path) -> None:
    child = _started(
        _python(
            tmp_path,
            "import subprocess\nprint('ready', subprocess.Popen(['/bin/sleep', '60']).pid)",
        )
    )
    grandchild = int(child.tail(1).split()[1])

    assert _until(lambda: child.exit_code() == 0)
    assert _until(lambda: not _exists(grandchild), seconds=5)


def test_stopping_what_never_started_does_nothing(tmp_path: Path) -> None:
    child = _python(tmp_path, "")

    child.stop()

    assert child.exit_code() is None


def test_an_urgent_stop_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "interruption", processes.Interruption())
    child = _started(
        _python(
            tmp_path,
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "print('ready')\ntime.sleep(60)",
        )
    )
    processes.interruption.note()
    processes.interruption.note()

    began = time.monotonic()
    child.stop()

    assert child.exit_code() == -signal.SIGKILL
    assert time.monotonic() - began < 5


# --- Starting ---------------------------------------------------------------------------------


def test_a_child_that_ends_instead_of_getting_ready_is_quoted(tmp_path: Path) -> None:
    child = _python(tmp_path, "import sys; print('le port est pris'); sys.exit(3)")
    child.start()

    with pytest.raises(ServiceError) as failure:
        wait_ready(child, lambda: False, seconds=20)

    assert str(failure.value) == (
        f"Essai s’est arrêté au démarrage (code 3). Journal\u00a0: {child.log}\nle port est pris"
    )


def test_a_child_that_takes_too_long_is_named(tmp_path: Path) -> None:
    child = _python(tmp_path, "import time; time.sleep(60)")
    child.start()

    with pytest.raises(ServiceError, match=r"Essai n’est pas prêt après 0 secondes"):
        wait_ready(child, lambda: False, seconds=0.1)
    child.stop()


def test_a_request_to_stop_ends_every_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "interruption", processes.Interruption())
    child = _python(tmp_path, "import time; time.sleep(60)")
    processes.interruption.note()

    with pytest.raises(StopRequestedError):
        processes.run(child)

    assert child.exit_code() == -signal.SIGTERM


def test_the_log_of_the_previous_run_is_kept(tmp_path: Path) -> None:
    for word in ("un", "deux", "trois"):
        processes.run(_python(tmp_path, f"print('{word}')"))

    logs = [(path.name, path.read_text()) for path in sorted(tmp_path.glob("*.log*"))]
    assert logs == [("essai.log", "trois\n"), ("essai.log.1", "deux\n")]


# --- Ports and keys ---------------------------------------------------------------------------


def test_a_taken_port_is_skipped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listener = listen_from(port)
        found = listener.getsockname()[1]
        listener.close()

    assert port < found < port + 100


def test_two_who_ask_at_once_get_two_ports() -> None:
    first = listen_from(free_port())
    second = listen_from(first.getsockname()[1])
    ports = {first.getsockname()[1], second.getsockname()[1]}
    first.close()
    second.close()

    assert len(ports) == 2


def test_a_port_is_free_again_right_after_a_stop() -> None:
    """A connection that the server closed lingers for a minute; the port must not."""
    listener = listen_from(free_port())
    address = listener.getsockname()
    with socket.create_connection(address) as client:
        served, _ = listener.accept()
        served.close()
        assert client.recv(1) == b""
    listener.close()

    again = listen_from(address[1])
    found = again.getsockname()
    again.close()
    assert found == address


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one"

    assert kept_secret(path) == kept_secret(path)
    assert len(kept_secret(path)) == 60
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_left_open_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "one"
    kept_secret(path)
    path.chmod(0o644)

    kept_secret(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_who_make_a_secret_at_once_share_it(tmp_path: Path) -> None:
    path = tmp_path / "one"
    barrier = threading.Barrier(8, timeout=60)
    seen: list[str] = []

    def read() -> None:
        barrier.wait()
        seen.append(kept_secret(path))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 8
    assert len(set(seen)) == 1
