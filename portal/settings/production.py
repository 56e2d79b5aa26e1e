"""Production: https only, second factor for staff, secrets from the environment.

A missing or placeholder secret stops the start (P6); `manage.py check --deploy` must be clean.
"""

from django.core.exceptions import ImproperlyConfigured

from portal.settings.base import *
from portal.settings.base import ALLOWED_HOSTS, PORTAL_BASE_URL, SECRET_KEY, env

STAFF_MUST_HAVE_SECOND_FACTOR = True

if len(SECRET_KEY) < 50 or "change" in SECRET_KEY.lower():
    raise ImproperlyConfigured("PORTAL_SECRET_KEY doit être aléatoire, de 50 caractères au moins.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("PORTAL_ALLOWED_HOSTS doit nommer les hôtes du portail, sans « * ».")
if not PORTAL_BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("PORTAL_BASE_URL doit commencer par https://.")

CSRF_TRUSTED_ORIGINS = [PORTAL_BASE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Only the proxy of the deployment may be believed about the client's address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_TRUSTED_PROXIES", default=1)
SECURE_SSL_REDIRECT = True
# Health probes come in plain http from inside the deployment.
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
