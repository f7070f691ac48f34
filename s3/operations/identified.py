"""Configurations that a bucket has many of, each with an id: metrics, analytics,
intelligent tiering. `s3.operations.inventory` has the fourth kind."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, by_id, rows
from s3.errors import InvalidArgument, InvalidRequest
from s3.tagging import read_tags

METRICS, ANALYTICS, TIERING = "metrics", "analytics", "intelligent-tiering"
MIN_DAYS = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
MAX_DAYS = 730


@operation("s3:PutBucketMetricsConfiguration")
def put_bucket_metrics_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    id: str,
    metrics_configuration: Mapping[str, Any],
    **settings: Any,
) -> Response:
    """Counts the requests of a prefix by themselves, under the id. At most 1,000 a bucket.

    Simplified: every request of the bucket is counted without one; filters by tags and access
    points are kept, and count nothing; of a bucket's filters the first 100 are counted.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutMetricsConfiguration", bucket, **settings)
    _check_filter(metrics_configuration)
    by_id.put(found, METRICS, id, metrics_configuration)
    return {}


@operation("s3:GetBucketMetricsConfiguration")
def get_bucket_metrics_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Answers {"MetricsConfiguration": …}. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetricsConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetMetricsConfiguration", bucket, **settings)
    return {"MetricsConfiguration": by_id.get(found, METRICS, id)}


@operation("s3:ListBucketMetricsConfigurations")
def list_bucket_metrics_configurations(
    ctx: Context, /, *, bucket: str, continuation_token: str = "", **settings: Any
) -> Response:
    """Answers {"MetricsConfigurationList": […], "IsTruncated", "NextContinuationToken"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketMetricsConfigurations.html
    """
    found = access.bucket(ctx, "s3:GetMetricsConfiguration", bucket, **settings)
    return by_id.page(ctx, found, METRICS, "MetricsConfigurationList", continuation_token)


@operation("s3:DeleteBucketMetricsConfiguration")
def delete_bucket_metrics_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Ends it; what was counted stays. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketMetricsConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutMetricsConfiguration", bucket, **settings)
    by_id.delete(found, METRICS, id)
    return {}


@operation("s3:PutBucketAnalyticsConfiguration")
def put_bucket_analytics_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    id: str,
    analytics_configuration: Mapping[str, Any],
    **settings: Any,
) -> Response:
    """Keeps a storage class analysis. At most 1,000 a bucket.

    Raises InvalidArgument. Simplified: kept and answered; the lab does not watch how old objects
    are when they are read, and exports no report.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutAnalyticsConfiguration", bucket, **settings)
    _check_filter(analytics_configuration)
    export = analytics_configuration["StorageClassAnalysis"].get("DataExport")
    if export is not None:
        arn = export["Destination"]["S3BucketDestination"]["Bucket"]
        target = rows.find_bucket(arn.removeprefix("arn:aws:s3:::"))
        if not arn.startswith("arn:aws:s3:::") or target is None:
            raise InvalidArgument(reason="Invalid bucket ARN.")
        if target.bucket_region != found.bucket_region:
            raise InvalidArgument(reason="Destination bucket must be in the same region.")
    by_id.put(found, ANALYTICS, id, analytics_configuration)
    return {}


@operation("s3:GetBucketAnalyticsConfiguration")
def get_bucket_analytics_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Answers {"AnalyticsConfiguration": …}. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAnalyticsConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetAnalyticsConfiguration", bucket, **settings)
    return {"AnalyticsConfiguration": by_id.get(found, ANALYTICS, id)}


@operation("s3:ListBucketAnalyticsConfigurations")
def list_bucket_analytics_configurations(
    ctx: Context, /, *, bucket: str, continuation_token: str = "", **settings: Any
) -> Response:
    """Answers {"AnalyticsConfigurationList": […], "IsTruncated", "NextContinuationToken"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketAnalyticsConfigurations.html
    """
    found = access.bucket(ctx, "s3:GetAnalyticsConfiguration", bucket, **settings)
    return by_id.page(ctx, found, ANALYTICS, "AnalyticsConfigurationList", continuation_token)


@operation("s3:DeleteBucketAnalyticsConfiguration")
def delete_bucket_analytics_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Ends it. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketAnalyticsConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutAnalyticsConfiguration", bucket, **settings)
    by_id.delete(found, ANALYTICS, id)
    return {}


@operation("s3:PutBucketIntelligentTieringConfiguration")
def put_bucket_intelligent_tiering_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    id: str,
    intelligent_tiering_configuration: Mapping[str, Any],
    **settings: Any,
) -> Response:
    """Keeps after how many days objects would move to the archive tiers. At most 1,000 a bucket.

    Raises InvalidArgument: days below 90 or 180, or above 730; InvalidRequest: a tier twice.
    Simplified: kept and answered; objects of INTELLIGENT_TIERING stay in the frequent tier.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutIntelligentTieringConfiguration", bucket, **settings)
    wanted = intelligent_tiering_configuration
    _check_filter(wanted)
    tiers = [one["AccessTier"] for one in wanted["Tierings"]]
    if not tiers:
        raise MalformedXML
    if len(set(tiers)) < len(tiers):
        raise InvalidRequest(reason="A tier can be named only once in a configuration")
    for one in wanted["Tierings"]:
        least = MIN_DAYS[one["AccessTier"]]
        if not least <= one["Days"] <= MAX_DAYS:
            raise InvalidArgument(
                reason=f"'Days' for {one['AccessTier']} must be between {least} and {MAX_DAYS}"
            )
    by_id.put(found, TIERING, id, wanted)
    return {}


@operation("s3:GetBucketIntelligentTieringConfiguration")
def get_bucket_intelligent_tiering_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Answers {"IntelligentTieringConfiguration": …}. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketIntelligentTieringConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetIntelligentTieringConfiguration", bucket, **settings)
    return {"IntelligentTieringConfiguration": by_id.get(found, TIERING, id)}


@operation("s3:ListBucketIntelligentTieringConfigurations")
def list_bucket_intelligent_tiering_configurations(
    ctx: Context, /, *, bucket: str, continuation_token: str = "", **settings: Any
) -> Response:
    """Answers {"IntelligentTieringConfigurationList": […], "IsTruncated", …}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketIntelligentTieringConfigurations.html
    """
    found = access.bucket(ctx, "s3:GetIntelligentTieringConfiguration", bucket, **settings)
    member = "IntelligentTieringConfigurationList"
    return by_id.page(ctx, found, TIERING, member, continuation_token)


@operation("s3:DeleteBucketIntelligentTieringConfiguration")
def delete_bucket_intelligent_tiering_configuration(
    ctx: Context, /, *, bucket: str, id: str, **settings: Any
) -> Response:
    """Ends it. Raises NoSuchConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketIntelligentTieringConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutIntelligentTieringConfiguration", bucket, **settings)
    by_id.delete(found, TIERING, id)
    return {}


def _check_filter(wanted: Mapping[str, Any]) -> None:
    """One condition, or several in And. Raises MalformedXML, InvalidTag."""
    conditions = wanted.get("Filter")
    if conditions is None:
        return
    if len(conditions) != 1:
        raise MalformedXML
    together = conditions.get("And")
    if together is not None and len(together) + max(0, len(together.get("Tags", ())) - 1) < 2:
        raise MalformedXML
    tags = [
        *(together or {}).get("Tags", ()),
        *([conditions["Tag"]] if "Tag" in conditions else ()),
    ]
    read_tags(tags)
