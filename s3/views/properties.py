"""The Properties tab: a card for each setting, each with its edit page."""

from typing import Any

from django.http import HttpResponse

from aws.operation import together
from aws.regions import BY_NAME, GLOBAL_REGION
from console.requests import ConsoleRequest
from console.sections import section
from s3 import data_events, operations, reading, websites
from s3.errors import NoSuchBucket
from s3.forms.items import notification_rows
from s3.names import bucket_arn
from s3.views import frame


def properties_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    ctx = request.ctx
    with together(ctx):
        region = section(lambda: region_of(request, bucket))
        notifications = section(lambda: reading.notifications(ctx, bucket))
        context: dict[str, Any] = {
            "arn": bucket_arn(bucket),
            "region": region,
            "created": section(lambda: _created(request, bucket)),
            "versioning": section(lambda: operations.get_bucket_versioning(ctx, bucket=bucket)),
            "tags": section(lambda: reading.tags(ctx, bucket)),
            "encryption": section(lambda: reading.encryption(ctx, bucket)),
            "tiering": section(lambda: _tiering(request, bucket)),
            "logging": section(lambda: operations.get_bucket_logging(ctx, bucket=bucket)),
            "data_events": section(lambda: _data_events(request, bucket)),
            "notifications": notifications,
            "notification_rows": notification_rows(notifications.value or {}),
            "acceleration": section(
                lambda: operations.get_bucket_accelerate_configuration(ctx, bucket=bucket)
            ),
            "payment": section(lambda: operations.get_bucket_request_payment(ctx, bucket=bucket)),
            "lock": section(lambda: reading.lock(ctx, bucket)),
            "website": section(lambda: reading.website(ctx, bucket)),
        }
    if region.value:
        context["website_url"] = websites.endpoint(bucket, region.value.name)
        context["website_path_url"] = websites.by_path(bucket, region.value.name)
    return frame.show_tab(request, bucket, "properties", **context)


def region_of(request: ConsoleRequest, bucket: str) -> Any:
    """The aws.regions.Region of a bucket."""
    answer = operations.get_bucket_location(request.ctx, bucket=bucket)
    return BY_NAME[answer.get("LocationConstraint", GLOBAL_REGION)]


def _tiering(request: ConsoleRequest, bucket: str) -> list[dict[str, Any]]:
    answer = operations.list_bucket_intelligent_tiering_configurations(request.ctx, bucket=bucket)
    return list(answer.get("IntelligentTieringConfigurationList", ()))


def _data_events(request: ConsoleRequest, bucket: str) -> str | None:
    """None for a bucket of another account, whose calls its own trails record."""
    try:
        return data_events.selection(request.ctx, bucket)
    except NoSuchBucket:
        return None


def _created(request: ConsoleRequest, bucket: str) -> Any:
    """None for a bucket of another account."""
    found = operations.list_buckets(request.ctx, prefix=bucket, max_buckets=1)["Buckets"]
    return next((one["CreationDate"] for one in found if one["Name"] == bucket), None)
