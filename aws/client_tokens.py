"""Idempotency: a repeated call with the same client token answers as the first did.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction

from aws import clock
from aws.context import Context
from aws.errors import IdempotentParameterMismatch
from aws.models import ClientToken

KEPT = timedelta(hours=24)


def find(
    ctx: Context, action: str, token: str, parameters: dict[str, Any]
) -> dict[str, Any] | None:
    """The first call's response. Raises IdempotentParameterMismatch for other parameters."""
    known = _rows(ctx, action, token).first()
    if known is None:
        return None
    if known.parameters_digest != _digest(parameters):
        raise IdempotentParameterMismatch
    response: dict[str, Any] = known.response
    return response


def keep(
    ctx: Context,
    action: str,
    token: str,
    parameters: dict[str, Any],
    response: dict[str, Any],
) -> None:
    """Remembers a response inside the call's transaction.

    Of two calls at once, the unique row lets one commit; the other is rolled back whole and asks
    the client to try again, after which it finds the first one's response.
    """
    row = ClientToken(
        account_id=ctx.account_id,
        region=ctx.region,
        operation=action,
        token=token,
        parameters_digest=_digest(parameters),
        response=json.loads(json.dumps(response, cls=DjangoJSONEncoder)),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise IdempotentParameterMismatch(
            "A request with this client token is in progress. Please try again."
        ) from None


def forget_old() -> int:
    """Deletes tokens past their day; answers how many."""
    deleted, _ = ClientToken.objects.filter(created_at__lt=clock.real_now() - KEPT).delete()
    return deleted


def _rows(ctx: Context, action: str, token: str) -> Any:
    return ClientToken.objects.filter(
        account_id=ctx.account_id, region=ctx.region, operation=action, token=token
    )


def _digest(parameters: dict[str, Any]) -> str:
    canonical = json.dumps(parameters, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(canonical.encode()).hexdigest()
