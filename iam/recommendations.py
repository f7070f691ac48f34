"""The dashboard's security recommendations, from the account's real state."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from iam.models import AccessKey, MFADevice

UNUSED_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Recommendation:
    """is_met: nothing to do. url_name: where to do it."""

    title: str | Promise
    advice: str | Promise
    is_met: bool
    url_name: str


def recommendations(ctx: Context, summary: dict[str, Any] | None) -> list[Recommendation]:
    """About root for those who may read the account's summary; about oneself for a user."""
    found = []
    if summary is not None:
        found += [
            Recommendation(
                _("Add MFA for root user"),
                _("Sign in as the root user and register an authenticator app."),
                bool(summary["AccountMFAEnabled"]),
                "iam:security-credentials",
            ),
            Recommendation(
                _("Root user has no active access keys"),
                _("Use access keys of an IAM user instead: root's cannot be limited."),
                not summary["AccountAccessKeysPresent"],
                "iam:security-credentials",
            ),
        ]
    if ctx.principal.kind == "user":
        found += _own(ctx)
    return found


def _own(ctx: Context) -> list[Recommendation]:
    mine = {"user": ctx.principal.user_pk}
    has_mfa = MFADevice.objects.in_scope(ctx).filter(enabled_at__isnull=False, **mine).exists()
    active = AccessKey.objects.in_scope(ctx).filter(status=AccessKey.Status.ACTIVE, **mine)
    stale = any(ctx.now - (key.last_used_at or key.created_at) > UNUSED_AFTER for key in active)
    return [
        Recommendation(
            _("Add MFA for yourself"),
            _("Register an authenticator app for your own sign-in."),
            has_mfa,
            "iam:security-credentials",
        ),
        Recommendation(
            _("Your user has no access keys that were unused for a year"),
            _("Deactivate or delete keys that nobody uses."),
            not stale,
            "iam:security-credentials",
        ),
    ]
