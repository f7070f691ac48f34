"""A bucket, or a folder of it, as one zip: GET /<bucket>?groundschool-export=zip&prefix=…

It is no operation of AWS's. The console links to it, signed, so that what is in a bucket never
comes from the console's origin.
"""

from collections.abc import Mapping

from aws.context import Context
from aws.wire.render import WireResponse
from s3 import zips


def answer(ctx: Context, bucket: str, query: Mapping[str, str]) -> WireResponse:
    """Raises AccessDenied, NoSuchBucket: before the first byte."""
    headers = [
        ("Content-Type", "application/zip"),
        ("Content-Disposition", f'attachment; filename="{bucket}.zip"'),
        ("Cache-Control", "no-store"),
    ]
    return WireResponse(200, headers, zips.pieces(ctx, bucket, query.get("prefix", "")))
