"""CloudTrail: looking events up. There are no trails: the event history is all there is."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from cloudtrail import records
from cloudtrail.errors import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidMaxResultsException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
)

MAX_RESULTS = 50
INSIGHT = "insight"


@operation("cloudtrail:LookupEvents")
def lookup_events(
    ctx: Context,
    /,
    *,
    lookup_attributes: Sequence[dict[str, str]] = (),
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    event_category: str = "",
    max_results: int = MAX_RESULTS,
    next_token: str = "",
) -> Response:
    """The management events of the last 90 days, newest first.

    lookup_attributes: at most one {"AttributeKey": …, "AttributeValue": …}, compared exactly.
    Answers {"Events": […], "NextToken": …}; CloudTrailEvent is the full record as JSON text.
    Raises InvalidLookupAttributesException, InvalidTimeRangeException, InvalidMaxResultsException,
    InvalidNextTokenException (also for a token of other parameters), InvalidEventCategoryException.
    Simplified: events of IAM, of STS's global endpoint and of sign-in, which AWS shows in us-east-1
    only, are found in every region; no trail turns Insights on, so the category insight is empty;
    calls are found at once, not after some minutes.
    AWS: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    ctx.authorize("cloudtrail:LookupEvents")
    _require(lookup_attributes, start_time, end_time, event_category, max_results)
    if event_category == INSIGHT:
        return {"Events": []}
    attribute = next(
        ((one["AttributeKey"], one["AttributeValue"]) for one in lookup_attributes), None
    )
    page = paginate(
        ctx,
        records.matching(ctx, attribute, start_time=start_time, end_time=end_time),
        order_by=["-event_time", "-event_id"],
        size=max_results,
        token=next_token,
        purpose=_purpose(ctx.region, attribute, start_time, end_time),
        error=InvalidNextTokenException,
    )
    return {"Events": [records.as_aws(event) for event in page.rows], **page.next_token()}


def _require(
    attributes: Sequence[dict[str, str]],
    start_time: datetime | None,
    end_time: datetime | None,
    category: str,
    max_results: int,
) -> None:
    if len(attributes) > 1:
        raise InvalidLookupAttributesException(reason="The list can contain only one item.")
    if start_time is not None and end_time is not None and start_time > end_time:
        raise InvalidTimeRangeException
    if category not in ("", INSIGHT):
        raise InvalidEventCategoryException(category=category)
    if not 1 <= max_results <= MAX_RESULTS:
        raise InvalidMaxResultsException(limit=MAX_RESULTS)


def _purpose(*parameters: Any) -> str:
    """Ties a token to the parameters of its first call."""
    text = json.dumps(parameters, default=str)
    return f"cloudtrail:LookupEvents:{hashlib.sha256(text.encode()).hexdigest()}"
