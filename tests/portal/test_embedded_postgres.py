"""The embedded PostgreSQL: its roles, its data across restarts, what it refuses."""

from __future__ import annotations

import importlib.util
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from portal.embedded import places
from portal.embedded.errors import ServiceError
from portal.embedded.postgres import PostgresServer
from portal.embedded.processes import Identity

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes user")


def _shared(name: str) -> Path:
    return places.own_folder(Path(os.environ["PORTAL_DATA_DIR"]).parent / "servers") / name


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One running server with the database « portal », for tests that only ask."""
    postgres = PostgresServer(_shared("running"), durable=False)
    with postgres:
        postgres.create_database("portal")
        yield postgres
    postgres.destroy()


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """The folder of a server that ran once: a copy is much faster than a new cluster."""
    home = _shared("prepared")
    postgres = PostgresServer(home, durable=False)
    with postgres:
        postgres.create_database("portal")
    yield home
    postgres.destroy()


@pytest.fixture
def stopped(prepared: Path, folder: Path) -> Path:
    """The folder of a stopped server, of the test's own."""
    subprocess.run(["/bin/cp", "-a", str(prepared), str(folder / "pg")], check=True)
    return folder / "pg"


def _ask(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, each in its own transaction, and give the rows of the last one."""
    link = psycopg2.connect(url)
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        link.close()


def _refusal(url: str, statement: str) -> str:
    with pytest.raises(psycopg2.Error) as refused:
        _ask(url, statement)
    return str(refused.value).splitlines()[0]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- Roles ------------------------------------------------------------------------------------


def test_each_role_has_its_address(server: PostgresServer) -> None:
    addresses = (server.owner_url("portal"), server.app_url("portal"))

    assert [_ask(url, "SELECT current_user") for url in addresses] == [
        [("portal_owner",)],
        [("portal_app",)],
    ]


def test_neither_role_is_a_superuser(server: PostgresServer) -> None:
    rows = _ask(
        server.owner_url("portal"),
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname IN ('portal_app', 'portal_owner') ORDER BY 1",
    )

    assert rows == [("portal_app", False, False, False), ("portal_owner", False, False, True)]


@pytest.mark.parametrize("password", ["", ":wrong"])
def test_nobody_enters_without_the_password(server: PostgresServer, password: str) -> None:
    port = urlsplit(server.app_url("portal")).port

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgres://portal_app{password}@127.0.0.1:{port}/portal")


def test_it_listens_on_the_loopback_only(server: PostgresServer) -> None:
    rows = _ask(
        server.owner_url("portal"),
        "SELECT current_setting('listen_addresses'), inet_server_addr()::text",
    )

    assert rows == [("127.0.0.1", "127.0.0.1/32")]


def test_the_owner_owns_the_database_and_its_schema(server: PostgresServer) -> None:
    rows = _ask(
        server.owner_url("portal"),
        "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'portal' UNION ALL"
        " SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'",
    )

    assert rows == [("portal_owner",), ("portal_owner",)]


def test_the_application_reads_and_writes_what_the_owner_makes(server: PostgresServer) -> None:
    _ask(server.owner_url("portal"), "CREATE TABLE made (id bigserial, label text)")

    rows = _ask(
        server.app_url("portal"),
        "INSERT INTO made (label) VALUES ('a'), ('b')",
        "UPDATE made SET label = 'c' WHERE id = 2",
        "DELETE FROM made WHERE id = 1",
        "SELECT id, label FROM made",
    )
    _ask(server.owner_url("portal"), "DROP TABLE made")
    assert rows == [(2, "c")]


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE kept",
        "DROP TABLE kept",
        "ALTER TABLE kept DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
        "CREATE ROLE friend",
        "CREATE DATABASE mine",
        "SET ROLE portal_owner",
    ],
)
def test_the_application_may_not(server: PostgresServer, statement: str) -> None:
    _ask(server.owner_url("portal"), "CREATE TABLE IF NOT EXISTS kept (id int)")

    assert "permission denied" in _refusal(server.app_url("portal"), statement).replace(
        "must be owner", "permission denied"
    )


def test_the_owner_may_take_rights_away(server: PostgresServer) -> None:
    _ask(
        server.owner_url("portal"),
        "CREATE TABLE history (id int)",
        "REVOKE UPDATE, DELETE ON history FROM portal_app",
    )

    refusal = _refusal(server.app_url("portal"), "DELETE FROM history")
    _ask(server.owner_url("portal"), "DROP TABLE history")
    assert refusal == "permission denied for table history"


# --- Databases --------------------------------------------------------------------------------


def test_a_database_made_by_the_owner_inherits_extensions_and_rights(
    server: PostgresServer,
) -> None:
    """What the tests rely on: template1 is prepared, not only « portal »."""
    _ask(server.owner_url("portal"), "CREATE DATABASE inherited")
    _ask(server.owner_url("inherited"), "CREATE TABLE made (label text)")

    rows = _ask(
        server.app_url("inherited"),
        "INSERT INTO made VALUES ('Éric')",
        "SELECT unaccent(label), similarity(label, 'Éric') FROM made",
    )
    _ask(server.owner_url("portal"), "DROP DATABASE inherited WITH (FORCE)")
    assert rows == [("Eric", 1.0)]


def test_an_exclusion_constraint_over_text_and_time_is_possible(server: PostgresServer) -> None:
    rows = _ask(server.app_url("portal"), "SELECT extname FROM pg_extension ORDER BY 1")

    assert rows == [("btree_gist",), ("pg_trgm",), ("plpgsql",), ("unaccent",)]


def test_creating_a_database_again_keeps_it(server: PostgresServer) -> None:
    _ask(server.owner_url("portal"), "CREATE TABLE there (id int)")

    server.create_database("portal")

    rows = _ask(server.owner_url("portal"), "SELECT count(*) FROM there")
    _ask(server.owner_url("portal"), "DROP TABLE there")
    assert rows == [(0,)]


def test_the_locale_is_the_builtin_one(server: PostgresServer) -> None:
    """The same order and case rules on every machine, whatever its own language."""
    rows = _ask(
        server.app_url("portal"),
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = 'portal'",
    )

    assert rows == [("b", "C.UTF-8", "UTF8")]


# --- Life and death ---------------------------------------------------------------------------


def test_a_second_start_finds_the_data(stopped: Path) -> None:
    with PostgresServer(stopped, durable=True) as first:
        _ask(first.owner_url("portal"), "CREATE TABLE kept AS SELECT 42 AS value")

    with PostgresServer(stopped, durable=True) as second:
        assert _ask(second.app_url("portal"), "SELECT value FROM kept") == [(42,)]


@pytest.mark.parametrize(("durable", "expected"), [(True, "on"), (False, "off")])
def test_only_a_throwaway_cluster_skips_the_disk(
    stopped: Path, durable: bool, expected: str
) -> None:
    with PostgresServer(stopped, durable=durable) as postgres:
        assert _ask(postgres.owner_url("postgres"), "SHOW fsync") == [(expected,)]


def test_two_servers_run_at_once(server: PostgresServer, stopped: Path) -> None:
    with PostgresServer(stopped, durable=False) as other:
        ports = {urlsplit(each.app_url("postgres")).port for each in (server, other)}
        assert len(ports) == 2


def test_it_starts_again_after_kill_9(stopped: Path) -> None:
    """The pid file that is left says « ready »: it must not be believed."""
    killed = PostgresServer(stopped, durable=True)
    killed.start()
    os.kill(killed.child.pid, signal.SIGKILL)
    killed.child.stop()
    assert (killed.cluster / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"

    with PostgresServer(stopped, durable=True) as again:
        assert _ask(again.app_url("portal"), "SELECT 1") == [(1,)]


def test_an_orphan_of_the_same_folder_is_stopped(stopped: Path) -> None:
    """Where children do not die with their launcher (macOS), the next start takes over."""
    orphan = PostgresServer(stopped, durable=False)
    orphan.start()
    try:
        with PostgresServer(stopped, durable=False) as owner:
            assert orphan.child.exit_code() == 0
            assert _ask(owner.owner_url("postgres"), "SELECT 1") == [(1,)]
    finally:
        orphan.stop()


def test_a_pid_file_that_names_a_stranger_hurts_nobody(stopped: Path) -> None:
    """After a reboot the number of a dead server may belong to any program."""
    postgres = PostgresServer(stopped, durable=False)
    with postgres:
        lines = (postgres.cluster / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        lines[0] = str(stranger.pid)
        (postgres.cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with postgres:
            rows = _ask(postgres.owner_url("postgres"), "SELECT 1")
        alive = stranger.poll() is None
        stranger.kill()

    assert (rows, alive) == ([(1,)], True)


def test_the_environment_of_the_user_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGHOST": "192.0.2.1",
        "PGUSER": "somebody",
        "PGDATA": "/nowhere",
        "PGOPTIONS": "-c nothing=1",
        "LC_ALL": "xx_YY.nonsense",
        "LANG": "tr_TR.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)

    with PostgresServer(folder / "pg", durable=False) as postgres:
        monkeypatch.delenv("PGOPTIONS")  # ours is a client too
        assert _ask(postgres.owner_url("postgres"), "SELECT 1") == [(1,)]


def test_a_broken_start_leaves_no_process(stopped: Path) -> None:
    postgres = PostgresServer(stopped, durable=False)
    with postgres:
        configuration = postgres.cluster / "postgresql.conf"
    configuration.write_text("no_such_setting = 1\n")

    with pytest.raises(ServiceError) as failure:
        postgres.start()

    assert not postgres.is_running
    assert str(failure.value).startswith("PostgreSQL s’est arrêté au démarrage (code 1). Journal")
    assert "no_such_setting" in str(failure.value)


# --- Files ------------------------------------------------------------------------------------


def test_passwords_are_for_their_owner_alone(prepared: Path) -> None:
    keys = sorted((prepared / "keys").iterdir())

    assert [(key.name, _mode(key)) for key in keys] == [
        ("portal", 0o600),
        ("portal_app", 0o600),
        ("portal_owner", 0o600),
    ]


def test_the_cluster_is_closed_to_others(prepared: Path) -> None:
    assert _mode(prepared / "cluster") == 0o700


def test_the_password_file_of_the_first_start_is_gone(prepared: Path) -> None:
    assert list(prepared.glob("*password*")) == []


def test_an_interrupted_creation_is_begun_again(folder: Path) -> None:
    draft = places.own_folder(folder / "pg") / "cluster.new"
    draft.mkdir()
    (draft / "half").write_text("")

    with PostgresServer(folder / "pg", durable=False) as postgres:
        assert _ask(postgres.owner_url("postgres"), "SELECT 1") == [(1,)]


def test_an_incomplete_cluster_is_refused_and_kept(folder: Path) -> None:
    (folder / "pg" / "cluster" / "base").mkdir(parents=True)

    with pytest.raises(ServiceError, match=r"n’est pas complet.*demo-reset"):
        PostgresServer(folder / "pg", durable=False).start()

    assert (folder / "pg" / "cluster" / "base").is_dir()


def test_data_of_another_version_are_refused_and_kept(stopped: Path) -> None:
    postgres = PostgresServer(stopped, durable=False)
    with postgres:
        version = postgres.cluster / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(ServiceError) as refusal:
        postgres.start()

    assert "viennent de PostgreSQL 17" in str(refusal.value)
    assert "est PostgreSQL 18" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert version.read_text() == "17\n"


def test_destroy_leaves_nothing(folder: Path, stopped: Path) -> None:
    postgres = PostgresServer(stopped, durable=False)
    postgres.start()

    postgres.destroy()

    assert list(folder.iterdir()) == []


def test_without_the_package_it_says_which_variable_to_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ServiceError, match=r"make setup.*DATABASE_URL"):
        PostgresServer(folder / "pg", durable=False).start()


# --- Users ------------------------------------------------------------------------------------


@as_root
def test_as_root_the_server_runs_as_nobody(server: PostgresServer) -> None:
    assert Path(f"/proc/{server.child.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_under_a_closed_folder_data_go_elsewhere_and_the_folder_stays_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    postgres = PostgresServer(closed / "pg", durable=False)
    try:
        with postgres:
            rows = _ask(postgres.owner_url("postgres"), "SELECT 1")
            elsewhere = postgres.cluster
    finally:
        postgres.destroy()

    assert rows == [(1,)]
    assert closed not in elsewhere.parents
    assert _mode(closed) == 0o700
    assert not elsewhere.exists()


@as_root
def test_binaries_out_of_reach_are_copied_once_with_their_libraries(
    folder: Path, stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable = places.reachable_by_all
    monkeypatch.setattr(
        places,
        "reachable_by_all",
        lambda path: "site-packages" not in str(path) and reachable(path),
    )
    real_shelter = places.shelter
    monkeypatch.setattr(places, "shelter", lambda label: real_shelter(label, folder))

    with PostgresServer(stopped, durable=False) as postgres:
        program = Path(f"/proc/{postgres.child.pid}/exe").readlink()
        made = program.stat().st_ctime_ns
    with PostgresServer(stopped, durable=False):
        pass

    assert folder in program.parents
    assert program.stat().st_ctime_ns == made


@as_root
def test_a_shelter_made_by_somebody_else_is_refused(folder: Path) -> None:
    theirs = folder / "portail-trap"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)

    with pytest.raises(ServiceError, match="appartient à quelqu’un d’autre"):
        places.shelter("trap", folder)


@as_root
def test_an_ordinary_user_runs_it_as_themselves(folder: Path) -> None:
    """In a fork that becomes `nobody` for good, as no exec of Python may be allowed there."""
    if not places.reachable_by_all(places.postgres_binaries(dropping=False)):
        pytest.skip("the virtual environment is closed to other users")
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    child = os.fork()
    if child == 0:
        os._exit(_run_as(Identity(nobody.pw_uid, nobody.pw_gid), folder))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _run_as(who: Identity, folder: Path) -> int:
    """Start and ask as `who`; the exit code of the fork: 0 when all went well."""
    try:
        os.setgroups([])
        os.setgid(who.gid)
        os.setuid(who.uid)
        with PostgresServer(folder / "pg", durable=False) as postgres:
            rows = _ask(postgres.owner_url("postgres"), "SELECT 1")
            runs_as = Path(f"/proc/{postgres.child.pid}").stat().st_uid
    except BaseException as error:  # reported by the exit code
        os.write(2, f"{error}\n".encode())
        return 1
    return 0 if rows == [(1,)] and runs_as == who.uid else 2
