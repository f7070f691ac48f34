"""The Metrics tab: what a bucket holds, and its requests, as charts."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console import line_chart
from console.requests import ConsoleRequest
from console.sections import section
from s3 import metrics, operations
from s3.views import frame

STORED = {
    metrics.BUCKET_SIZE: (_("Total bucket size"), "Bytes"),
    metrics.OBJECTS: (_("Total number of objects"), "Count"),
}
STORED_DAYS = 14
# Range → (hours, seconds of a point).
RANGES = {
    "1h": (1, 60),
    "3h": (3, 60),
    "12h": (12, 300),
    "1d": (24, 900),
    "3d": (72, 1800),
    "1w": (168, 3600),
}


def metrics_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """?range= of RANGES; ?filter= the id of a metrics configuration."""
    ctx = request.ctx
    wanted = request.GET.get("range", "")
    chosen = wanted if wanted in RANGES else "1h"
    filter_id = request.GET.get("filter", "")
    with together(ctx):
        filters = section(lambda: _filters(ctx, bucket))
        known = [one["Id"] for one in filters.value or ()]
        shown = filter_id if filter_id in known else ""
        context: dict[str, Any] = {
            "stored": section(lambda: _stored(ctx, bucket)),
            "requests": section(lambda: _requests(ctx, bucket, chosen, shown)),
            "filters": filters,
            "analytics": section(lambda: _analytics(ctx, bucket)),
            "ranges": RANGES,
            "range": chosen,
            "filter": shown,
        }
    return frame.show_tab(request, bucket, "metrics", **context)


def _filters(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    answer = operations.list_bucket_metrics_configurations(ctx, bucket=bucket)
    return list(answer.get("MetricsConfigurationList", ()))


def _analytics(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    answer = operations.list_bucket_analytics_configurations(ctx, bucket=bucket)
    return list(answer.get("AnalyticsConfigurationList", ()))


def _stored(ctx: Context, bucket: str) -> list[line_chart.LineChart]:
    start, end = ctx.now - timedelta(days=STORED_DAYS), ctx.now
    return [
        line_chart.draw(title, unit, _summed(ctx, bucket, name, start, end), start, end)
        for name, (title, unit) in STORED.items()
    ]


def _summed(
    ctx: Context, bucket: str, name: str, start: datetime, end: datetime
) -> list[tuple[datetime, float]]:
    """Of all storage classes together."""
    days: dict[datetime, float] = {}
    for point in metrics.series(ctx, bucket, name, start, end, 86400):
        days[point["Timestamp"]] = days.get(point["Timestamp"], 0) + point["Value"]
    return sorted(days.items())


def _requests(ctx: Context, bucket: str, chosen: str, shown: str) -> list[line_chart.LineChart]:
    hours, period = RANGES[chosen]
    start, end = ctx.now - timedelta(hours=hours), ctx.now
    found = metrics.request_series(ctx, bucket, start, end, period, filter_id=shown)
    return [
        line_chart.draw(
            name,
            unit,
            [(one["Timestamp"], float(one["Value"])) for one in found[name]],
            start,
            end,
        )
        for name, (_column, _statistic, unit) in metrics.REQUEST_METRICS.items()
    ]
