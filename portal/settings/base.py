"""What every deployment shares.

Values come from the environment; the missing ones stop the start with their names. Nothing here
switches a behaviour: what the portal does is the same everywhere.
"""

import importlib.util
import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]

_missing = [
    name
    for name in ("PORTAL_BASE_URL", "PORTAL_SECRET_KEY", "DATABASE_URL", "REDIS_URL")
    if not os.environ.get(name)
]
if _missing:
    raise ImproperlyConfigured(
        f"il manque {', '.join(_missing)} dans l’environnement (voir deploy/env.example ; "
        "pour la démonstration, « make manage »)."
    )

# --- The desk: who runs this portal -------------------------------------------------------
PORTAL_NAME = env("PORTAL_NAME", default="Portail support")
PORTAL_ORGANISATION = env("PORTAL_ORGANISATION", default="APLICIT")
SUPPORT_PHONE = env("SUPPORT_PHONE", default="04 72 20 68 90")
# The mailbox that the charter closed: it only redirects here.
CLOSED_MAILBOX = env("CLOSED_MAILBOX", default="support@aplicit.example")
PORTAL_FROM_EMAIL = env("PORTAL_FROM_EMAIL", default="portail@aplicit.example")
# Where mails come back to, each with a mark of its own (decision 0023); empty: to the one above.
RETURN_ADDRESS = env("RETURN_ADDRESS", default="")
# Every link in a mail starts with this, never with a Host header (F4).
PORTAL_BASE_URL = env("PORTAL_BASE_URL")
# Where a customer without a valid contract is sent (S13).
RENEWAL_CONTACT = env("RENEWAL_CONTACT", default="commercial@aplicit.example")
# Code of the service level that applies without a contract (S13).
DEFAULT_SERVICE_LEVEL = "charte"

# --- Django ------------------------------------------------------------------------------
SECRET_KEY = env("PORTAL_SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("PORTAL_SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("PORTAL_ALLOWED_HOSTS", default=[])
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Ours come first: a package must never shadow one of our templates.
    "portal",
    "reports",
    "notifications",
    "tickets",
    "blog",
    "licences",
    "accounts",
    "files",
    "sla",
    "foundation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "pgtrigger",
]

MIDDLEWARE = [
    "portal.middleware.DatabaseAway",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.OnePolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.PrivatePages",
    "portal.middleware.InFrench",
    "portal.middleware.PlainUtf8",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.StaffSecondFactor",
    "accounts.middleware.CurrentCompany",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.desk",
            ],
            "builtins": ["foundation.templatetags.wording", "foundation.templatetags.found"],
            # Django's own tags, which look up what never changes once (decision 0019).
            "libraries": {
                "i18n": "foundation.templatetags.found",
                "static": "foundation.templatetags.found",
            },
        },
    }
]
# Two libraries of one name: ours stand in for Django's on purpose.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DEMO = False
# Compulsory under production settings; offered but not forced in the demo.
STAFF_MUST_HAVE_SECOND_FACTOR = False

# A probe that sends this in X-Probe-Key reads the details of /sante/; empty: staff only.
PROBE_KEY = env("PORTAL_PROBE_KEY", default="")

# --- Language and time: French for people, UTC in the database ------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# --- Database: the application's role may not touch history ---------------------------------
# A statement or a lock that takes this long is a fault; the page says so instead of hanging.
# Migrations run without that limit on statements (deploy/migrate.sh).
_STATEMENT_TIMEOUT = env.int("DATABASE_STATEMENT_TIMEOUT_MS", default=20_000)
_DATABASE_OPTIONS = {
    "connect_timeout": 3,
    "options": f"-c statement_timeout={_STATEMENT_TIMEOUT} -c lock_timeout=10000"
    " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
}
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].setdefault("OPTIONS", {}).update(_DATABASE_OPTIONS)
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Cache and broker -----------------------------------------------------------------------
REDIS_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "portal.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}
CELERY_BROKER_URL = REDIS_URL

# --- Sessions: in the database, so that losing the cache never signs anybody out -----------
SESSION_ENGINE = "foundation.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# In the session: messages may name an incident, and cookies are small.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# --- People ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.adapters.PersonBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds: one hour (F5)
INVITATION_HOURS = 72  # F7

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/h/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = PORTAL_NAME
USERSESSIONS_TRACK_ACTIVITY = False

# --- Mail: everything goes through the outbox; the sender alone speaks SMTP --------------------
EMAIL_BACKEND = "notifications.outbox.OutboxBackend"
DEFAULT_FROM_EMAIL = PORTAL_FROM_EMAIL
SMTP_HOST = env("SMTP_HOST", default="127.0.0.1")
SMTP_PORT = env.int("SMTP_PORT", default=25)
SMTP_USER = env("SMTP_USER", default="")
SMTP_PASSWORD = env("SMTP_PASSWORD", default="")
SMTP_STARTTLS = env.bool("SMTP_STARTTLS", default=False)
# The closed mailbox: where `redirect_mailbox` listens (LMTP, for our own mail server alone), and
# the name under which that server writes what it checked (authserv-id, RFC 8601). Empty: no answer
# ever leaves, what arrives is only listed.
MAILBOX_HOST = env("MAILBOX_HOST", default="127.0.0.1")
MAILBOX_PORT = env.int("MAILBOX_PORT", default=8024)
MAILBOX_AUTHSERV_ID = env("MAILBOX_AUTHSERV_ID", default="")
# Where the demo’s SMTP server keeps what it receives; unused elsewhere.
PORTAL_MAILBOX_DIR = env("PORTAL_MAILBOX_DIR", default="")
SMTP_TIMEOUT = 20  # seconds for each exchange with the server

# --- Files: outside any public folder, under names made by the server ----------------------
PORTAL_DATA_DIR = Path(env("PORTAL_DATA_DIR", default=str(BASE_DIR / ".local" / "data")))
STORAGES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PORTAL_DATA_DIR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# A distant storage instead of our own disk, when a bucket is named; nothing in it is public (C7).
if env("FILE_S3_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env("FILE_S3_BUCKET"),
            "endpoint_url": env("FILE_S3_ENDPOINT", default="") or None,
            "region_name": env("FILE_S3_REGION", default="") or None,
            "access_key": env("FILE_S3_ACCESS_KEY", default="") or None,
            "secret_key": env("FILE_S3_SECRET_KEY", default="") or None,
            "signature_version": "s3v4",
            "querystring_auth": True,
            "default_acl": None,
        },
    }
# Sizes in bytes. The first is for files sent by the tus protocol, which never stand in memory or
# in a request's temporary file; the second for a form sent as a whole, without JavaScript: nginx
# (client_max_body_size) must let a little more pass.
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", default=5 * 1024**3)
FILE_FORM_MAX_BYTES = env.int("FILE_FORM_MAX_BYTES", default=500 * 1024**2)
FILE_MAX_COUNT = 10
# What one person may leave waiting with forms, and what a company may send in 24 hours (C6).
FILE_WAITING_MAX_BYTES = env.int("FILE_WAITING_MAX_BYTES", default=20 * 1024**3)
FILE_DAY_MAX_BYTES = env.int("FILE_DAY_MAX_BYTES", default=50 * 1024**3)
# Where files grow while they arrive: shared by web and worker, on the disk of the stored files if
# these lie on one, so that storing is a rename.
FILE_SPOOL_DIR = Path(env("FILE_SPOOL_DIR", default=str(PORTAL_DATA_DIR / "spool")))
# « host:port » or the path of a socket; empty: no antivirus. Files above clamd's StreamMaxLength
# are not analysed, and say so.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")
CLAMD_MAX_BYTES = env.int("CLAMD_MAX_BYTES", default=100 * 1024**2)
# Name of the nginx internal location that serves stored files; empty = the web process does.
FILE_ACCEL_PREFIX = env("FILE_ACCEL_PREFIX", default="")
# Life in seconds of a signed link to a distant storage, at most a minute (C7); 0 = no link, the
# web process sends the file.
FILE_LINK_SECONDS = min(env.int("FILE_LINK_SECONDS", default=0), 60)
# The name that the browser claimed, whole, so that it can be refused with a reason (C1).
FILE_UPLOAD_HANDLERS = [
    "files.http.ClaimedNames",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    # On disk: the temporary folder of a container is memory.
    "files.http.SpooledFiles",
]
# nginx reads them too, as another user (X-Accel-Redirect); the folder is nobody else’s.
FILE_UPLOAD_PERMISSIONS = 0o644
# Far above what a form takes, so that the form itself says what is too long or too many and gives
# the text back. Past these nothing is read any further, so that memory stays bounded; the page
# says what to do (portal.views.errors).
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# Twice FILE_MAX_COUNT are kept while the form judges them, the rest is read off (files.http).
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_bootstrap = importlib.util.find_spec("bootstrap")
if _bootstrap is None or not _bootstrap.submodule_search_locations:
    raise RuntimeError("bootstrap-wrapper is not installed: pip install -r requirements.txt")
STATICFILES_DIRS: list[Path | tuple[str, str]] = [
    BASE_DIR / "static",
    ("vendor/bootstrap", _bootstrap.submodule_search_locations[0]),
]

# --- Browser: nothing inline, no other host, no exception (K1) ------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons and the QR code of the second factor
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# --- Logs: one JSON line per event, without personal data -----------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}},
}
