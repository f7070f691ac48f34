"""Rotation: new key material for a key, by the calendar or on demand."""

from datetime import timedelta
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from kms import lookup, quotas
from kms.errors import (
    InvalidMarkerException,
    LimitExceededException,
    UnsupportedOperationException,
)
from kms.models import Key, KeyMaterial

DEFAULT_PERIOD = 365
ON_DEMAND = "ON_DEMAND"


@operation("kms:EnableKeyRotation")
def enable_key_rotation(
    ctx: Context, /, *, key_id: str, rotation_period_in_days: int = DEFAULT_PERIOD
) -> Response:
    """Rotates a symmetric key every 90 to 2560 days, the first time one period from now.

    Raises DisabledException, KMSInvalidStateException, UnsupportedOperationException.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
    """
    asked = {"kms:RotationPeriodInDays": str(rotation_period_in_days)}
    key = _require(ctx, "kms:EnableKeyRotation", key_id, asked)
    key.rotation_period = rotation_period_in_days
    key.next_rotation_date = ctx.now + timedelta(days=rotation_period_in_days)
    key.save(update_fields=["rotation_period", "next_rotation_date"])
    return {}


@operation("kms:DisableKeyRotation")
def disable_key_rotation(ctx: Context, /, *, key_id: str) -> Response:
    """Ends automatic rotation; key material stays as it is.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
    """
    key = _require(ctx, "kms:DisableKeyRotation", key_id)
    key.rotation_period = key.next_rotation_date = None
    key.save(update_fields=["rotation_period", "next_rotation_date"])
    return {}


@operation("kms:GetKeyRotationStatus")
def get_key_rotation_status(ctx: Context, /, *, key_id: str) -> Response:
    """Answers {"KeyRotationEnabled", "KeyId", "RotationPeriodInDays", "NextRotationDate"}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    key = lookup.require(ctx, "kms:GetKeyRotationStatus", key_id, elsewhere=True)
    answer: dict[str, Any] = {
        "KeyId": key.arn,
        "KeyRotationEnabled": bool(key.rotation_period) and key.state != Key.PENDING_DELETION,
    }
    if key.rotation_period:
        answer["RotationPeriodInDays"] = key.rotation_period
        answer["NextRotationDate"] = key.next_rotation_date
    return answer


@operation("kms:RotateKeyOnDemand")
def rotate_key_on_demand(ctx: Context, /, *, key_id: str) -> Response:
    """New key material at once, at most 25 times in a key's life. Answers {"KeyId"}.

    What was encrypted before stays readable. Raises LimitExceededException.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
    """
    key = _require(ctx, "kms:RotateKeyOnDemand", key_id)
    # Two at once would number the same.
    Key.objects.select_for_update().get(pk=key.pk)
    if key.materials.filter(rotation_type=ON_DEMAND).count() >= quotas.ON_DEMAND_ROTATIONS:
        raise LimitExceededException(
            reason=f"{key.arn} has been rotated on demand {quotas.ON_DEMAND_ROTATIONS} times, "
            "which is the limit."
        )
    number = lookup.material_of(key).number + 1
    lookup.add_material(key, number, ctx.now, ON_DEMAND)
    return {"KeyId": key.arn}


@operation("kms:ListKeyRotations")
def list_key_rotations(
    ctx: Context, /, *, key_id: str, limit: int = 100, marker: str = "", **_: Any
) -> Response:
    """Answers {"Rotations": [{"KeyId", "RotationDate", "RotationType"}], "Truncated"}.

    The rotations that were carried out, the oldest first.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    key = lookup.require(ctx, "kms:ListKeyRotations", key_id)
    page = paginate(
        ctx,
        KeyMaterial.objects.filter(key=key, number__gt=1),
        order_by=["number"],
        size=limit,
        token=marker,
        purpose=f"kms:ListKeyRotations:{key.key_id}",
        error=InvalidMarkerException,
    )
    rotations = [
        {"KeyId": key.arn, "RotationDate": made.created_at, "RotationType": made.rotation_type}
        for made in page.rows
    ]
    return {"Rotations": rotations, **page.next_marker()}


def _require(
    ctx: Context, action: str, key_id: str, conditions: dict[str, str] | None = None
) -> Key:
    key = lookup.require(ctx, action, key_id, conditions=conditions)
    if not key.is_symmetric:
        raise UnsupportedOperationException(reason="Only symmetric encryption keys can be rotated.")
    lookup.require_usable(key)
    return key
