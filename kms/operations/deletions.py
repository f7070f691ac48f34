"""The end of keys: scheduled, and called off."""

from datetime import timedelta

from aws import lifecycle
from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from kms import lookup
from kms.errors import KMSInvalidStateException
from kms.models import Key

MIN_DAYS, MAX_DAYS = 7, 30


@operation("kms:ScheduleKeyDeletion")
def schedule_key_deletion(
    ctx: Context, /, *, key_id: str, pending_window_in_days: int = MAX_DAYS
) -> Response:
    """Deletes a key for good when the waiting period of 7 to 30 days is over.

    Answers {"KeyId", "DeletionDate", "KeyState", "PendingWindowInDays"}. Raises
    KMSInvalidStateException for a key that is pending deletion.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    days = pending_window_in_days
    asked = {"kms:ScheduleKeyDeletionPendingWindowInDays": str(days)}
    key = lookup.require(ctx, "kms:ScheduleKeyDeletion", key_id, conditions=asked)
    lookup.require_not_pending(key)
    if not MIN_DAYS <= days <= MAX_DAYS:
        raise ValidationException(
            f"PendingWindowInDays must be between {MIN_DAYS} and {MAX_DAYS} inclusive."
        )
    date = ctx.now + timedelta(days=days)
    lifecycle.move(key, to=Key.PENDING_DELETION, by=ctx.principal.arn, deletion_date=date)
    return {
        "KeyId": key.arn,
        "DeletionDate": date,
        "KeyState": key.state,
        "PendingWindowInDays": days,
    }


@operation("kms:CancelKeyDeletion")
def cancel_key_deletion(ctx: Context, /, *, key_id: str) -> Response:
    """Keeps a key that is pending deletion; it is disabled then. Answers {"KeyId"}.

    Raises KMSInvalidStateException for a key in another state.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
    """
    key = lookup.require(ctx, "kms:CancelKeyDeletion", key_id)
    if key.state != Key.PENDING_DELETION:
        raise KMSInvalidStateException(f"{key.arn} is not pending deletion.")
    lifecycle.move(key, to=Key.DISABLED, by=ctx.principal.arn, deletion_date=None)
    return {"KeyId": key.arn}
