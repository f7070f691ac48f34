"""The dashboard's security recommendations, from the account's real state."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from iam import mfa
from iam.models import AccessKey

UNUSED_AFTER = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """is_met: nothing to do; met_title and met_advice are said then.

    severity: a status indicator. url: where to do it, "" where the principal cannot.
    """

    is_met: bool
    title: str | Promise
    advice: str | Promise
    met_title: str | Promise
    met_advice: str | Promise = ""
    severity: str = "error"
    action_label: str | Promise = ""
    url: str = ""


def recommendations(ctx: Context, summary: dict[str, Any] | None) -> list[Recommendation]:
    """About root for those who may read the account's summary; about oneself for a user.

    summary: GetAccountSummary's SummaryMap.
    """
    found = []
    is_root = ctx.principal.kind == "root"
    if summary is not None:
        found += [_root_mfa(summary, is_root), _root_keys(summary, is_root)]
    if ctx.principal.kind == "user":
        found += [_own_mfa(ctx), _own_keys(ctx)]
    return found


def _root_mfa(summary: dict[str, Any], is_root: bool) -> Recommendation:
    return Recommendation(
        is_met=bool(summary["AccountMFAEnabled"]),
        title=_("Add MFA for root user"),
        advice=_("Register an MFA device for the root user: its password alone opens everything.")
        if is_root
        else _("Sign in as the root user (email) and register an MFA device."),
        met_title=_("Root user has MFA"),
        met_advice=_(
            "Having multi-factor authentication (MFA) for the root user improves security for this "
            "account."
        ),
        action_label=_("Add MFA") if is_root else "",
        url=reverse("iam:own-mfa-add") if is_root else "",
    )


def _root_keys(summary: dict[str, Any], is_root: bool) -> Recommendation:
    return Recommendation(
        is_met=not summary["AccountAccessKeysPresent"],
        title=_("Delete the root user's access keys"),
        advice=_("Use access keys of an IAM user instead: root's cannot be limited."),
        met_title=_("Root user has no active access keys"),
        met_advice=_("Using access keys attached to an IAM user instead improves security."),
        action_label=_("Manage access keys") if is_root else "",
        url=reverse("iam:security-credentials") if is_root else "",
    )


def _own_mfa(ctx: Context) -> Recommendation:
    return Recommendation(
        is_met=mfa.devices_of(ctx.account_id, ctx.principal.user_pk).exists(),
        title=_("Add MFA for yourself"),
        advice=_(
            "Add multi-factor authentication (MFA) for yourself to improve security for this "
            "account."
        ),
        met_title=_("You have MFA"),
        met_advice=_("Signing in asks for a code besides your password."),
        severity="warning",
        action_label=_("Add MFA"),
        url=reverse("iam:own-mfa-add"),
    )


def _own_keys(ctx: Context) -> Recommendation:
    active = AccessKey.objects.in_scope(ctx).filter(
        user=ctx.principal.user_pk, status=AccessKey.Status.ACTIVE
    )
    stale = any(ctx.now - (key.last_used_at or key.created_at) > UNUSED_AFTER for key in active)
    return Recommendation(
        is_met=not stale,
        title=_("Deactivate or delete access keys unused for more than a year"),
        advice=_("Your user has an access key that nobody has used for more than a year."),
        met_title=_("You have no active access keys that were unused for more than a year"),
        severity="warning",
        action_label=_("Manage access keys"),
        url=reverse("iam:security-credentials"),
    )
