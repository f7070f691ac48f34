"""The account as a whole: its alias, and how much of IAM it uses."""

from django.db import IntegrityError, connection, transaction

from aws.context import Context
from aws.errors import ValidationError
from aws.models import Account
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, quotas
from iam.errors import EntityAlreadyExists, NoSuchEntity

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

# SummaryMap's key → the rows that it counts. One statement for all: the console's home asks too.
_USED = {
    "Users": "iam_user WHERE account_id = %(account_id)s",
    "Groups": "iam_group WHERE account_id = %(account_id)s",
    "Roles": "iam_role WHERE account_id = %(account_id)s",
    "InstanceProfiles": "iam_instanceprofile WHERE account_id = %(account_id)s",
    "Policies": "iam_policy WHERE account_id = %(account_id)s",
    "PolicyVersionsInUse": "iam_policyversion v JOIN iam_policy p ON p.id = v.policy_id "
    "WHERE p.account_id = %(account_id)s",
    "MFADevices": "iam_mfadevice WHERE account_id = %(account_id)s",
    "MFADevicesInUse": "iam_mfadevice WHERE account_id = %(account_id)s AND enabled_at IS NOT NULL",
    "AccountMFAEnabled": "(SELECT FROM iam_mfadevice WHERE account_id = %(account_id)s "
    "AND enabled_at IS NOT NULL AND is_root LIMIT 1) root",
    "AccountAccessKeysPresent": "(SELECT FROM iam_accesskey WHERE account_id = %(account_id)s "
    "AND user_id IS NULL LIMIT 1) root",
}
_COUNT = f"SELECT {', '.join(f'(SELECT count(*) FROM {rows})' for rows in _USED.values())}"  # noqa: S608


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
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"account_id": ctx.account_id})
        used = dict(zip(_USED, cursor.fetchone(), strict=True))
    used |= {
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
        "ServerCertificates": 0,
        "Providers": 0,
        "GlobalEndpointTokenVersion": 1,
    }
    return {"SummaryMap": used | QUOTAS}
