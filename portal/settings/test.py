"""Tests: the embedded services, cheap password hashing, no manifest of static files."""

import os

# tests.plugins.services exports the real ones. These let mypy and linters read the settings;
# nothing answers there, so a test that missed its services fails at once.
os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("PORTAL_SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("PORTAL_BASE_URL", "http://testserver")

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
