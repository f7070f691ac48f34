"""Event notifications: their configuration. `s3.notifications` sends them."""

import secrets
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from aws.arn import Arn
from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations
from s3.errors import InvalidArgument, argument
from s3.notifications import DESTINATIONS, configurations_of, covers, filter_of, send_test
from s3.rows import BucketRow

MAX_CONFIGURATIONS = 100
MAX_ID, MAX_VALUE_BYTES = 255, 1024
_SERVICES = {
    "TopicConfigurations": "sns",
    "QueueConfigurations": "sqs",
    "LambdaFunctionConfigurations": "lambda",
}
_UNKNOWN = "Unable to validate the following destination configurations"


@operation("s3:PutBucketNotificationConfiguration")
def put_bucket_notification_configuration(
    ctx: Context, /, *, bucket: str, notification_configuration: Mapping[str, Any], **settings: Any
) -> Response:
    """Replaces what the bucket tells of, and to whom; an empty configuration ends it.

    notification_configuration: {"TopicConfigurations", "QueueConfigurations",
    "LambdaFunctionConfigurations": [{"Id", "QueueArn", "Events", "Filter"}],
    "EventBridgeConfiguration": {}}, at most 100. Each destination receives s3:TestEvent.
    Raises InvalidArgument: overlapping filters, a foreign destination, …
    Simplified: the lab has no queues, topics and functions; any ARN in the bucket's account and
    region is taken for one, and its messages are listed at the bucket.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutBucketNotification", bucket, **settings)
    kept: dict[str, Any] = {}
    skips = bool(settings.get("skip_destination_validation"))
    for member in DESTINATIONS:
        if listed := notification_configuration.get(member):
            kept[member] = [_checked(found, member, one, skips=skips) for one in listed]
    if "EventBridgeConfiguration" in notification_configuration:
        kept["EventBridgeConfiguration"] = {}
    _check_together(kept)
    before = configurations.find(found, "notification") or {}
    if not kept:
        configurations.delete(found, "notification")
        return {}
    configurations.put(found, "notification", kept)
    known = {destination for destination, _ in configurations_of(before)}
    fresh = {
        member: [one for one in listed if one[DESTINATIONS[member]] not in known]
        for member, listed in kept.items()
        if member in DESTINATIONS
    }
    send_test(ctx, found, fresh)
    return {}


@operation("s3:GetBucketNotificationConfiguration")
def get_bucket_notification_configuration(
    ctx: Context, /, *, bucket: str, **settings: Any
) -> Response:
    """Answers what was put, {} for nothing.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetBucketNotification", bucket, **settings)
    answer: Response = configurations.find(found, "notification") or {}
    return answer


def _checked(
    bucket: BucketRow, member: str, wanted: Mapping[str, Any], *, skips: bool
) -> dict[str, Any]:
    name = DESTINATIONS[member]
    _check_destination(bucket, _SERVICES[member], wanted[name], skips=skips)
    if len(wanted.get("Id", "")) > MAX_ID:
        raise argument("Id", wanted["Id"], f"Id cannot be longer than {MAX_ID} characters")
    if not wanted["Events"]:
        raise MalformedXML
    _check_filter(wanted.get("Filter", {}).get("Key", {}).get("FilterRules", ()))
    kept: dict[str, Any] = {"Id": wanted.get("Id") or _new_id(), name: wanted[name]}
    kept["Events"] = list(wanted["Events"])
    if rules := wanted.get("Filter", {}).get("Key", {}).get("FilterRules"):
        # AWS answers the names with a capital.
        named = [{"Name": one["Name"].title(), "Value": one.get("Value", "")} for one in rules]
        kept["Filter"] = {"Key": {"FilterRules": named}}
    return kept


def _check_destination(bucket: BucketRow, service: str, text: str, *, skips: bool) -> None:
    """Raises InvalidArgument."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise argument("ARN", text, "The ARN could not be parsed") from None
    if arn.service != service:
        raise argument("ARN", text, "The ARN is not well formed")
    if arn.region != bucket.bucket_region:
        raise argument(
            "ARN",
            text,
            "The notification destination service region is not valid for the bucket location "
            "constraint",
        )
    # AWS asks the destination's own policy, and one of another account has none here.
    is_fifo = service in ("sns", "sqs") and arn.resource.endswith(".fifo")
    if not skips and (arn.account_id != bucket.account_id or is_fifo):
        reason = "Destination type is not supported" if is_fifo else "Not authorized to invoke it"
        raise InvalidArgument(
            reason=_UNKNOWN,
            ArgumentName=text[:200],
            ArgumentValue=f"{reason}, or it does not exist",
        )


def _check_filter(rules: Any) -> None:
    names = [rule.get("Name", "").lower() for rule in rules]
    for rule, name in zip(rules, names, strict=True):
        if name not in ("prefix", "suffix"):
            raise argument(
                "FilterRule.Name",
                rule.get("Name", ""),
                "filter rule name must be either prefix or suffix",
            )
        if names.count(name) > 1:
            raise argument(
                "FilterRule.Name",
                name,
                f"Cannot specify more than one {name} rule in a filter.",
            )
        if len(rule.get("Value", "").encode()) > MAX_VALUE_BYTES:
            raise argument(
                "FilterRule.Value",
                rule["Value"],
                f"Size of filter rule value cannot exceed {MAX_VALUE_BYTES} bytes in UTF-8 "
                "representation",
            )


def _check_together(kept: Mapping[str, Any]) -> None:
    listed = [one for _, one in configurations_of(kept)]
    if len(listed) > MAX_CONFIGURATIONS:
        raise argument(
            "NotificationConfiguration",
            len(listed),
            f"A bucket can have at most {MAX_CONFIGURATIONS} notification configurations",
        )
    names = [one["Id"] for one in listed]
    if len(set(names)) < len(names):
        raise argument("Id", "", "Same ID used for multiple configurations. IDs must be unique")
    for one, other in combinations(listed, 2):
        if _share_events(one, other) and _overlap(filter_of(one), filter_of(other)):
            raise InvalidArgument(
                reason="Configuration is ambiguously defined. Cannot have overlapping suffixes in "
                "two rules if the prefixes are overlapping for the same event type."
            )


def _share_events(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(covers(a, b) or covers(b, a) for a in one["Events"] for b in other["Events"])


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether a key could pass both filters by its prefix, and by its suffix."""
    (prefix, suffix), (prefix2, suffix2) = one, other
    prefixes = prefix.startswith(prefix2) or prefix2.startswith(prefix)
    return prefixes and (suffix.endswith(suffix2) or suffix2.endswith(suffix))


def _new_id() -> str:
    return secrets.token_urlsafe(36).replace("-", "x").replace("_", "y")
