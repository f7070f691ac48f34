"""Every setting of Groundschool, read from the environment. The README has them in one table.

`manage.py lab` fills DATABASE_URL and REDIS_URL for its children when it runs the embedded
servers, and keeps them in LAB_DATA for other commands; the secret key lives there too. So no
process needs more than this file.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from console import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The lab ----------------------------------------------------------------------------------
LAB_DATA = Path(env.text("LAB_DATA") or BASE_DIR / "var").expanduser().absolute()
LAB_HOST = env.text("LAB_HOST", "127.0.0.1")
LAB_CONSOLE_PORT = env.port("LAB_CONSOLE_PORT", 8000)
LAB_API_PORT = env.port("LAB_API_PORT", 4566)
LAB_PUBLIC_PORT = env.port("LAB_PUBLIC_PORT", 8080)
LAB_DOMAIN = env.text("LAB_DOMAIN", "localhost")
# How often each process adds what it counted of S3's requests to the metrics; 0: never by itself.
S3_METRICS_SECONDS = 5
LAB_PACE = env.choice("LAB_PACE", "classroom", ("instant", "classroom", "realistic"))
LAB_LANGUAGE = env.choice("LAB_LANGUAGE", "ko", ("ko", "en"))
LAB_APT = env.boolean("LAB_APT", True)
LAB_WEB_WORKERS = env.integer("LAB_WEB_WORKERS", 2, minimum=1, maximum=64)
LAB_API_WORKERS = env.integer("LAB_API_WORKERS", 2, minimum=1, maximum=64)
LAB_PRODUCTION = env.boolean("LAB_PRODUCTION", False)
# True when a TLS-terminating proxy stands in front of the console and sets X-Forwarded-Proto.
LAB_TLS = env.boolean("LAB_TLS", LAB_PRODUCTION)
# The proxy's word for whose request it is, X-Forwarded-For: believed only where it stands in front.
LAB_BEHIND_PROXY = env.boolean("LAB_BEHIND_PROXY", LAB_TLS)
LAB_SIGNUP = env.boolean("LAB_SIGNUP", True)
LAB_REQUESTS_PER_SECOND = env.integer("LAB_REQUESTS_PER_SECOND", 100, minimum=1)
LAB_TIME_ZONE = env.text("LAB_TIME_ZONE", "Asia/Seoul")

# Where browsers and clients reach the lab; set them when a proxy or another host name is in front.
LAB_CONSOLE_URL = env.text("LAB_CONSOLE_URL") or f"http://{LAB_DOMAIN}:{LAB_CONSOLE_PORT}"
LAB_API_URL = env.text("LAB_API_URL") or f"http://{LAB_DOMAIN}:{LAB_API_PORT}"
# Its host may be a domain of its own, so that nothing that students publish is near the console.
LAB_PUBLIC_URL = env.text("LAB_PUBLIC_URL") or f"http://{LAB_DOMAIN}:{LAB_PUBLIC_PORT}"
# Public IPv4 addresses of instances: of this machine alone, so that none leads to a stranger.
LAB_PUBLIC_ADDRESSES = env.text("LAB_PUBLIC_ADDRESSES", "127.77.0.0/16")
# Whether names below that host lead here by this machine's resolver; `manage.py lab` looks.
LAB_NAMES_RESOLVE = env.boolean("LAB_NAMES_RESOLVE", False)


def _secret_key() -> str:
    """DJANGO_SECRET_KEY, else the key kept in LAB_DATA (made at first use).

    It also seals access keys and session tokens, so it has to outlive restarts.
    """
    if given := env.text("DJANGO_SECRET_KEY"):
        return given
    path = LAB_DATA / "secret-key"
    try:
        LAB_DATA.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"LAB_DATA: cannot write in {LAB_DATA}: {error.strerror}."
        ) from None
    return path.read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = env.boolean("DJANGO_DEBUG", False)
ALLOWED_HOSTS = env.words(
    "DJANGO_ALLOWED_HOSTS",
    sorted({"localhost", "127.0.0.1", "[::1]", LAB_HOST, LAB_DOMAIN, f".{LAB_DOMAIN}"}),
)
CSRF_TRUSTED_ORIGINS = env.words("DJANGO_CSRF_TRUSTED_ORIGINS")

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "aws",
    "iam",
    "cloudtrail",
    "kms",
    "s3",
    "ec2",
    "console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "console.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "console.middleware.htmx_redirects",
    "console.middleware.principal",
    "console.middleware.aws_errors",
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"

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
                "console.shell.context",
            ],
        },
    },
]

# The operation kernel (aws/) knows these seams only by name, so that it imports no service.
AWS_CREDENTIALS = "iam.credentials.lookup"
AWS_ISSUER = "iam.credentials.issue"
AWS_MFA = "iam.mfa.is_own_code"
AWS_AUTHORIZER = "iam.authorization.authorize"
AWS_PRINCIPALS = "iam.principals.unknown"
# Service prefix → what answers its requests on the API port instead of `aws.wire.endpoint`.
AWS_DATA_PLANES = {"s3": "s3.wire.serve.serve", "s3control": "s3.wire.control.serve"}
# What answers on the public port, see `console.public`: the first that knows the address.
PUBLIC_DOORS = ["s3.wire.website.serve"]

# --- Data -------------------------------------------------------------------------------------
# Port 1 refuses: without a URL and without a running lab there is no server to talk to.
DATABASE_URL = env.service_url(
    "DATABASE_URL", LAB_DATA, "postgres://groundschool@127.0.0.1:1/not-started"
)
DATABASES = {"default": env.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.service_url("REDIS_URL", LAB_DATA, "redis://127.0.0.1:1/0")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        # The cache is only ever a hint: with Redis away, pages are slower, not broken.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True},
        "KEY_PREFIX": "groundschool",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if LAB_TLS else "groundschool-session"
CSRF_COOKIE_NAME = "__Host-csrf" if LAB_TLS else "groundschool-csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LAB_TLS

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(LAB_DATA / "celery-beat")

# --- Security ---------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if LAB_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.boolean("LAB_TLS_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.integer("LAB_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/signin"
CSRF_FAILURE_VIEW = "console.views.errors.csrf_failed"

# --- Mail: with no server, codes are shown on the page ------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.port("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"no-reply@{LAB_DOMAIN}")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)

# --- Words and files ----------------------------------------------------------------------------
LANGUAGE_CODE = LAB_LANGUAGE
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "groundschool-language"
USE_I18N = USE_TZ = True
TIME_ZONE = LAB_TIME_ZONE

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from the checkout by WhiteNoise, which needs no collectstatic then.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
# Addresses carry a digest of the content, so that a browser need not ask again.
WHITENOISE_MAX_AGE = 0 if DEBUG else 30 * 24 * 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.assets.VersionedFiles"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LAB_LOG_LEVEL", "INFO")},
}
