"""Tests: the embedded services, cheap password hashing, no manifest of static files."""

import os

# tests.plugins.services exports the real ones. These let mypy and linters read the settings;
# nothing answers there, so a test that missed its services fails at once.
os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("PORTAL_SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("PORTAL_BASE_URL", "http://testserver")

# The processes of a parallel run share the servers; each has a cache and files of its own.
_process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{_process}"
if "PORTAL_DATA_DIR" in os.environ and "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["PORTAL_DATA_DIR"] += f"-{_process}"

from portal.settings.base import *
from portal.settings.base import STORAGES

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# The fastest hasher that Django has: the strength of Argon2 is not what tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
