"""RestoreObject."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from aws.context import Context
from aws.errors import MalformedXML, OperationNotOffered
from aws.operation import Response, operation
from s3 import access, notifications, points, restores, rows
from s3.errors import InvalidArgument, MethodNotAllowed, NoSuchVersion


@operation("s3:RestoreObject", is_data=True)
def restore_object(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    version_id: str = "",
    restore_request: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Response:
    """Asks for a readable copy of an archived object for some days: 202, or 200 for one more stay.

    Raises InvalidObjectState, RestoreAlreadyInProgress, InvalidArgument.
    Simplified: no S3 Select in it. AWS's retrieval times pass as LAB_PACE says.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
    """
    owner, found = points.find(bucket, key, version_id)
    expected = settings.get("expected_bucket_owner", "")
    owner = access.require(
        ctx, "s3:RestoreObject", owner, bucket, key=key, of=found, expected_bucket_owner=expected
    )
    request = restore_request or {}
    if request.get("Type") == "SELECT" or request.get("SelectParameters"):
        raise OperationNotOffered("Selecting from an archived object is not part of this lab.")
    days = request.get("Days")
    if days is None:
        raise MalformedXML
    if days < 1:
        raise InvalidArgument(
            reason="restoration days should be at least 1",
            ArgumentName="Days",
            ArgumentValue=str(days),
        )
    tier = (request.get("GlacierJobParameters") or {}).get("Tier") or request.get("Tier")
    if found is None:
        raise (
            NoSuchVersion(Key=key, VersionId=version_id)
            if version_id
            else access.missing_key(ctx, owner, key)
        )
    if found.is_delete_marker:
        raise MethodNotAllowed(Method="POST", ResourceType="DeleteMarker")
    with transaction.atomic():
        rows.lock(owner, key)
        # Asked for twice at once, it is under way for the second.
        found = rows.version(owner, key, found.version_id)
        if found is None:
            raise access.missing_key(ctx, owner, key)
        kept, is_there = restores.begin(owner, found, days, tier or "Standard")
        restores.keep(found, kept)
        if not is_there:
            detail = {"source-storage-class": found.storage_class}
            notifications.changed(ctx, owner, "ObjectRestore:Post", found, detail=detail)
    ctx.cache[access.STATUS] = 200 if is_there else 202
    return {}
