"""Lists of objects and versions."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aws.context import Context
from aws.operation import Response, operation
from s3 import access, listing, points
from s3.contents import Contents
from s3.errors import argument
from s3.listing import Entry
from s3.rows import BucketRow

MAX_KEYS = 1000


@operation("s3:ListObjectsV2", is_data=True)
def list_objects_v2(
    ctx: Context,
    /,
    *,
    bucket: str,
    prefix: str = "",
    delimiter: str = "",
    max_keys: int = MAX_KEYS,
    encoding_type: str = "",
    continuation_token: str | None = None,
    start_after: str = "",
    fetch_owner: bool = False,
    **settings: Any,
) -> Response:
    """Answers {"Contents": […], "CommonPrefixes": […], "NextContinuationToken", …} in byte order.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    found = _require(ctx, bucket, prefix, delimiter, max_keys, encoding_type, settings)
    after = start_after if continuation_token is None else _open_token(continuation_token)
    size = min(max_keys, MAX_KEYS)
    page = listing.page(found, prefix=prefix, delimiter=delimiter, after=after, size=size)
    encode = _encoder(encoding_type)
    answer = _common(found.name, prefix, delimiter, max_keys, encoding_type, encode)
    answer |= _entries(found, page.entries, encode, settings, with_owner=fetch_owner)
    answer |= {"KeyCount": len(page.entries), "IsTruncated": bool(page.last)}
    if continuation_token is not None:
        answer["ContinuationToken"] = continuation_token
    if start_after:
        answer["StartAfter"] = encode(start_after)
    if page.last:
        answer["NextContinuationToken"] = _token(page.last)
    return answer


@operation("s3:ListObjects", is_data=True)
def list_objects(
    ctx: Context,
    /,
    *,
    bucket: str,
    prefix: str = "",
    delimiter: str = "",
    max_keys: int = MAX_KEYS,
    encoding_type: str = "",
    marker: str = "",
    **settings: Any,
) -> Response:
    """The first version of the list: pages go on after the key or prefix `marker`.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
    """
    found = _require(ctx, bucket, prefix, delimiter, max_keys, encoding_type, settings)
    size = min(max_keys, MAX_KEYS)
    page = listing.page(found, prefix=prefix, delimiter=delimiter, after=marker, size=size)
    encode = _encoder(encoding_type)
    answer = _common(found.name, prefix, delimiter, max_keys, encoding_type, encode)
    answer |= _entries(found, page.entries, encode, settings, with_owner=True)
    answer |= {"Marker": encode(marker), "IsTruncated": bool(page.last)}
    if page.last and delimiter:
        answer["NextMarker"] = encode(page.last)
    return answer


def list_conditions(prefix: str, delimiter: str, max_keys: int) -> dict[str, Any]:
    """The condition keys of a list."""
    keys: dict[str, Any] = {"s3:prefix": prefix, "s3:max-keys": str(max_keys)}
    if delimiter:
        keys["s3:delimiter"] = delimiter
    return keys


def check_list(max_keys: Any, encoding_type: str) -> None:
    """Raises InvalidArgument."""
    if not isinstance(max_keys, int):
        raise argument(
            "max-keys", max_keys, "Provided max-keys not an integer or within integer range"
        )
    if not 0 <= max_keys < 1 << 31:
        raise argument(
            "maxKeys", max_keys, "Argument maxKeys must be an integer between 0 and 2147483647"
        )
    if encoding_type not in ("", "url"):
        raise argument(
            "encoding-type", encoding_type, "Invalid Encoding Method specified in Request"
        )


def _require(
    ctx: Context,
    bucket: str,
    prefix: str,
    delimiter: str,
    max_keys: Any,
    encoding_type: str,
    settings: Mapping[str, Any],
) -> BucketRow:
    found = access.require(
        ctx,
        "s3:ListBucket",
        points.bucket(bucket),
        bucket,
        conditions=list_conditions(prefix, delimiter, max_keys),
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )
    check_list(max_keys, encoding_type)
    return found


def _common(
    bucket: str, prefix: str, delimiter: str, max_keys: int, encoding_type: str, encode: Any
) -> Response:
    answer = {"Name": bucket, "Prefix": encode(prefix), "MaxKeys": min(max_keys, MAX_KEYS)}
    if delimiter:
        answer["Delimiter"] = encode(delimiter)
    if encoding_type:
        answer["EncodingType"] = encoding_type
    return answer


def _entries(
    found: BucketRow,
    entries: list[Entry],
    encode: Any,
    settings: Mapping[str, Any],
    *,
    with_owner: bool,
) -> Response:
    prefixes = [one.prefix_name for one in entries if one.prefix_name is not None]
    contents = Contents(
        found,
        [one for one in entries if one.prefix_name is None] if prefixes else entries,
        encode,
        with_owner=with_owner,
        with_restore="RestoreStatus" in (settings.get("optional_object_attributes") or ()),
    )
    return {
        "Contents": contents,
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in prefixes],
    }


def _encoder(encoding_type: str) -> Any:
    return url_encoded if encoding_type == "url" else str


def url_encoded(text: str) -> str:
    return quote(text, safe="/-_.~*()!'")


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _open_token(token: str) -> str:
    """Raises InvalidArgument."""
    try:
        after = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
        if not after:
            raise ValueError
        return after
    except (ValueError, UnicodeError):
        raise argument(
            "continuation-token", token, "The continuation token provided is incorrect"
        ) from None
