"""Six-digit codes that prove an e-mail address: in the session, mailed or, without a mail server,
shown on the page."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from aws import clock
from iam.attempts import Attempts

LASTS = timedelta(minutes=10)
# Counted outside the session, since requests at the same moment each see the session as it was.
GUESSES = Attempts("mailed-code", limit=5, seconds=int(LASTS.total_seconds()))


class WrongCode(Exception):
    """args[0]: the sentence to show."""


def has_mail_server() -> bool:
    return bool(settings.EMAIL_HOST)


def new() -> dict[str, Any]:
    """What the session keeps of a code."""
    return {
        "id": secrets.token_urlsafe(12),
        "code": f"{secrets.randbelow(10**6):06}",
        "ends_at": (clock.real_now() + LASTS).timestamp(),
    }


def check(kept: dict[str, Any], typed: str) -> None:
    """Raises WrongCode."""
    if clock.real_now().timestamp() >= kept["ends_at"]:
        raise WrongCode(_("This code has expired. Ask for a new one."))
    if not GUESSES.take(kept["id"]):
        raise WrongCode(_("Too many wrong codes. Ask for a new one."))
    if not constant_time_compare(kept["code"], typed):
        raise WrongCode(_("The code is wrong. Check it and try again."))


def mail(email: str, subject: str, code: str) -> None:
    """Raises OSError (smtplib's errors are some) when the mail server takes nothing."""
    text = _("Your verification code: %(code)s") % {"code": code}
    end = _("It is valid for 10 minutes. If you did not ask for it, ignore this mail.")
    send_mail(subject, f"{text}\n\n{end}\n", None, [email])
