"""Rows of the event history."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from aws import clock
from aws.models import Event


def event(**overrides: Any) -> Event:
    return Event.objects.create(**(_values() | overrides))


def events(count: int, *, newest: datetime | None = None, **overrides: Any) -> list[Event]:
    """One a minute, the newest first."""
    newest = newest or clock.real_now()
    return Event.objects.bulk_create(
        [
            Event(**(_values() | {"event_time": newest - timedelta(minutes=age)} | overrides))
            for age in range(count)
        ]
    )


def _values() -> dict[str, Any]:
    return {
        "event_id": uuid.uuid4(),
        "account_id": "111122223333",
        "region": "ap-northeast-2",
        "event_time": clock.real_now(),
        "event_source": "ec2.amazonaws.com",
        "event_name": "RunInstances",
        "read_only": False,
        "source": "api",
        "user_name": "carol",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "user_identity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/carol",
            "accountId": "111122223333",
            "userName": "carol",
        },
        "source_ip": "203.0.113.7",
        "user_agent": "aws-cli/2",
        "request_id": "7d1c7f3e-0000-4000-8000-000000000000",
        "request_parameters": {"minCount": 1, "maxCount": 1},
    }
