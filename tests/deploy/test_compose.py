"""docker-compose.yml: no engine is here to run it, so its form and its promises are checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.celery import app

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("web", "uploads", "worker", "mailer", "checker", "beat", "migrate")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_it_follows_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_read_only_and_without_capabilities(
    services: dict[str, Any], name: str
) -> None:
    service = services[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_the_image_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER portal"]


def test_the_application_connects_with_the_role_that_may_not_alter_history(
    services: dict[str, Any],
) -> None:
    roles = {name: services[name]["environment"]["DATABASE_URL"].split(":")[1] for name in OURS}
    assert roles == {
        "web": "//portal_app",
        "uploads": "//portal_app",
        "worker": "//portal_app",
        "mailer": "//portal_app",
        "checker": "//portal_app",
        "beat": "//portal_app",
        "migrate": "//portal_owner",
    }


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text()
    assert [
        name
        for name in ("PORTAL_SECRET_KEY", "PORTAL_APP_PASSWORD", "PORTAL_OWNER_PASSWORD",
                     "POSTGRES_PASSWORD", "VALKEY_PASSWORD")
        if f"${{{name}:-" in text or f"${{{name}}}" in text
    ] == []  # fmt: skip


def test_every_service_that_lasts_has_a_health_check(services: dict[str, Any]) -> None:
    # beat answers no ping: its heartbeat is on /sante/.
    # ClamAV's image brings its own check.
    lasting = set(services) - {"migrate", "mailcatcher", "beat", "clamav"}
    assert {name for name in lasting if "healthcheck" not in services[name]} == set()


def test_every_variable_is_in_the_example() -> None:
    example = (ROOT / "deploy" / "env.example").read_text()
    # What most deployments leave alone stands there as a comment.
    known = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE.read_text()))
    assert used - {"PORTAL_VERSION", "SUPPORT_PHONE", "PORTAL_PROBE_KEY"} - known == set()


def test_c5_uploads_have_threads_of_their_own(services: dict[str, Any]) -> None:
    web, uploads = (services[name] for name in ("web", "uploads"))
    assert web["command"] == uploads["command"]
    assert "GUNICORN_THREADS" not in web["environment"]
    assert "GUNICORN_THREADS" in uploads["environment"]


def test_every_queue_has_a_worker(services: dict[str, Any]) -> None:
    commands = [service["command"] for service in services.values() if "command" in service]
    queues = {command[command.index("-Q") + 1] for command in commands if "-Q" in command}
    assert queues == {queue.name for queue in app.conf.task_queues}


def test_files_on_their_way_lie_on_the_disk_of_the_stored_ones(services: dict[str, Any]) -> None:
    """Storing five gigabytes is then a rename; web and worker share the folder."""
    for name in ("web", "uploads", "checker"):
        assert services[name]["volumes"] == ["files:/data/files"]
        assert services[name]["environment"]["FILE_SPOOL_DIR"].startswith("/data/files/")
