"""Versioning of buckets, and the list of versions."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from s3 import access, configurations, history, mfa_delete, points, restores
from s3.errors import (
    IllegalVersioningConfigurationException,
    InvalidArgument,
    InvalidBucketState,
)
from s3.models import Bucket
from s3.operations.lists import check_list, list_conditions, url_encoded
from s3.owners import owner

MAX_KEYS = 1000


@operation("s3:PutBucketVersioning")
def put_bucket_versioning(
    ctx: Context,
    /,
    *,
    bucket: str,
    versioning_configuration: Mapping[str, str],
    **settings: Any,
) -> Response:
    """Enables or suspends versioning: {"Status": "Enabled"}. It never goes back to none.

    {"MFADelete": "Enabled" or "Disabled"} guards versions and this setting: the root user alone
    may, with mfa: "<serial number> <code>".
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
    """
    found = access.bucket(ctx, "s3:PutBucketVersioning", bucket, **settings)
    guard = versioning_configuration.get("MFADelete", "")
    if guard == "Enabled" or found.mfa_delete:
        mfa_delete.require_code(ctx, found, settings.get("mfa", ""))
    status = versioning_configuration.get("Status", "")
    if not status:
        raise IllegalVersioningConfigurationException
    if found.object_lock and status != "Enabled":
        raise InvalidBucketState(
            "An Object Lock configuration is present on this bucket, so the versioning state "
            "cannot be changed."
        )
    if status != "Enabled" and configurations.find(found, "replication"):
        raise InvalidBucketState(
            "A replication configuration is present on this bucket, so you cannot change the "
            "versioning state. To change the versioning state, first delete the replication "
            "configuration."
        )
    if guard == "Enabled" and configurations.find(found, "lifecycle"):
        raise InvalidBucketState("MFA delete cannot be used on a bucket with lifecycle rules.")
    is_guarded = guard == "Enabled" if guard else found.mfa_delete
    Bucket.objects.filter(pk=found.pk).update(versioning=status, mfa_delete=is_guarded)
    return {}


@operation("s3:GetBucketVersioning")
def get_bucket_versioning(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"Status": "Enabled" or "Suspended"}; {} where it was never enabled.

    With {"MFADelete": "Enabled"} where that is on.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
    """
    found = access.bucket(ctx, "s3:GetBucketVersioning", bucket, **settings)
    answer = {"Status": found.versioning} if found.versioning else {}
    return answer | ({"MFADelete": "Enabled"} if found.mfa_delete else {})


@operation("s3:ListObjectVersions", is_data=True)
def list_object_versions(
    ctx: Context,
    /,
    *,
    bucket: str,
    prefix: str = "",
    delimiter: str = "",
    max_keys: int = MAX_KEYS,
    encoding_type: str = "",
    key_marker: str = "",
    version_id_marker: str = "",
    **settings: Any,
) -> Response:
    """Answers {"Versions", "DeleteMarkers", "CommonPrefixes", …}: keys in order, newest first.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    found = access.require(
        ctx,
        "s3:ListBucketVersions",
        points.bucket(bucket),
        bucket,
        conditions=list_conditions(prefix, delimiter, max_keys),
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )
    check_list(max_keys, encoding_type)
    if version_id_marker and not key_marker:
        raise InvalidArgument(
            reason="A version-id marker cannot be specified without a key marker.",
            ArgumentName="version-id-marker",
        )
    size = min(max_keys, MAX_KEYS)
    page = history.page(
        found, prefix, delimiter, key_marker=key_marker, version_id=version_id_marker, size=size
    )
    encode = url_encoded if encoding_type == "url" else str
    answer: Response = {
        "Name": found.name,
        "Prefix": encode(prefix),
        "MaxKeys": size,
        "KeyMarker": encode(key_marker),
        "VersionIdMarker": version_id_marker,
        "IsTruncated": page.next_key is not None,
        "Versions": [],
        "DeleteMarkers": [],
        "CommonPrefixes": [{"Prefix": encode(name)} for name in page.prefixes],
    }
    if delimiter:
        answer["Delimiter"] = encode(delimiter)
    if encoding_type:
        answer["EncodingType"] = encoding_type
    if page.next_key is not None:
        answer["NextKeyMarker"] = encode(page.next_key)
        answer["NextVersionIdMarker"] = page.next_version
    with_restore = "RestoreStatus" in (settings.get("optional_object_attributes") or ())
    for entry in page.entries:
        item = entry.as_aws(encode(entry.key), owner(entry.owner_id or found.account_id))
        if with_restore and (status := restores.status(found, entry.restore)):
            item["RestoreStatus"] = status
        answer["DeleteMarkers" if entry.is_delete_marker else "Versions"].append(item)
    return answer
