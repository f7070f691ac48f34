"""Long-term access keys of users and of root."""

from typing import Any

from aws import ids
from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from iam import lookup, quotas
from iam.errors import InvalidInput, LimitExceeded, NoSuchEntity
from iam.models import AccessKey, User


@operation("iam:CreateAccessKey")
def create_access_key(ctx: Context, /, *, user_name: str = "") -> Response:
    """Makes a key of a user; without a name, of the caller. Root may make its own.

    Answers {"AccessKey": {…, "SecretAccessKey"}}: the secret is never shown again. Root's keys
    have no UserName. Raises LimitExceeded: two keys for each user and for root.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    """
    user = lookup.holder(ctx, "iam:CreateAccessKey", user_name)
    lookup.lock(ctx, user)
    if _keys(ctx, user).count() >= quotas.ACCESS_KEYS_PER_USER:
        raise LimitExceeded(quota="AccessKeysPerUser", limit=quotas.ACCESS_KEYS_PER_USER)
    key = AccessKey(
        account_id=ctx.account_id,
        user=user,
        access_key_id=ids.access_key_id(),
        created_at=ctx.now,
    )
    secret = ids.secret_access_key()
    key.set_secret(secret)
    key.save(force_insert=True)
    return {"AccessKey": {**_as_aws(key), "SecretAccessKey": secret}}


@operation("iam:ListAccessKeys")
def list_access_keys(
    ctx: Context, /, *, user_name: str = "", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"AccessKeyMetadata": […], …} of a user, or of the caller, the oldest first.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    """
    user = lookup.holder(ctx, "iam:ListAccessKeys", user_name)
    page = paginate(
        ctx,
        _keys(ctx, user).select_related("user"),
        order_by=["created_at", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListAccessKeys:{user.pk if user else ''}",
        error=lookup.InvalidMarker,
    )
    return {"AccessKeyMetadata": [_as_aws(key) for key in page.rows], **page.marker()}


@operation("iam:UpdateAccessKey")
def update_access_key(
    ctx: Context, /, *, access_key_id: str, status: str, user_name: str = ""
) -> Response:
    """Makes a key Active or Inactive. Raises NoSuchEntity, InvalidInput.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    """
    key = _key(ctx, "iam:UpdateAccessKey", access_key_id, user_name)
    if status not in AccessKey.Status.values:
        raise InvalidInput("The status of an access key can be set to Active or Inactive.")
    key.status = AccessKey.Status(status)
    key.save(update_fields=["status"])
    return {}


@operation("iam:DeleteAccessKey")
def delete_access_key(ctx: Context, /, *, access_key_id: str, user_name: str = "") -> Response:
    """Deletes a key of a user, or of the caller. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
    """
    _key(ctx, "iam:DeleteAccessKey", access_key_id, user_name).delete()
    return {}


@operation("iam:GetAccessKeyLastUsed")
def get_access_key_last_used(ctx: Context, /, *, access_key_id: str) -> Response:
    """Answers {"UserName", "AccessKeyLastUsed": {"LastUsedDate", "ServiceName", "Region"}}.

    A key never used has no date, and "N/A" for the others. Raises NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    """
    action = "iam:GetAccessKeyLastUsed"
    keys = AccessKey.objects.in_scope(ctx).select_related("user")
    key = keys.filter(access_key_id=access_key_id).first()
    if key is None or not ctx.allows(action, _holder_arn(key)):
        # The same words for a key that is not there and for one whose owner must not be known.
        ctx.authorize(action, f"access key {access_key_id}")
        raise _no_such_key(access_key_id)
    used: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
    if key.last_used_at:
        used = {
            "LastUsedDate": key.last_used_at,
            "ServiceName": key.last_used_service,
            "Region": key.last_used_region or "N/A",
        }
    return {**_user_name(key), "AccessKeyLastUsed": used}


def _keys(ctx: Context, user: User | None) -> Any:
    return AccessKey.objects.in_scope(ctx).filter(user=user)


def _key(ctx: Context, action: str, access_key_id: str, user_name: str) -> AccessKey:
    user = lookup.holder(ctx, action, user_name)
    key: AccessKey | None = _keys(ctx, user).filter(access_key_id=access_key_id).first()
    if key is None:
        raise _no_such_key(access_key_id)
    return key


def _no_such_key(access_key_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")


def _holder_arn(key: AccessKey) -> str:
    return key.user.arn if key.user else iam_arn(key.account_id, "root")


def _user_name(key: AccessKey) -> dict[str, str]:
    return {"UserName": key.user.user_name} if key.user else {}


def _as_aws(key: AccessKey) -> dict[str, Any]:
    return {
        **_user_name(key),
        "AccessKeyId": key.access_key_id,
        "Status": key.status,
        "CreateDate": key.created_at,
    }
