"""Console passwords of users."""

from typing import Any

from django.db import IntegrityError, transaction

from aws.context import Context
from aws.errors import Denied, ValidationError
from aws.operation import Response, operation
from iam import lookup, passwords
from iam.errors import EntityAlreadyExists, InvalidUserType, NoSuchEntity
from iam.models import LoginProfile, User
from iam.policy import Verdict


@operation("iam:CreateLoginProfile")
def create_login_profile(
    ctx: Context,
    /,
    *,
    user_name: str = "",
    password: str = "",
    password_reset_required: bool = False,
) -> Response:
    """Gives a user (without a name, the caller) a console password.

    password_reset_required: it has to be changed at the next sign-in. Answers {"LoginProfile": …}.
    Raises EntityAlreadyExists, PasswordPolicyViolation.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
    """
    name = user_name or lookup.own_user_name(ctx)
    user = lookup.user(ctx, "iam:CreateLoginProfile", name)
    if not password:
        raise ValidationError("Password is required unless the request uses an AssumeRoot session.")
    taken = EntityAlreadyExists(f"Login Profile for user {name} already exists.")
    if LoginProfile.objects.in_scope(ctx).filter(user=user).exists():
        raise taken
    profile = LoginProfile(account_id=ctx.account_id, user=user, created_at=ctx.now)
    try:
        with transaction.atomic():
            passwords.set_password(
                profile, password, now=ctx.now, must_change=password_reset_required
            )
    except IntegrityError:
        raise taken from None
    return {"LoginProfile": _as_aws(profile)}


@operation("iam:GetLoginProfile")
def get_login_profile(ctx: Context, /, *, user_name: str = "") -> Response:
    """Answers {"LoginProfile": …} where the user (without a name, the caller) has a password.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html
    """
    name = user_name or lookup.own_user_name(ctx)
    user = lookup.user(ctx, "iam:GetLoginProfile", name)
    return {"LoginProfile": _as_aws(_profile(ctx, user))}


@operation("iam:UpdateLoginProfile")
def update_login_profile(
    ctx: Context,
    /,
    *,
    user_name: str,
    password: str = "",
    password_reset_required: bool | None = None,
) -> Response:
    """Sets another password, or whether it has to be changed at the next sign-in, or both.

    Raises NoSuchEntity, PasswordPolicyViolation.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html
    """
    profile = _profile(ctx, lookup.user(ctx, "iam:UpdateLoginProfile", user_name))
    if password:
        must_change = bool(password_reset_required)
        passwords.set_password(profile, password, now=ctx.now, must_change=must_change)
    elif password_reset_required is not None:
        profile.password_reset_required = password_reset_required
        profile.save(update_fields=["password_reset_required"])
    return {}


@operation("iam:DeleteLoginProfile")
def delete_login_profile(ctx: Context, /, *, user_name: str = "") -> Response:
    """Takes a user's console password away; access keys stay.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html
    """
    name = user_name or lookup.own_user_name(ctx)
    _profile(ctx, lookup.user(ctx, "iam:DeleteLoginProfile", name)).delete()
    return {}


@operation("iam:ChangePassword")
def change_password(ctx: Context, /, *, old_password: str, new_password: str) -> Response:
    """Changes the caller's own password; it need not be changed at the next sign-in then.

    Allowed by iam:ChangePassword, or by the password policy for everyone whom no policy denies it.
    Raises InvalidUserType (not a user), AccessDenied (old password wrong), PasswordPolicyViolation,
    LimitExceeded (ten wrong old passwords in five minutes), NoSuchEntity (no password).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html
    """
    if ctx.principal.kind != "user":
        raise InvalidUserType
    authorize_own(ctx, "iam:ChangePassword", ctx.principal.arn)
    user = User.objects.in_scope(ctx).get(pk=ctx.principal.user_pk)
    profile = _profile(ctx, user)
    passwords.require_old_password(ctx, old_password, profile.password)
    passwords.set_password(profile, new_password, now=ctx.now, must_change=False)
    return {}


def authorize_own(ctx: Context, action: str, resource: str = "*") -> None:
    """As ctx.authorize, where the password policy grants its users the action account-wide."""
    try:
        ctx.authorize(action, resource)
    except Denied as denied:
        verdict = (denied.explanation or {}).get("verdict")
        policy = passwords.policy_of(ctx.account_id) if ctx.principal.kind == "user" else None
        is_granted = policy is not None and policy.allow_users_to_change_password
        if not is_granted or verdict != Verdict.IMPLICIT_DENY:
            raise


def _profile(ctx: Context, user: User) -> LoginProfile:
    profiles = LoginProfile.objects.in_scope(ctx).select_related("user", "account")
    found: LoginProfile | None = profiles.filter(user=user).first()
    if found is None:
        raise NoSuchEntity(f"Login Profile for User {user.user_name} cannot be found.")
    return found


def _as_aws(profile: LoginProfile) -> dict[str, Any]:
    return {
        "UserName": profile.user.user_name,
        "CreateDate": profile.created_at,
        "PasswordResetRequired": profile.password_reset_required,
    }
