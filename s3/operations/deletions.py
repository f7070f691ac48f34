"""Deletes objects: one, or up to 1,000 in a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws.context import Context
from aws.errors import AwsError, MalformedXML
from aws.operation import Response, operation
from s3 import access, mfa_delete, notifications, points, versions
from s3.names import object_arn
from s3.rows import BucketRow

MAX_KEYS = 1000


@operation("s3:DeleteObject", is_data=True)
def delete_object(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Deletes an object, or hides it behind a delete marker; with version_id, a version for good.

    Answers {"DeleteMarker", "VersionId"}; a key that is not there is no error.
    mfa: "<serial number> <code>", where MFA delete guards the versions.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
    """
    found = access.require(
        ctx,
        _action(version_id),
        points.bucket(bucket),
        bucket,
        key=key,
        conditions={"s3:VersionId": version_id} if version_id else None,
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )
    if version_id and found.mfa_delete:
        mfa_delete.require_code(ctx, found, settings.get("mfa", ""))
    bypass = bool(settings.get("bypass_governance_retention"))
    if bypass:
        access.require(ctx, "s3:BypassGovernanceRetention", found, bucket, key=key)
    return _delete(ctx, found, key, version_id, settings, bypass=bypass)


@operation("s3:DeleteObjects", is_data=True)
def delete_objects(
    ctx: Context, /, *, bucket: str, delete: Mapping[str, Any], **settings: Any
) -> Response:
    """Deletes many: {"Objects": [{"Key", "VersionId"}], "Quiet": bool}.

    Answers {"Deleted": […], "Errors": […]}: each key is allowed, and fails, by itself; where MFA
    delete guards the versions, one of them without a code fails all.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    objects: Sequence[Mapping[str, Any]] = delete.get("Objects", ())
    found = access.find(ctx, "s3:DeleteObject", bucket, key="*", **settings)
    if not 0 < len(objects) <= MAX_KEYS:
        raise MalformedXML
    code = settings.get("mfa", "")
    if found.mfa_delete and (code or any(item.get("VersionId") for item in objects)):
        mfa_delete.require_code(ctx, found, code)
    bypass = bool(settings.get("bypass_governance_retention"))
    deleted: list[Response] = []
    failed: list[Response] = []
    for item in objects:
        key, version_id = item["Key"], item.get("VersionId") or ""
        named = {"Key": key, **({"VersionId": version_id} if version_id else {})}
        try:
            answer = _delete_one(ctx, found, item, bypass=bypass)
        except AwsError as error:
            failed.append({**named, "Code": error.code, "Message": error.message})
        else:
            deleted.append(named | answer)
    quiet = bool(delete.get("Quiet"))
    return {"Deleted": [] if quiet else deleted, "Errors": failed}


def _delete_one(
    ctx: Context, found: BucketRow, item: Mapping[str, Any], *, bypass: bool
) -> Response:
    key, version_id = item["Key"], item.get("VersionId") or ""
    actions = [_action(version_id), *(["s3:BypassGovernanceRetention"] if bypass else [])]
    for action in actions:
        access.authorize(ctx, action, object_arn(found.name, key), found, None)
    settings = {"if_match": item["ETag"]} if item.get("ETag") else {}
    answer = _delete(ctx, found, key, version_id, settings, bypass=bypass)
    if answer.get("DeleteMarker"):
        return {"DeleteMarker": True, "DeleteMarkerVersionId": answer["VersionId"]}
    return {}


def _delete(
    ctx: Context,
    found: BucketRow,
    key: str,
    version_id: str,
    settings: Mapping[str, Any],
    *,
    bypass: bool,
) -> Response:
    with notifications.together(found):
        if version_id:
            answer = versions.delete_version(found, key, version_id, settings, bypass=bypass)
        else:
            answer = versions.delete(found, key, settings)
        is_new_marker = not version_id and answer.get("DeleteMarker")
        event = "DeleteMarkerCreated" if is_new_marker else "Delete"
        named = version_id or answer.get("VersionId", "")
        notifications.emit(found, f"ObjectRemoved:{event}", key, ctx=ctx, version_id=named)
    return answer


def _action(version_id: str) -> str:
    return "s3:DeleteObjectVersion" if version_id else "s3:DeleteObject"
