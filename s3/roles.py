"""Roles that S3 works under for a bucket: what replication may do, and no more."""

import time
from datetime import timedelta

from aws.context import Context
from aws.identity import ExpiredKey, SuspendedAccount, UnknownKey, lookup_credentials
from iam.operations import assume_role
from s3 import services
from s3.errors import AccessDenied
from s3.rows import BucketRow

SERVICE = "s3.amazonaws.com"
SESSION_NAME = "s3-replication"
# How long a process keeps a session, in seconds; what its role may is asked at each use.
_KEPT_SECONDS = 60.0
# (role, bucket) → (until, access key id, session token).
_sessions: dict[tuple[str, str], tuple[float, str, str]] = {}


def context(source: BucketRow, role_arn: str) -> Context:
    """S3 as a role of a bucket's rules. Raises AccessDenied where the role does not trust S3."""
    place = (role_arn, source.name)
    until, key_id, token = _sessions.get(place, (0.0, "", ""))
    if until > time.monotonic():
        try:
            return _opened(source, key_id, token)
        except (UnknownKey, ExpiredKey):
            del _sessions[place]
    key_id, token = assume(source, role_arn)
    _sessions[place] = (time.monotonic() + _KEPT_SECONDS, key_id, token)
    return _opened(source, key_id, token)


def assume(source: BucketRow, role_arn: str) -> tuple[str, str]:
    """(access key id, session token). Raises AccessDenied, ValidationError."""
    answer = assume_role(
        services.context(SERVICE, source), role_arn=role_arn, role_session_name=SESSION_NAME
    )
    given = answer["Credentials"]
    return given["AccessKeyId"], given["SessionToken"]


def _opened(source: BucketRow, key_id: str, token: str) -> Context:
    try:
        found = lookup_credentials(key_id, token)
    except SuspendedAccount:
        raise AccessDenied from None
    return Context(
        account_id=found.principal.account_id,
        principal=found.principal,
        region=source.bucket_region,
        source="system",
        secure_transport=True,
        clock_offset=timedelta(seconds=found.clock_offset_seconds),
    )
