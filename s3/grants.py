"""Access control lists: canned ones, grants in headers and bodies.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

import re
from collections.abc import Mapping
from typing import Any

from aws.context import Context
from s3.errors import AccessControlListNotSupported, AccessDenied, InvalidRequest, argument
from s3.owners import account_of, canonical_id
from s3.rows import BucketRow

Grant = dict[str, Any]
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS = (ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY)
PERMISSIONS = {
    "grant_full_control": "FULL_CONTROL",
    "grant_read": "READ",
    "grant_read_acp": "READ_ACP",
    "grant_write": "WRITE",
    "grant_write_acp": "WRITE_ACP",
}
CANNED_GROUPS = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "aws-exec-read": (),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
}
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"?([^",]+)"?\s*', re.IGNORECASE)


def wanted_grants(ctx: Context, bucket: BucketRow, settings: Mapping[str, Any]) -> list[Grant]:
    """The list that a write's headers ask for; [] is the owner alone.

    Raises AccessControlListNotSupported, InvalidArgument, InvalidRequest, AccessDenied.
    """
    headers = {name: settings[name] for name in PERMISSIONS if settings.get(name)}
    canned = settings.get("acl")
    if canned and headers:
        raise InvalidRequest(reason="Specifying both Canned ACLs and Header Grants is not allowed")
    if not canned and not headers:
        return []
    if bucket.object_ownership == "BucketOwnerEnforced":
        if canned == "bucket-owner-full-control":
            return []
        raise AccessControlListNotSupported
    writer = ctx.principal.account_id
    grants = canned_grants(canned, writer, bucket.account_id) if canned else from_headers(headers)
    require_not_public(bucket, grants)
    return grants


def canned_grants(canned: str, owner_id: str, bucket_owner_id: str = "") -> list[Grant]:
    """Raises InvalidArgument."""
    if canned not in CANNED_GROUPS:
        raise argument("x-amz-acl", canned, "")
    grants = [grant(canonical_id(owner_id), "FULL_CONTROL")]
    grants += [grant(uri, permission) for uri, permission in CANNED_GROUPS[canned]]
    if canned.startswith("bucket-owner-") and bucket_owner_id not in ("", owner_id):
        permission = "READ" if canned == "bucket-owner-read" else "FULL_CONTROL"
        grants.append(grant(canonical_id(bucket_owner_id), permission))
    return grants


def from_headers(headers: Mapping[str, str]) -> list[Grant]:
    """x-amz-grant-read: id="…", uri="…". Raises InvalidArgument."""
    grants = []
    for name, text in headers.items():
        for part in text.split(","):
            match = _GRANTEE.fullmatch(part)
            if match is None:
                header = f"x-amz-{name.replace('_', '-')}"
                raise argument(header, text, "Argument format not recognized")
            grants.append(grant(_known(match[1].lower(), match[2]), PERMISSIONS[name]))
    return grants


def grant(grantee: str, permission: str) -> Grant:
    """grantee: canonical id, or a group's URI."""
    kind = "Group" if grantee.startswith("http") else "CanonicalUser"
    key = "URI" if kind == "Group" else "ID"
    return {"Grantee": {"Type": kind, key: grantee}, "Permission": permission}


def is_public(grants: list[Grant]) -> bool:
    return any(one["Grantee"].get("URI") in (ALL_USERS, AUTHENTICATED_USERS) for one in grants)


def require_not_public(bucket: BucketRow, grants: list[Grant]) -> None:
    """Block Public Access: BlockPublicAcls. Raises AccessDenied."""
    if bucket.blocks("BlockPublicAcls") and is_public(grants):
        raise AccessDenied(
            "Access Denied because public access control lists are blocked by the BlockPublicAcls "
            "setting in S3 Block Public Access."
        )


def check_grantee(grantee: Mapping[str, Any]) -> Grant:
    """A grantee of a body, as it is kept. Raises InvalidArgument."""
    if uri := grantee.get("URI"):
        return {"Type": "Group", "URI": _known("uri", uri)}
    if grantee.get("EmailAddress"):
        return {"Type": "CanonicalUser", "ID": _known("emailaddress", grantee["EmailAddress"])}
    return {"Type": "CanonicalUser", "ID": _known("id", str(grantee.get("ID", "")))}


def _known(kind: str, value: str) -> str:
    if kind == "uri":
        if value not in GROUPS:
            raise argument("uri", value, "Invalid group uri")
        return value
    if kind == "id" and account_of(value) is not None:
        return value
    # AWS ended grants by e-mail address in October 2025.
    raise argument("CanonicalUser/ID", value, "Invalid id")
