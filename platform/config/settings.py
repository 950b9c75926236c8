"""Django's settings, derived from the environment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config import error_reports, oidc
from config.databases import databases
from config.domains import ALL_DOMAINS
from config.environment import environment, parse_rate
from config.mail import email_settings
from config.storage import files_storage, records_storage
from gateway import settings as gateway
from kernel.logs import configure as configure_logs

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DOMAINS = environment.domains
SERVES_STAFF = "auth" in DOMAINS
TESTING = environment.testing
EMBEDDED = environment.embedded
DATA_DIR = environment.data_dir.resolve()
PUBLIC_URL = environment.public_url.rstrip("/")
FRONTEND_URL = (environment.frontend_url or PUBLIC_URL).rstrip("/")
VERSION = "0.1.0"

DEBUG = environment.debug
SECRET_KEY = environment.secret_key
SECRET_KEY_FALLBACKS = list(environment.secret_key_fallbacks)
FIELD_ENCRYPTION_KEYS = environment.field_encryption_keys
SIGNING_KEYS = environment.signing_keys
AUDIT_SIGNING_KEYS = environment.audit_signing_keys
ALLOWED_HOSTS = list(environment.allowed_hosts) or ["127.0.0.1", "localhost", "[::1]", "testserver"]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False

# django.contrib.auth stands in every process (simplejwt imports it); without the auth domain it
# keeps Django's own user model, which nothing touches and which has no table anywhere.
STAFF_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.StaffConfig",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_rq",
]
INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "kernel.apps.KernelConfig",
    "gateway.apps.GatewayConfig",
    *(f"domains.{domain}" for domain in DOMAINS),
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *(STAFF_APPS if SERVES_STAFF else ["django.contrib.staticfiles"]),
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
]
if SERVES_STAFF:
    AUTH_USER_MODEL = "domains_auth.Account"

DATABASES = databases(environment)
DATABASE_ROUTERS = ["kernel.routing.DomainRouter"]
DATABASE_OWNER_URL = environment.database_url
SHARED_DATABASE_DOMAINS = tuple(d for d in DOMAINS if not environment.domain_database_url(d))

REMOTE_DOMAINS = {domain: environment.domain_url(domain) for domain in environment.remote_domains}
BOUNDARY_KEYS = environment.boundary_keys

REDIS_URL = environment.redis_url
# A request rather goes on without Redis than waits for it; a busy test machine is no outage.
REDIS_PATIENCE = 60.0 if TESTING else 0.5
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": REDIS_PATIENCE,
            "SOCKET_TIMEOUT": REDIS_PATIENCE,
            # To introduce itself, each new connection would read package metadata for 2 ms.
            "CONNECTION_POOL_KWARGS": {"driver_info": None},
        },
    }
}
RQ = {"COMMIT_MODE": "auto"}
RQ_SHOW_ADMIN_LINK = False  # config.admin shows it, to superusers alone
RQ_QUEUES = {
    domain: {
        "URL": REDIS_URL,
        "SERIALIZER": "rq.serializers.JSONSerializer",
        "DEFAULT_TIMEOUT": 60,
    }
    for domain in ALL_DOMAINS
}

EVENT_BATCH_SIZE = environment.event_batch_size
EVENT_JOB_TIMEOUT = environment.event_job_timeout
EVENT_LEASE = environment.event_lease
EVENT_MAX_ATTEMPTS = environment.event_max_attempts

MIDDLEWARE = [
    *gateway.MIDDLEWARE,
    *gateway.STATIC_MIDDLEWARE,
    *(gateway.STAFF_MIDDLEWARE if SERVES_STAFF else []),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LOGIN_REDIRECT_URL = "admin:index"  # who opened the login page itself goes on to the first page
STATIC_URL = "/static/"
FORMAT_MODULE_PATH = ["config.formats"]
UNFOLD = {
    "SITE_TITLE": "Tenon",
    "SITE_HEADER": "Tenon",
    "SITE_SUBHEADER": "All times are UTC",
    "SITE_URL": "/api/docs",
    "SITE_FAVICONS": [{"rel": "icon", "href": f"{STATIC_URL}config/icon.svg"}],
    "STYLES": [f"{STATIC_URL}config/staff.css"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": True, "navigation": "config.staff.navigation"},
    "DASHBOARD_CALLBACK": "config.staff.dashboard",
}
STATIC_ROOT = BASE_DIR / "static"
# Where `manage.py collectstatic` has not run, each file is looked for when it is asked for.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_ROOT.is_dir()

# The first makes hashes; what the others made before still counts.
PASSWORD_HASHERS = [
    "domains.auth.services.hashers.CappedArgon2Hasher",
    "domains.auth.services.hashers.CappedPBKDF2Hasher",
]
_RULES = "django.contrib.auth.password_validation"
SILENCED_SYSTEM_CHECKS = [
    "auth.E003",  # the account's address is unique in any case (Lower(email)): the check can't see
]
_OWN_RULES = "domains.auth.services.validators"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_OWN_RULES}.LengthRule"},
    {"NAME": f"{_OWN_RULES}.MaximumLengthValidator", "OPTIONS": {"max_length": 1024}},
    {"NAME": f"{_OWN_RULES}.NotCommon"},
    {"NAME": f"{_OWN_RULES}.NotExpected"},
    {
        "NAME": f"{_RULES}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
    {"NAME": f"{_OWN_RULES}.PasswordChanges"},
]
JWT_ISSUER = environment.jwt_issuer or PUBLIC_URL
JWT_AUDIENCE = environment.jwt_audience
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
SESSION_IDLE = timedelta(days=environment.session_idle_days)
SESSION_ABSOLUTE = timedelta(days=environment.session_absolute_days)
SIGNING_KEY_LIFETIME = timedelta(days=environment.signing_key_days)
PRODUCT_NAME = environment.product_name
PASSKEY_DOMAIN: str = environment.passkey_domain or urlsplit(FRONTEND_URL).hostname or ""
PASSKEY_ORIGINS = list(environment.passkey_origins) or [
    "{0.scheme}://{0.netloc}".format(urlsplit(FRONTEND_URL))
]
# One on this machine may be without TLS where nothing is at stake.
OIDC_LOOPBACK = EMBEDDED or TESTING
OIDC_PROVIDERS = (
    {
        name: provider.model_dump()
        for name, provider in oidc.read(environment.oidc_providers, loopback=OIDC_LOOPBACK).items()
    }
    if SERVES_STAFF
    else {}
)
OIDC_REDIRECT_URIS = list(environment.oidc_redirect_uris) or [f"{FRONTEND_URL}/sign-in/callback"]
OIDC_LOGOUT_REDIRECT_URI = environment.oidc_logout_redirect_uri or FRONTEND_URL
GEOIP_DATABASE = environment.geoip_database
BREACHED_PASSWORDS_URL = environment.breached_passwords_url

RATE_LIMIT_ANONYMOUS = parse_rate(environment.rate_limit_anonymous)
RATE_LIMIT_ACCOUNT = parse_rate(environment.rate_limit_account)
TRUSTED_PROXIES = environment.trusted_proxies
CORS_ALLOWED_ORIGINS = list(environment.cors_allowed_origins)
CORS_URLS_REGEX = gateway.CORS_URLS_REGEX
CORS_ALLOW_HEADERS = gateway.CORS_ALLOW_HEADERS
CORS_EXPOSE_HEADERS = gateway.CORS_EXPOSE_HEADERS
CORS_PREFLIGHT_MAX_AGE = gateway.CORS_PREFLIGHT_MAX_AGE

HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600

EMAIL_FILE_PATH = DATA_DIR / "mail"  # of the backend that writes .eml files
vars().update(email_settings(environment.email_url or (DATA_DIR / "mail").as_uri()))
EMAIL_TIMEOUT = 10
EMAIL_RATE = parse_rate(environment.email_rate) if environment.email_rate else None
EMAIL_WEBHOOK_SECRET = environment.email_webhook_secret
DEFAULT_FROM_EMAIL = environment.email_from

WEB_PUSH_RATE = parse_rate(environment.web_push_rate) if environment.web_push_rate else None
WEB_PUSH_KEY_LIFETIME = timedelta(days=environment.web_push_key_days)
SMS_URL = environment.sms_url or ("book:" if EMBEDDED or TESTING else "")
SMS_FORMAT = environment.sms_format
SMS_FROM = environment.sms_from
SMS_RATE = parse_rate(environment.sms_rate) if environment.sms_rate else None
CHAT_RATE = parse_rate(environment.chat_rate) if environment.chat_rate else None

WEBHOOK_LOG_DAYS = environment.webhook_log_days
OUTBOUND_HTTP = environment.outbound_http
OUTBOUND_PORTS = list(environment.outbound_ports)
OUTBOUND_NETWORKS = list(environment.outbound_networks)
OUTBOUND_CA_FILE = str(environment.outbound_ca_file or "")

AWS_STORAGE_BUCKET_NAME = environment.aws_storage_bucket_name
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": files_storage(environment, DATA_DIR / "files"),
    "records": records_storage(environment, DATA_DIR / "records"),
}

LOG_LEVEL = environment.log_level
LOGGING = configure_logs(LOG_LEVEL)
METRICS_PORT = environment.metrics_port
METRICS_ADDRESS = environment.metrics_address
error_reports.configure(environment.sentry_dsn, release=VERSION)
BILLING_PERIODS = environment.billing_periods
INVOICE_SELLER_NAME = environment.invoice_seller_name or PRODUCT_NAME
INVOICE_SELLER_ADDRESS = [line.strip() for line in environment.invoice_seller_address.split("|")]
INVOICE_SELLER_COUNTRY = environment.invoice_seller_country
INVOICE_SELLER_VAT_ID = environment.invoice_seller_vat_id
USAGE_RETENTION_DAYS = environment.usage_retention_days
TAX_SERVICE = environment.tax_service
TAX_SERVICE_TOKEN = environment.tax_service_token
INVOICE_NUMBERS = environment.invoice_numbers
INVOICE_PREFIXES = {
    "invoice": environment.invoice_prefix,
    "credit_note": environment.credit_note_prefix,
}

FEED_RETENTION_DAYS = environment.feed_retention_days
STREAMS_PER_PERSON = environment.streams_per_person
STREAMS_PER_PROCESS = environment.streams_per_process
STREAM_HEARTBEAT_SECONDS = environment.stream_heartbeat_seconds

PAYMENT_PROVIDER = "test" if EMBEDDED or TESTING else environment.payment_provider
STRIPE_SECRET_KEY = environment.stripe_secret_key
STRIPE_WEBHOOK_SECRET = environment.stripe_webhook_secret
STRIPE_API_BASE = environment.stripe_api_base
PAYMENT_RATE = parse_rate("500/s" if EMBEDDED or TESTING else environment.payment_rate)
DUNNING_DAYS = environment.dunning_days
DUNNING_GRACE_DAYS = environment.dunning_grace_days
DUNNING_END = environment.dunning_end

REST_FRAMEWORK = gateway.REST_FRAMEWORK
SPECTACULAR_SETTINGS = {**gateway.SPECTACULAR_SETTINGS, "VERSION": VERSION}
