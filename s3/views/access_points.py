"""The Access Points tab: the bucket's doors. `s3.forms.access_points` makes and edits them."""

from typing import Any

from django.http import HttpResponse

from aws.context import Context
from aws.operation import together
from console.requests import ConsoleRequest
from console.sections import section
from s3 import operations
from s3.forms.access_points import region_of
from s3.views import frame


def access_points_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    with together(request.ctx):
        points = section(lambda: _points(request.ctx, bucket))
    return frame.show_tab(request, bucket, "access-points", points=points)


def _points(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    with region_of(ctx, bucket):
        answer = operations.list_access_points(ctx, account_id=ctx.account_id, bucket=bucket)
    return list(answer["AccessPointList"])
