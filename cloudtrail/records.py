"""Which events a look-up finds, and how one is written down.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from aws import clock
from aws.context import Context
from aws.events import KEPT
from aws.models import Event
from aws.regions import GLOBAL_REGION
from aws.services import SERVICES
from cloudtrail.errors import InvalidLookupAttributesException

EVENT_VERSION = "1.11"
SIGN_IN_SOURCE = "signin.amazonaws.com"
# Their events are recorded in us-east-1, whatever region the caller had in mind.
GLOBAL_SOURCES = [
    *(service.event_source for service in SERVICES.values() if service.is_global),
    SERVICES["sts"].event_source,
    SIGN_IN_SOURCE,
]
READ_ONLY = {"true": True, "false": False}
NO_EVENT = Q(pk__in=[])


def matching(
    ctx: Context,
    attribute: tuple[str, str] | None = None,
    *,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
) -> QuerySet[Event]:
    """The events of the context's account and region, and of the global services, newest first.

    attribute: (AttributeKey, AttributeValue). Both times belong to the range. Raises
    InvalidLookupAttributesException.
    """
    oldest = ctx.now - KEPT
    in_region = Q(region=ctx.region) | Q(region=GLOBAL_REGION, event_source__in=GLOBAL_SOURCES)
    wanted = Q(account_id=ctx.account_id, event_time__gte=max(start_time or oldest, oldest))
    if end_time is not None:
        wanted &= Q(event_time__lte=end_time)
    if attribute is not None:
        wanted &= _attribute(*attribute)
    return Event.objects.filter(wanted & in_region).order_by("-event_time", "-event_id")


def own(ctx: Context, event_id: uuid.UUID) -> Event | None:
    """An event that the context's principal caused itself. What one did is no secret to oneself."""
    return Event.objects.filter(
        account_id=ctx.account_id, event_id=event_id, user_identity__arn=ctx.principal.arn
    ).first()


def as_aws(event: Event) -> dict[str, Any]:
    """LookupEvents' Event."""
    found: dict[str, Any] = {
        "EventId": str(event.event_id),
        "EventName": event.event_name,
        "ReadOnly": "true" if event.read_only else "false",
        "EventTime": event.event_time,
        "EventSource": event.event_source,
        "Username": event.user_name,
        "Resources": [
            {"ResourceType": resource["type"], "ResourceName": resource["name"]}
            for resource in event.resources
        ],
        "CloudTrailEvent": json.dumps(record(event), ensure_ascii=False, separators=(",", ":")),
    }
    if event.access_key_id:
        found["AccessKeyId"] = event.access_key_id
    return found


def record(event: Event) -> dict[str, Any]:
    """The full record, its members in the order of AWS's examples."""
    written: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": event.user_identity,
        "eventTime": clock.isoformat(event.event_time),
        "eventSource": event.event_source,
        "eventName": event.event_name,
        "awsRegion": event.region,
        "sourceIPAddress": event.source_ip,
        "userAgent": event.user_agent,
    }
    # A failed sign-in has a message without a code.
    errors = {"errorCode": event.error_code, "errorMessage": event.error_message}
    written |= {name: text for name, text in errors.items() if text}
    written |= {
        "requestParameters": event.request_parameters,
        "responseElements": event.response_elements,
    }
    if event.additional_event_data:
        written["additionalEventData"] = event.additional_event_data
    written |= {
        "requestID": event.request_id,
        "eventID": str(event.event_id),
        "readOnly": event.read_only,
    }
    if event.resources:
        written["resources"] = [
            {"accountId": resource["accountId"], "type": resource["type"], "ARN": resource["ARN"]}
            for resource in event.resources
        ]
    is_sign_in = event.event_source == SIGN_IN_SOURCE
    written |= {
        "eventType": "AwsConsoleSignIn" if is_sign_in else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": event.account_id,
        "eventCategory": "Management",
    }
    if event.source == "console" and not is_sign_in:
        written["sessionCredentialFromConsole"] = "true"
    return written


def _attribute(key: str, value: str) -> Q:
    condition = _CONDITIONS.get(key)
    if condition is None:
        raise InvalidLookupAttributesException(reason=f"{key} is not an attribute.")
    if not value:
        raise InvalidLookupAttributesException(reason=f"{key} needs a value.")
    return condition(value)


def _event_id(value: str) -> Q:
    try:
        return Q(event_id=uuid.UUID(value))
    except ValueError:
        return NO_EVENT


def _read_only(value: str) -> Q:
    if value not in READ_ONLY:
        raise InvalidLookupAttributesException(reason="ReadOnly is true or false.")
    return Q(read_only=READ_ONLY[value])


def _resource(member: str) -> Callable[[str], Q]:
    return lambda value: Q(resources__contains=[{member: value}])


def _resource_name(value: str) -> Q:
    """AWS finds a resource by its name and by its ARN."""
    return _resource("name")(value) | _resource("ARN")(value)


_CONDITIONS: dict[str, Callable[[str], Q]] = {
    "EventId": _event_id,
    "EventName": lambda value: Q(event_name=value),
    "ReadOnly": _read_only,
    "Username": lambda value: Q(user_name=value),
    "ResourceType": _resource("type"),
    "ResourceName": _resource_name,
    "EventSource": lambda value: Q(event_source=value),
    "AccessKeyId": lambda value: Q(access_key_id=value),
}
