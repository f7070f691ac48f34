"""Inventory: its configurations. `s3.inventory` writes the reports."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import OperationNotOffered
from aws.operation import Response, operation
from s3 import access, by_id, inventory, rows
from s3.errors import InvalidArgument, InvalidS3DestinationBucket
from s3.rows import BucketRow

INVENTORY = inventory.NAME
_ARN = "arn:aws:s3:::"


@operation("s3:PutBucketInventoryConfiguration")
def put_bucket_inventory_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    id: str,
    inventory_configuration: Mapping[str, Any],
    **settings: Any,
) -> Response:
    """Has the bucket's objects listed in another one, daily or weekly. At most 1,000 a bucket.

    The first report comes at once, then one each day, or each Sunday, of the account's clock. The
    destination's policy has to let s3.amazonaws.com put objects. Raises InvalidArgument,
    InvalidS3DestinationBucket, TooManyConfigurations.
    Simplified: reports are CSV; ORC and Parquet are not offered. Optional fields that the lab does
    not know of its objects are empty.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutInventoryConfiguration", bucket, **settings)
    _check_destination(found, inventory_configuration["Destination"]["S3BucketDestination"])
    fields = inventory_configuration.get("OptionalFields", ())
    if len(set(fields)) < len(fields):
        raise InvalidArgument(reason="An optional field can be named only once")
    by_id.put(found, INVENTORY, id, inventory_configuration)
    return {}


@operation("s3:GetBucketInventoryConfiguration")
def get_bucket_inventory_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Answers {"InventoryConfiguration": …}. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketInventoryConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetInventoryConfiguration", bucket, **settings)
    return {"InventoryConfiguration": by_id.get(found, INVENTORY, id)}


@operation("s3:ListBucketInventoryConfigurations")
def list_bucket_inventory_configurations(
    ctx: Context, /, *, bucket: str, continuation_token: str = "", **settings: Any
) -> Response:
    """Answers {"InventoryConfigurationList": […], "IsTruncated", "NextContinuationToken"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html
    """
    found = access.bucket(ctx, "s3:GetInventoryConfiguration", bucket, **settings)
    return by_id.page(ctx, found, INVENTORY, "InventoryConfigurationList", continuation_token)


@operation("s3:DeleteBucketInventoryConfiguration")
def delete_bucket_inventory_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Ends it; its reports stay. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketInventoryConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutInventoryConfiguration", bucket, **settings)
    by_id.delete(found, INVENTORY, id)
    inventory.forget(found, id)
    return {}


def _check_destination(source: BucketRow, wanted: Mapping[str, Any]) -> None:
    """The policy there is asked when a report is put, as in AWS."""
    if wanted["Format"] != "CSV":
        raise OperationNotOffered(
            f"Inventory reports in {wanted['Format']} are not offered by this lab."
        )
    target = rows.find_bucket(wanted["Bucket"].removeprefix(_ARN))
    is_arn = wanted["Bucket"].startswith(_ARN)
    if not is_arn or target is None or wanted.get("AccountId") not in (None, target.account_id):
        raise InvalidS3DestinationBucket
    if target.bucket_region != source.bucket_region:
        raise InvalidS3DestinationBucket
