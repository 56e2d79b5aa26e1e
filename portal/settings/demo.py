"""The demonstration that `make demo` runs: plain http on loopback, a visible mark, demo pages.

None of what is added here exists under production settings.
"""

from urllib.parse import urlsplit

from portal.settings.base import *
from portal.settings.base import INSTALLED_APPS, PORTAL_BASE_URL, STORAGES, TEMPLATES

DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["portal.demo", *INSTALLED_APPS]
ROOT_URLCONF = "portal.demo.urls"
TEMPLATES[0]["OPTIONS"]["context_processors"].append("portal.demo.context.mark")  # type: ignore[index]

# Cookies ignore ports: two demos on one machine would sign each other out.
_port = urlsplit(PORTAL_BASE_URL).port or 80
SESSION_COOKIE_NAME = f"demo{_port}_session"
CSRF_COOKIE_NAME = f"demo{_port}_csrf"

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
