"""Configurations that a bucket has many of, each with an id of its own."""

import re
from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.paging import paginate_list
from s3 import configurations
from s3.errors import InvalidArgument, NoSuchConfiguration, TooManyConfigurations, argument
from s3.rows import BucketRow

MAX_CONFIGURATIONS = 1000
PAGE = 100
_ID = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


class _InvalidToken(InvalidArgument):
    """Of a continuation token that is not ours."""

    code = "InvalidArgument"
    message = "The continuation token provided is incorrect"


def put(bucket: BucketRow, name: str, config_id: str, wanted: Mapping[str, Any]) -> None:
    """name: of the subresource ("inventory"). Raises InvalidArgument, TooManyConfigurations."""
    if not _ID.fullmatch(config_id):
        raise argument("id", config_id, "The configuration ID is not valid")
    if wanted["Id"] != config_id:
        raise argument("id", config_id, "The id in the request does not match the configuration's")
    kept = configurations.find(bucket, name) or {}
    if config_id not in kept and len(kept) >= MAX_CONFIGURATIONS:
        raise TooManyConfigurations
    configurations.put(bucket, name, {**kept, config_id: dict(wanted)})


def get(bucket: BucketRow, name: str, config_id: str) -> dict[str, Any]:
    """Raises NoSuchConfiguration."""
    kept: dict[str, dict[str, Any]] = configurations.find(bucket, name) or {}
    if config_id not in kept:
        raise NoSuchConfiguration(BucketName=bucket.name)
    return kept[config_id]


def page(ctx: Context, bucket: BucketRow, name: str, member: str, token: str) -> dict[str, Any]:
    """A hundred of them at a time, by id. member: the answer's list. Raises InvalidArgument."""
    kept = configurations.find(bucket, name) or {}
    items = [kept[config_id] for config_id in sorted(kept)]
    purpose = f"s3:{name}:{bucket.name}"
    found, more = paginate_list(
        ctx, items, size=PAGE, token=token, purpose=purpose, error=_InvalidToken
    )
    answer: dict[str, Any] = {"IsTruncated": bool(more), member: found}
    if token:
        answer["ContinuationToken"] = token
    return answer | ({"NextContinuationToken": more} if more else {})


def delete(bucket: BucketRow, name: str, config_id: str) -> None:
    """Raises NoSuchConfiguration."""
    get(bucket, name, config_id)
    kept = configurations.find(bucket, name)
    del kept[config_id]
    if kept:
        configurations.put(bucket, name, kept)
    else:
        configurations.delete(bucket, name)
