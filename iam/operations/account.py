"""The account as a whole: its alias, and how much of IAM it uses."""

from typing import Any

from django.db import IntegrityError, transaction

from aws.context import Context
from aws.errors import ValidationError
from aws.models import Account
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, mfa, quotas
from iam.errors import EntityAlreadyExists, NoSuchEntity
from iam.models import (
    AccessKey,
    Group,
    InstanceProfile,
    MFADevice,
    Policy,
    PolicyVersion,
    Role,
    User,
)

QUOTAS = {
    "UsersQuota": quotas.USERS,
    "GroupsQuota": quotas.GROUPS,
    "RolesQuota": quotas.ROLES,
    "InstanceProfilesQuota": quotas.INSTANCE_PROFILES,
    "PoliciesQuota": quotas.POLICIES,
    "PolicyVersionsInUseQuota": quotas.POLICY_VERSIONS_IN_USE,
    "VersionsPerPolicyQuota": quotas.POLICY_VERSIONS,
    "PolicySizeQuota": quotas.MANAGED_POLICY_SIZE,
    "UserPolicySizeQuota": quotas.USER_INLINE_POLICY_SIZE,
    "GroupPolicySizeQuota": quotas.GROUP_INLINE_POLICY_SIZE,
    "RolePolicySizeQuota": quotas.ROLE_INLINE_POLICY_SIZE,
    "AssumeRolePolicySizeQuota": quotas.TRUST_POLICY_SIZE,
    "AttachedPoliciesPerUserQuota": quotas.ATTACHED_POLICIES,
    "AttachedPoliciesPerGroupQuota": quotas.ATTACHED_POLICIES,
    "AttachedPoliciesPerRoleQuota": quotas.ATTACHED_POLICIES,
    "GroupsPerUserQuota": quotas.GROUPS_PER_USER,
    "AccessKeysPerUserQuota": quotas.ACCESS_KEYS_PER_USER,
    "ServerCertificatesQuota": quotas.SERVER_CERTIFICATES,
    "SigningCertificatesPerUserQuota": quotas.SIGNING_CERTIFICATES_PER_USER,
}


@operation("iam:CreateAccountAlias")
def create_account_alias(ctx: Context, /, *, account_alias: str) -> Response:
    """Names the account for its sign-in address; another alias is replaced.

    Raises EntityAlreadyExists where another account has it, ValidationError for 12 digits, which
    would look like an account's ID.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html
    """
    ctx.authorize("iam:CreateAccountAlias")
    if len(account_alias) == 12 and account_alias.isdecimal():
        raise ValidationError("The account alias must not be a 12-digit number.")
    try:
        with transaction.atomic():
            Account.objects.filter(pk=ctx.account_id).update(alias=account_alias)
    except IntegrityError:
        raise EntityAlreadyExists(f"The account alias {account_alias} already exists.") from None
    return {}


@operation("iam:DeleteAccountAlias")
def delete_account_alias(ctx: Context, /, *, account_alias: str) -> Response:
    """Takes the account's alias away. Raises NoSuchEntity for any other one.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html
    """
    ctx.authorize("iam:DeleteAccountAlias")
    own = Account.objects.filter(pk=ctx.account_id, alias=account_alias)
    if not own.update(alias=None):
        raise NoSuchEntity(f"The account alias {account_alias} cannot be found.")
    return {}


@operation("iam:ListAccountAliases")
def list_account_aliases(ctx: Context, /, *, marker: str = "", max_items: int = 100) -> Response:
    """Answers {"AccountAliases": [the alias]}, an empty list without one.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html
    """
    ctx.authorize("iam:ListAccountAliases")
    alias = Account.objects.values_list("alias", flat=True).get(pk=ctx.account_id)
    page, _ = paginate_list(
        ctx,
        [alias] if alias else [],
        size=max_items,
        token=marker,
        purpose="iam:ListAccountAliases",
        error=lookup.InvalidMarker,
    )
    return {"AccountAliases": page, "IsTruncated": False}


@operation("iam:GetAccountSummary")
def get_account_summary(ctx: Context, /) -> Response:
    """Answers {"SummaryMap": {…}}: what the account has, and its quotas, as numbers.

    AccountMFAEnabled, AccountAccessKeysPresent and AccountPasswordPresent are about root: 1 or 0.
    Server and signing certificates and identity providers are not offered, so there are 0.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """
    ctx.authorize("iam:GetAccountSummary")

    def count(model: Any, **which: Any) -> int:
        return int(model.objects.in_scope(ctx).filter(**which).count())

    used = {
        "Users": count(User),
        "Groups": count(Group),
        "Roles": count(Role),
        "InstanceProfiles": count(InstanceProfile),
        "Policies": count(Policy),
        "PolicyVersionsInUse": PolicyVersion.objects.filter(
            policy__account_id=ctx.account_id
        ).count(),
        "MFADevices": count(MFADevice),
        "MFADevicesInUse": count(MFADevice, enabled_at__isnull=False),
        "AccountMFAEnabled": int(mfa.devices_of(ctx.account_id, None).exists()),
        "AccountAccessKeysPresent": int(count(AccessKey, user=None) > 0),
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
        "ServerCertificates": 0,
        "Providers": 0,
        "GlobalEndpointTokenVersion": 1,
    }
    return {"SummaryMap": used | QUOTAS}
