"""Settings, from the environment alone. Nothing secret has a default outside the sample programme and the tests."""

import sys
from hashlib import sha256
from pathlib import Path

import environ

from config import embedded
from config.local import local_secret
from governance import attempts

BASE_DIR = Path(__file__).resolve().parent.parent
TEST = "pytest" in sys.modules
env = environ.Env()
if (BASE_DIR / ".env").is_file() and not TEST:
    env.read_env(str(BASE_DIR / ".env"))

LOCAL = not env.str("DATABASE_URL", default="")  # a laptop: the embedded services of this checkout
DEMO = LOCAL or sys.argv[1:2] == ["demo"]  # served to this machine alone, over plain HTTP, from source files
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=local_secret(BASE_DIR / "var") if LOCAL else environ.Env.NOTSET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # earlier ones, until all that they made is over
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEMO or DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PORTAL_URL = env.str("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")  # what links in mails begin with

INSTALLED_APPS = [
    "config.apps.PortalConfig",
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "django_linear_migrations",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "governance",
    "offers",
    "analytics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.NulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.ScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets may be drawn by our own templates
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
            ],
        },
    }
]

# --- database: the URL logs in as the owner; application processes put on the application role, `migrate` takes it off.


def _database() -> dict:
    services = embedded.locate(BASE_DIR) if LOCAL else None
    url = services.database_url if services else env.str("DATABASE_URL", default="")
    if not url:
        return {"ENGINE": "config.nodatabase", "NAME": "handoff"}
    return env.db_url_config(url)


DATABASES = {"default": _database()}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if not TEST:  # tests migrate as the owner, then put the role on for each test
    DATABASES["default"]["OPTIONS"]["assume_role"] = "handoff_app"
_migration = (
    env.db_url_config(env.str("MIGRATION_DATABASE_URL")) if env.str("MIGRATION_DATABASE_URL", default="") else {}
)
MIGRATION_DATABASE = {key: _migration[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME") if key in _migration}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Attempts to sign in are counted here, for all web workers together (governance/attempts.py).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": attempts.TABLE,
        "OPTIONS": {"MAX_ENTRIES": attempts.MOST},
    }
}

# --- people

AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = ["config.signin.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.signin.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are made by an administrator, who knows the address
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a stranger's address gets no mail of ours, and the page says the same
MFA_ADAPTER = "config.signin.SecondStepAdapter"  # for those who want it: an app's codes, and recovery codes
MFA_TOTP_ISSUER = "Handoff"
MFA_TOTP_TOLERANCE = 1  # the code before and after count too: clocks of phones differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # as above: an administrator knows the address
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- the wire

SECURE = env.bool("SECURE", default=not (DEMO or DEBUG or TEST))  # behind TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
# Attempts to sign in are counted by address: behind a proxy by the one that it saw, never by the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- mail: domain mail goes through the outbox; this is only how `deliver` hands it over

EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.email_url_config(EMAIL_URL) if EMAIL_URL else {"EMAIL_BACKEND": "config.mail_folder.EmailBackend"})
# One folder a database: mails are told apart by the number of the outbox row, and every database counts from 1.
_place = "-".join(str(DATABASES["default"].get(key, "")) for key in ("HOST", "PORT", "NAME"))
EMAIL_FILE_PATH = BASE_DIR / "var" / ("mail" if LOCAL else f"mail-{sha256(_place.encode()).hexdigest()[:12]}")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Handoff <handoff@localhost>")

# --- work: static schedule, no results, no facts in the broker

_services = embedded.locate(BASE_DIR) if LOCAL else None
CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", default=_services.broker_url if _services else "redis://127.0.0.1:6379/0"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- language, time, files

LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO or DEBUG or TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEMO or DEBUG
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
SILENCED_SYSTEM_CHECKS = [
    "auth.E003",
    "auth.W004",
]  # the e-mail is unique whatever its capitals: a functional constraint

# --- the portal's hooks (config/portal.py)

PORTAL_COUNTS = "offers.views.home.portal_counts"
PORTAL_HOME = "offers.views.home.home"

# --- the API: JSON alone, no browsable pages

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["governance.api.parsing.Json"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "governance.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Handoff",
    "DESCRIPTION": "Job offers from the verbal approval to the first day. How to begin: docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "governance.api.schema.with_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {
        "OfferStatus": "offers.models.offer.STATUS_CHOICES",
        "RequisitionStatus": "offers.models.intake.RequisitionStatus",
        "ApprovalStatus": "offers.models.approvals.ApprovalStatus",
        "EscalationStatus": "offers.models.clocks.EscalationStatus",
        "ContingencyStatus": "offers.models.offer.ContingencyStatus",
        "Theme": "offers.models.events.Theme",
        "Role": "governance.access.Role",
        "PayPeriod": "governance.models.base.PayPeriod",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
}

# --- libraries

PGTRIGGER_SCHEMA_EDITOR = False
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

from config.logs import LOGGING  # noqa: E402, F401
