"""Names of buckets and keys.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

import ipaddress
import re

MAX_KEY_BYTES = 1024
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ACCESS_POINT = re.compile(r"[a-z0-9][a-z0-9-]{1,48}[a-z0-9]")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_REGIONAL_SUFFIX = "-an"


def is_valid_bucket(name: str, regional_suffix: str = "") -> bool:
    """Whether a new bucket may have the name.

    regional_suffix: that a bucket in the account's regional namespace needs; no other may end so.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    suffix = regional_suffix or _REGIONAL_SUFFIX
    if name.endswith(suffix) != bool(regional_suffix) or name == regional_suffix:
        return False
    if not _BUCKET.fullmatch(name) or ".." in name or _is_address(name):
        return False
    # AWS refuses amzn-s3-demo-bucket and its kin outright: its documents use them as examples.
    return not name.startswith(_RESERVED_PREFIXES) and not name.endswith(_RESERVED_SUFFIXES)


def bucket_arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def object_arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def access_point_arn(region: str, account_id: str, name: str) -> str:
    return f"arn:aws:s3:{region}:{account_id}:accesspoint/{name}"


def is_valid_access_point(name: str) -> bool:
    """Whether a new access point may have the name.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
    """
    is_reserved = name.endswith(("-s3alias", "--ol-s3", "--x-s3", "--xa-s3"))
    return bool(_ACCESS_POINT.fullmatch(name)) and not name.startswith("xn--") and not is_reserved


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
