"""Django's settings as the gateway needs them; config/settings.py takes them over."""

MIDDLEWARE = [
    "gateway.middleware.Identity",
    "corsheaders.middleware.CorsMiddleware",
    "gateway.middleware.Api",
]
# What comes after Api, which lets the admin's and the static files' paths through.
STATIC_MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]
STAFF_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

CORS_URLS_REGEX = r"^/(api|\.well-known)/"
CORS_ALLOW_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "organization-id",
    "traceparent",
    "x-request-id",
)
CORS_EXPOSE_HEADERS = (
    "deprecation",
    "etag",
    "idempotency-replayed",
    "impersonated-by",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "sunset",
    "traceparent",
    "x-request-id",
)
CORS_PREFLIGHT_MAX_AGE = 3600

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": ["kernel.rest.access.GatewayAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["kernel.rest.access.SignedIn"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kernel.rest.transport.OnlyJSON",
    "DEFAULT_PARSER_CLASSES": ["kernel.rest.transport.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "gateway.openapi.schema.OperationSchema",
    "EXCEPTION_HANDLER": "gateway.errors.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tenon",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SERVERS": [{"url": "/"}],
    "POSTPROCESSING_HOOKS": ["gateway.openapi.document.complete"],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}
