"""The account's own password policy; without one, AWS's default policy rules."""

from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from iam import passwords
from iam.errors import NoSuchEntity
from iam.models import PasswordPolicy
from iam.operations.login_profiles import authorize_own


@operation("iam:GetAccountPasswordPolicy")
def get_account_password_policy(ctx: Context, /) -> Response:
    """Answers {"PasswordPolicy": …}; raises NoSuchEntity where AWS's default policy rules.

    Users may read it too where it allows them to change their own passwords.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html
    """
    authorize_own(ctx, "iam:GetAccountPasswordPolicy")
    return {"PasswordPolicy": _as_aws(_policy(ctx))}


@operation("iam:UpdateAccountPasswordPolicy")
def update_account_password_policy(
    ctx: Context,
    /,
    *,
    minimum_password_length: int = 6,
    require_symbols: bool = False,
    require_numbers: bool = False,
    require_uppercase_characters: bool = False,
    require_lowercase_characters: bool = False,
    allow_users_to_change_password: bool = False,
    max_password_age: int | None = None,
    password_reuse_prevention: int | None = None,
    hard_expiry: bool = False,
) -> Response:
    """Replaces the whole policy: what is left out goes back to its default.

    minimum_password_length: 6 to 128. max_password_age: days, 1 to 1095; without it passwords
    never expire. password_reuse_prevention: 1 to 24 passwords; without it any may come back.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
    """
    ctx.authorize("iam:UpdateAccountPasswordPolicy")
    PasswordPolicy.objects.update_or_create(
        account_id=ctx.account_id,
        defaults={
            "minimum_password_length": minimum_password_length,
            "require_symbols": require_symbols,
            "require_numbers": require_numbers,
            "require_uppercase_characters": require_uppercase_characters,
            "require_lowercase_characters": require_lowercase_characters,
            "allow_users_to_change_password": allow_users_to_change_password,
            "max_password_age": max_password_age,
            "password_reuse_prevention": password_reuse_prevention,
            "hard_expiry": hard_expiry,
        },
    )
    return {}


@operation("iam:DeleteAccountPasswordPolicy")
def delete_account_password_policy(ctx: Context, /) -> Response:
    """Goes back to AWS's default policy. Raises NoSuchEntity where that rules already.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html
    """
    ctx.authorize("iam:DeleteAccountPasswordPolicy")
    _policy(ctx).delete()
    return {}


def _policy(ctx: Context) -> PasswordPolicy:
    found = passwords.policy_of(ctx.account_id)
    if found is None:
        raise NoSuchEntity(
            f"The Password Policy with domain name {ctx.account_id} cannot be found."
        )
    return found


def _as_aws(policy: PasswordPolicy) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "MinimumPasswordLength": policy.minimum_password_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase_characters,
        "RequireLowercaseCharacters": policy.require_lowercase_characters,
        "AllowUsersToChangePassword": policy.allow_users_to_change_password,
        "ExpirePasswords": policy.max_password_age is not None,
        "HardExpiry": policy.hard_expiry,
    }
    if policy.max_password_age is not None:
        shown["MaxPasswordAge"] = policy.max_password_age
    if policy.password_reuse_prevention is not None:
        shown["PasswordReusePrevention"] = policy.password_reuse_prevention
    return shown
