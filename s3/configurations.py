"""What was put onto a bucket, by the name of its subresource, in AWS's shape."""

from typing import Any

from aws.errors import AwsError
from s3.models import Bucket
from s3.rows import BucketRow


def put(bucket: BucketRow, name: str, value: Any) -> None:
    """value: as it will be answered; JSON."""
    row = Bucket.objects.select_for_update().get(pk=bucket.pk)
    row.configurations[name] = value
    row.save(update_fields=["configurations"])


def get(bucket: BucketRow, name: str, missing: type[AwsError]) -> Any:
    """Raises `missing`."""
    found = find(bucket, name)
    if found is None:
        raise missing(BucketName=bucket.name)
    return found


def find(bucket: BucketRow, name: str) -> Any:
    """None where nothing was put."""
    return Bucket.objects.values_list(f"configurations__{name}", flat=True).get(pk=bucket.pk)


def delete(bucket: BucketRow, name: str) -> None:
    row = Bucket.objects.select_for_update().get(pk=bucket.pk)
    if row.configurations.pop(name, None) is not None:
        row.save(update_fields=["configurations"])
