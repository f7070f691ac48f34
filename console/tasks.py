"""What the console leaves to a worker."""

from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext as _

from console import mailed_codes


@shared_task
def mail_recovery_code(email: str, code: str, language: str) -> None:
    """By a worker, so that the page answers as fast for an address that has no account."""
    with translation.override(language):
        mailed_codes.mail(email, _("Reset your root user password"), code)
