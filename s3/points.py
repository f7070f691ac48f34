"""Buckets by the names of their access points: an ARN or an alias, where a bucket's name may stand.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
"""

import json
import re
from typing import Any

from s3 import rows
from s3.names import access_point_arn, bucket_arn
from s3.rows import BucketRow, ObjectRow, PointRow

ALIAS_SUFFIX = "-s3alias"
_ARN = re.compile(
    r"arn:aws:s3:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):accesspoint[/:](?P<name>[a-z0-9-]+)"
)
# Of a host: <name>-<account id>.s3-accesspoint.<region>, or on an endpoint without the rest.
_LABEL = re.compile(r"(?P<name>[a-z0-9-]{3,50})-(?P<account>\d{12})")
_SELECT = """SELECT p.region, p.account_id, p.name, p.vpc_id, p.policy, p.bucket,
    p.bucket_account_id, p.public_access_block::text, coalesce(k.blocks, '{}')::text
    FROM s3_accesspoint p LEFT JOIN s3_accountblock k ON k.account_id = p.account_id"""
_BY_ALIAS = f"{_SELECT} WHERE p.alias = %s"
_BY_ARN = f"{_SELECT} WHERE p.region = %s AND p.account_id = %s AND p.name = %s"
_REGIONS = "SELECT region FROM s3_accesspoint WHERE account_id = %s AND name = %s ORDER BY region"


def is_point(name: str) -> bool:
    """Whether a name is an access point's, there or not, rather than a bucket's."""
    return name.endswith(ALIAS_SUFFIX) or name.startswith("arn:")


def point_of(arn: str) -> tuple[str, str, str] | None:
    """Region, account and name of an access point's ARN; None of anything else."""
    match = _ARN.fullmatch(arn)
    return (match["region"], match["account"], match["name"]) if match else None


def bucket(name: str) -> BucketRow | None:
    """`rows.find_bucket`, also through an access point, which the row then knows as its point."""
    if not is_point(name):
        return rows.find_bucket(name)
    point, of, owner = _find(name)
    return _through(point, rows.find_bucket(of), owner) if point else None


def find(name: str, key: str, version_id: str = "") -> tuple[BucketRow | None, ObjectRow | None]:
    """`rows.find`, as `bucket`."""
    if not is_point(name):
        return rows.find(name, key, version_id)
    point, of, owner = _find(name)
    if point is None:
        return None, None
    row, version = rows.find(of, key, version_id)
    found = _through(point, row, owner)
    return found, version if found else None


def of_host(label: str, region: str) -> str:
    """The ARN of the access point that "name-111122223333" names, "" for none.

    An account's access points go before buckets that are named so: only the account itself can
    make the two meet.
    """
    if (match := _LABEL.fullmatch(label)) is None:
        return ""
    account_id, name = match["account"], match["name"]
    regions = [row[0] for row in rows.run(_REGIONS, [account_id, name]).fetchall()]
    if not regions:
        return ""
    return access_point_arn(region if region in regions else regions[0], account_id, name)


def resource_of(name: str, key: str | None) -> str:
    """The ARN that policies know a bucket or access point by, or a key in it."""
    if not name.startswith("arn:"):
        return bucket_arn(name) if key is None else f"{bucket_arn(name)}/{key}"
    return name if key is None else f"{name}/object/{key}"


def _find(name: str) -> tuple[PointRow | None, str, str]:
    """The access point, its bucket's name and that bucket's account."""
    if named := point_of(name):
        row = rows.run(_BY_ARN, named).fetchone()
    else:
        row = rows.run(_BY_ALIAS, [name]).fetchone()
    return (None, "", "") if row is None else (_point(row), row[5], row[6])


def _point(row: tuple[Any, ...]) -> PointRow:
    region, account_id, name, vpc_id, policy, _, _, own, accounts = row
    blocks: dict[str, bool] = json.loads(own)
    for setting, is_on in json.loads(accounts).items():
        blocks[setting] = blocks.get(setting, False) or is_on
    arn = access_point_arn(region, account_id, name)
    return PointRow(arn, account_id, vpc_id, policy, blocks)


def _through(point: PointRow, row: BucketRow | None, owner: str) -> BucketRow | None:
    """None where the bucket is gone, or its name somebody else's by now."""
    if row is None or row.account_id != owner:
        return None
    row.point = point
    return row
