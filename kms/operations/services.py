"""How other services call KMS for their callers."""

from dataclasses import replace

from aws.context import Context
from kms.lookup import VIA


def via(ctx: Context, service: str, region: str) -> Context:
    """The caller's context, as the service hands it on: kms:ViaService and its kin hold.

    A service's own key, "alias/aws/s3", is made when a call through the service first names it.
    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    cache = {**ctx.cache, VIA: f"{service}.{region}.amazonaws.com"}
    return replace(ctx, region=region, cache=cache, resources=[])
