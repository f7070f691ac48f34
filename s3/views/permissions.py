"""The Permissions tab: who gets in, and the settings that decide it."""

import json
from typing import Any

from django.http import HttpResponse

from aws.context import Context
from aws.operation import together
from console.requests import ConsoleRequest
from console.sections import Readable, section
from s3 import account_blocks, operations, reading
from s3.exposure import Exposure, exposure
from s3.forms.permissions import BLOCKS, BlockFields, grants_table
from s3.models import Bucket
from s3.owners import account_of, canonical_id
from s3.views import frame

Parts = dict[str, Readable[Any]]


def permissions_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    with together(request.ctx):
        parts = _parts(request.ctx, bucket)
    context: dict[str, Any] = {
        **parts,
        "exposure": _exposure(request.ctx, bucket, parts),
        "blocks_shown": shown_blocks(parts["blocks"]),
        "grants": _grants(parts["acl"]),
        "is_enforced": parts["ownership"].value == Bucket.Ownership.ENFORCED,
        "ownership_label": _label(parts["ownership"].value),
        "cors_text": json.dumps(parts["cors"].value, indent=4) if parts["cors"].value else "",
    }
    return frame.show_tab(request, bucket, "permissions", **context)


def _parts(ctx: Context, bucket: str) -> Parts:
    return {
        "policy": section(lambda: reading.policy(ctx, bucket)),
        "blocks": section(lambda: reading.blocks(ctx, bucket)),
        "ownership": section(lambda: reading.ownership(ctx, bucket)),
        "acl": section(lambda: operations.get_bucket_acl(ctx, bucket=bucket)),
        "cors": section(lambda: reading.cors(ctx, bucket)),
    }


def _exposure(ctx: Context, bucket: str, parts: Parts) -> Exposure | None:
    """None where a part of the answer may not be read."""
    if any(parts[name].error for name in ("policy", "blocks", "ownership", "acl")):
        return None
    values: dict[str, Any] = {name: part.value for name, part in parts.items()}
    acl = values["acl"]
    owner = _owner(ctx, acl["Owner"]["ID"])
    row = Bucket(
        account_id=owner,
        name=bucket,
        policy=values["policy"],
        public_access_block=values["blocks"],
        object_ownership=values["ownership"],
        grants=acl["Grants"],
    )
    return exposure(row, account_blocks.of(owner))


def _owner(ctx: Context, canonical: str) -> str:
    is_own = canonical == canonical_id(ctx.account_id)
    return ctx.account_id if is_own else account_of(canonical) or ""


def shown_blocks(blocks: Readable[Any]) -> list[tuple[Any, bool]]:
    """(label, is on) of each setting."""
    known = blocks.value or {}
    fields = BlockFields.base_fields
    return [(fields[name].label, bool(known.get(member))) for name, member in BLOCKS.items()]


def _grants(acl: Readable[Any]) -> list[dict[str, Any]]:
    if acl.value is None:
        return []
    table = grants_table(acl.value["Grants"], acl.value["Owner"]["ID"])
    return [
        {
            "grantee": grantee,
            "kind": kind,
            "lists": "READ" in on,
            "writes": "WRITE" in on,
            "reads_acl": "READ_ACP" in on,
            "writes_acl": "WRITE_ACP" in on,
        }
        for grantee, kind, on in table
    ]


def _label(ownership: str | None) -> Any:
    return Bucket.Ownership(ownership).label if ownership else ""
