"""Lifecycle configurations of buckets. `s3.lifecycle` carries them out."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from aws import clock
from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations
from s3.errors import (
    InvalidArgument,
    InvalidBucketState,
    InvalidRequest,
    NoSuchLifecycleConfiguration,
    argument,
)
from s3.expiry import NAME, conditions_of
from s3.lifecycle import VARIES, WARMTH

MAX_RULES = 1000
ALL_128K = "all_storage_classes_128K"
INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
MIN_INFREQUENT_DAYS = 30
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)


@operation("s3:PutBucketLifecycleConfiguration")
def put_bucket_lifecycle_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    lifecycle_configuration: Mapping[str, Any] | None = None,
    transition_default_minimum_object_size: str = ALL_128K,
    **settings: Any,
) -> Response:
    """Replaces the rules: {"Rules": [{"ID", "Status", "Filter", "Expiration", …}]}.

    They are carried out every minute, by the account's own clock.
    transition_default_minimum_object_size: "all_storage_classes_128K", or
    "varies_by_storage_class", where archives take objects of any size; answered, too.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutLifecycleConfiguration", bucket, **settings)
    if found.mfa_delete:
        raise InvalidBucketState("Lifecycle rules cannot be used on a bucket with MFA delete.")
    rules = (lifecycle_configuration or {}).get("Rules") or ()
    if not 0 < len(rules) <= MAX_RULES:
        raise MalformedXML
    kept = [_checked(rule) for rule in rules]
    names = [rule["ID"] for rule in kept]
    if len(set(names)) < len(names):
        raise InvalidArgument(reason="Rule ID must be unique. Found same ID for more than one rule")
    if transition_default_minimum_object_size not in (ALL_128K, VARIES):
        raise argument(
            "x-amz-transition-default-minimum-object-size",
            transition_default_minimum_object_size,
            "Invalid TransitionDefaultMinimumObjectSize found",
        )
    least = {"TransitionDefaultMinimumObjectSize": transition_default_minimum_object_size}
    configurations.put(found, NAME, {"Rules": kept, **least})
    return {**least}


@operation("s3:GetBucketLifecycleConfiguration")
def get_bucket_lifecycle_configuration(
    ctx: Context, /, *, bucket: str, **settings: Any
) -> Response:
    """Answers {"Rules": […], "TransitionDefaultMinimumObjectSize"}.

    Raises NoSuchLifecycleConfiguration.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetLifecycleConfiguration", bucket, **settings)
    answer: Response = configurations.get(found, NAME, NoSuchLifecycleConfiguration)
    return answer


@operation("s3:DeleteBucketLifecycle")
def delete_bucket_lifecycle(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Deletes all rules.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html
    """
    found = access.bucket(ctx, "s3:PutLifecycleConfiguration", bucket, **settings)
    configurations.delete(found, NAME)
    return {}


def _checked(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule as it is kept: JSON, with an ID. Raises MalformedXML, InvalidArgument, …"""
    if not any(rule.get(name) for name in _ACTIONS):
        raise InvalidRequest(reason="At least one action needs to be specified in a rule")
    if ("Filter" in rule) == ("Prefix" in rule):
        raise MalformedXML
    if len(rule.get("ID", "")) > 255:
        raise InvalidArgument(reason="ID length should not exceed allowed limit of 255")
    expiration = rule.get("Expiration") or {}
    if "Expiration" in rule and len(expiration) != 1:
        raise MalformedXML
    for action in (expiration, *rule.get("Transitions", ())):
        _check_age(action)
    for action in (*rule.get("Transitions", ()), *rule.get("NoncurrentVersionTransitions", ())):
        if action.get("StorageClass") not in WARMTH:
            raise MalformedXML
    for name, member in (
        ("NoncurrentVersionExpiration", "NoncurrentDays"),
        ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
    ):
        if name in rule:
            _check_days((rule[name] or {}).get(member), member, rule_action=name)
    for action in rule.get("NoncurrentVersionTransitions", ()):
        _check_days(action.get("NoncurrentDays"), "NoncurrentDays", "NoncurrentVersionTransition")
    _check_transitions(rule)
    kept: dict[str, Any] = _as_json({"ID": secrets.token_hex(24), **rule})
    return kept


def _check_transitions(rule: Mapping[str, Any]) -> None:
    """Infrequent access begins after 30 days and lasts as long; each colder class comes later,
    and the end after the last one."""
    prefix = conditions_of(rule).get("Prefix") or ""
    for kind, member, moves, end in (
        ("Transition", "Days", "Transitions", "Expiration"),
        (
            "NoncurrentVersionTransition",
            "NoncurrentDays",
            "NoncurrentVersionTransitions",
            "NoncurrentVersionExpiration",
        ),
    ):
        days = {one["StorageClass"]: one[member] for one in rule.get(moves, ()) if member in one}
        _check_order(days, kind, member, prefix)
        last = (rule.get(end) or {}).get(member)
        if last is not None and days and last <= max(days.values()):
            raise InvalidArgument(
                reason=f"'{member}' in the {end} action for filter '(prefix={prefix})' must be "
                f"greater than '{member}' in the {kind} action"
            )


def _check_order(days: Mapping[str, int], kind: str, member: str, prefix: str) -> None:
    for name in INFREQUENT:
        if name in days and days[name] < MIN_INFREQUENT_DAYS:
            raise InvalidArgument(
                reason=f"'{member}' in {kind} action must be greater than or equal to "
                f"{MIN_INFREQUENT_DAYS} for storageClass '{name}'"
            )
    colder = sorted(days, key=WARMTH.__getitem__)
    for first, second in pairwise(colder):
        least = MIN_INFREQUENT_DAYS if first in INFREQUENT else 1
        if days[second] < days[first] + least:
            raise InvalidArgument(
                reason=f"'{member}' in the '{kind}' action for StorageClass '{second}' for filter "
                f"'(prefix={prefix})' must be {least} days more than 'filter '(prefix={prefix})'' "
                f"in the '{kind}' action for StorageClass '{first}'"
            )


def _check_age(action: Mapping[str, Any]) -> None:
    date = action.get("Date")
    if "Days" in action and date is not None:
        raise MalformedXML
    if "Days" in action:
        # A transition may be due on the day itself, an expiration may not.
        least = 0 if "StorageClass" in action else 1
        name = "Transition" if "StorageClass" in action else "Expiration"
        _check_days(action["Days"], "Days", name, least=least)
    if isinstance(date, datetime) and (date.hour, date.minute, date.second) != (0, 0, 0):
        raise InvalidArgument(reason="'Date' must be at midnight GMT")


def _check_days(value: Any, member: str, rule_action: str, *, least: int = 1) -> None:
    if not isinstance(value, int):
        raise MalformedXML
    if value < least:
        raise InvalidArgument(
            reason=f"'{member}' for {rule_action} action must be a positive integer"
        )


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(inner) for inner in value]
    return clock.isoformat(value) if isinstance(value, datetime) else value
