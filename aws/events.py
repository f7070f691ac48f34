"""The event history: one row for every call of an operation, whatever its result.

The row follows CloudTrail's record contents, with secrets hidden:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import base64
import json
import math
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import botocore.model
from django.db import connection
from psycopg.types.json import Jsonb

from aws import clock
from aws.arn import Arn
from aws.context import Context
from aws.errors import AwsError, Denied
from aws.models import Account, Event
from aws.regions import GLOBAL_REGION

if TYPE_CHECKING:
    from aws.operation import Operation

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
KEPT = timedelta(days=90)
MAX_JSON_CHARACTERS = 100_000
# Not marked sensitive in AWS's models, yet enough to act as somebody.
SECRET_MEMBERS = {
    "AuthenticationCode1",
    "AuthenticationCode2",
    "Base32StringSeed",
    "Plaintext",
    "QRCodePNG",
    "SecretAccessKey",
    "SessionToken",
    "TokenCode",
}
CALLER_TYPES = {
    "root": "Root",
    "user": "IAMUser",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
    "anonymous": "AWSAccount",
    "service": "AWSService",
    "system": "AWSService",
}
_COLUMNS = [str(field.column) for field in Event._meta.concrete_fields]
# Written without the ORM: this runs on every call, and costs a third of Model.save().
_INSERT = (
    f"INSERT INTO {Event._meta.db_table} ({', '.join(_COLUMNS)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)


def record(
    ctx: Context,
    op: "Operation[Any]",
    parameters: dict[str, Any],
    *,
    response: dict[str, Any] | None = None,
    error: AwsError | None = None,
) -> uuid.UUID:
    """Notes a call; answers its event id. `flush` writes it, outside the call's transaction."""
    event_id = uuid.uuid4()
    output = None
    if response is not None and not op.is_read_only:
        output = _limited(readable(op.model.output_shape, response))
    ctx.pending_events.append(
        {
            "event_id": event_id,
            "account_id": ctx.account_id,
            "region": GLOBAL_REGION if op.service.is_global else ctx.region,
            "event_time": ctx.now,
            "event_source": op.service.event_source,
            "event_name": op.name,
            "read_only": op.is_read_only,
            "source": ctx.source,
            "user_name": ctx.principal.name[:128],
            "access_key_id": ctx.principal.access_key_id,
            "user_identity": Jsonb(user_identity(ctx)),
            "source_ip": ctx.source_ip[:64],
            "user_agent": _printable(ctx.user_agent)[:256],
            "request_id": ctx.request_id,
            "request_parameters": _json(_limited(readable(op.model.input_shape, parameters))),
            "response_elements": _json(output),
            "additional_event_data": None,
            "error_code": error.code if error else "",
            "error_message": _printable(error.message) if error else "",
            "resources": Jsonb(_resources(ctx)),
            "explanation": _json(error.explanation if isinstance(error, Denied) else None),
        }
    )
    if error is not None:
        # The console leads from an error to this row: "why was I denied?"
        error.fields["event_id"] = event_id
    return event_id


def flush(ctx: Context) -> None:
    """Writes the noted events."""
    rows = [[event[column] for column in _COLUMNS] for event in ctx.pending_events]
    ctx.pending_events.clear()
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_INSERT, row)


def forget_old() -> int:
    """Deletes events older than 90 days of their own account's time; answers how many."""
    deleted = 0
    for account in Account.objects.only("account_id", "clock_offset"):
        old = Event.objects.filter(account_id=account.account_id, event_time__lt=account.now - KEPT)
        deleted += old.delete()[0]
    return deleted


def readable(shape: botocore.model.Shape | None, value: Any) -> Any:
    """A request or response as CloudTrail shows it: camelCase names, secrets hidden."""
    if shape is None or value is None:
        return None
    if shape.metadata.get("sensitive") and value:
        return HIDDEN
    if isinstance(shape, botocore.model.StructureShape) and isinstance(value, dict):
        return {
            camel(name): HIDDEN
            if name in SECRET_MEMBERS and inner
            else readable(shape.members.get(name), inner)
            for name, inner in value.items()
        }
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list | tuple):
        return [readable(shape.member, inner) for inner in value]
    if isinstance(shape, botocore.model.MapShape) and isinstance(value, dict):
        return {_printable(str(key)): readable(shape.value, inner) for key, inner in value.items()}
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.isoformat(value)
    if isinstance(value, bytes):
        return base64.b64encode(value[:1024]).decode()
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int | float | bool):
        return value
    return _printable(str(value))


def camel(name: str) -> str:
    """UserName → userName, DBInstanceIdentifier → dBInstanceIdentifier, as CloudTrail does."""
    return name[:1].lower() + name[1:]


def _printable(text: str) -> str:
    """PostgreSQL's text and JSON hold no NUL and no half of a surrogate pair."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")


def _limited(value: Any) -> Any:
    if value is not None and len(json.dumps(value, default=str)) > MAX_JSON_CHARACTERS:
        return {"omitted": True, "reason": "requestParameters or responseElements too large"}
    return value


def _json(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value)


def user_identity(ctx: Context) -> dict[str, Any]:
    """CloudTrail's userIdentity element."""
    caller = ctx.principal
    identity: dict[str, Any] = {"type": CALLER_TYPES[caller.kind]}
    if caller.kind == "system":
        return identity | {"invokedBy": "groundschool"}
    identity |= {
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account_id,
    }
    if caller.access_key_id:
        identity["accessKeyId"] = caller.access_key_id
    if caller.kind == "user":
        identity["userName"] = caller.name
    if caller.issued_at:
        mfa = "true" if caller.mfa_authenticated_at else "false"
        attributes = {"creationDate": clock.isoformat(caller.issued_at), "mfaAuthenticated": mfa}
        identity["sessionContext"] = {"attributes": attributes}
        if caller.role_arn:
            identity["sessionContext"]["sessionIssuer"] = {"type": "Role", "arn": caller.role_arn}
        if caller.source_identity:
            identity["sessionContext"]["sourceIdentity"] = caller.source_identity
    return identity


def _resources(ctx: Context) -> list[dict[str, str]]:
    """The ARNs that the call asked about, as LookupEvents lists them."""
    found = []
    for text in ctx.resources:
        try:
            arn = Arn.parse(text)
        except ValueError:
            continue
        kind = "".join(word.capitalize() for word in arn.resource_type.split("-"))
        found.append(
            {
                "ARN": text,
                "accountId": arn.account_id,
                "type": f"AWS::{arn.service.upper()}::{kind}",
                "name": arn.resource_name,
            }
        )
    return found
