"""Tags of any EC2 resource, by the prefix of its id."""

import re
from collections.abc import Sequence
from typing import Any

from django.apps import apps

from aws import tags as tagging
from aws.context import Context
from aws.errors import AwsError, InvalidNextToken
from aws.filters import InvalidFilter, wildcard_regex
from aws.paging import paginate_list
from ec2 import lookup
from ec2.door import Response, operation
from ec2.errors import MissingParameter
from ec2.models import Resource

MAX_RESULTS = 1000
MAX_RESOURCES = 1000
MEMBERS = {
    "key": "Key",
    "resource-id": "ResourceId",
    "resource-type": "ResourceType",
    "value": "Value",
}


class InvalidID(AwsError):
    message = "The ID '{resource_id}' is not valid"


def models() -> dict[str, type[Resource]]:
    """Prefix → model of every taggable resource."""
    found = [one for one in apps.get_app_config("ec2").get_models() if issubclass(one, Resource)]
    return {one.PREFIX: one for one in found}


@operation("ec2:CreateTags")
def create_tags(
    ctx: Context,
    /,
    *,
    resources: list[str],
    tags: list[dict[str, str]],
    dry_run: bool = False,
) -> Response:
    """Adds tags, or gives them other values. Raises TagLimitExceeded, Invalid….NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
    """
    _require_some(ctx, "ec2:CreateTags", resources)
    wanted = {one["Key"]: one.get("Value", "") for one in tags if "Key" in one}
    rows = [
        lookup.one(
            ctx,
            "ec2:CreateTags",
            _model(ctx, "ec2:CreateTags", one),
            one,
            request_tags=wanted,
            locked=True,
        )
        for one in dict.fromkeys(resources)
    ]
    if not wanted:
        raise MissingParameter(parameter="tagSet")
    given = lookup.RULES.read(tags)
    for row in rows:
        row.tags = lookup.RULES.merge(row.tags, given)
        row.save(update_fields=["tags"])
    return {}


@operation("ec2:DeleteTags")
def delete_tags(
    ctx: Context,
    /,
    *,
    resources: list[str],
    tags: list[dict[str, str]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Takes tags away; one with a value only where it has that value. Without tags: all of them.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
    """
    _require_some(ctx, "ec2:DeleteTags", resources)
    named = {one["Key"]: one.get("Value", "") for one in tags or () if "Key" in one}
    for one in dict.fromkeys(resources):
        model = _model(ctx, "ec2:DeleteTags", one)
        row = lookup.one(ctx, "ec2:DeleteTags", model, one, request_tags=named, locked=True)
        gone = [
            key
            for key, text in row.tags.items()
            if not key.lower().startswith("aws:")
            and (tags is None or any(_names(asked, key, text) for asked in tags))
        ]
        row.tags = tagging.without(row.tags, gone)
        row.save(update_fields=["tags"])
    return {}


@operation("ec2:DescribeTags")
def describe_tags(
    ctx: Context,
    /,
    *,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"Tags": [{"ResourceId", "ResourceType", "Key", "Value"}], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html
    """
    ctx.authorize("ec2:DescribeTags", conditions={"ec2:Region": ctx.region})
    checks = [_check(one) for one in filters or ()]
    found = [tag for tag in _all_tags(ctx) if all(check(tag) for check in checks)]
    items, token = paginate_list(
        ctx,
        found,
        size=min(max_results, MAX_RESULTS) or MAX_RESULTS,
        token=next_token,
        purpose="ec2:DescribeTags",
        error=InvalidNextToken,
    )
    return {"Tags": items, **({"NextToken": token} if token else {})}


def _all_tags(ctx: Context) -> list[dict[str, str]]:
    """Of the region, by resource and key: one statement for each kind of resource."""
    found = []
    for model in models().values():
        manager: Any = model._default_manager
        rows = manager.in_scope(ctx).exclude(tags={}).values_list("resource_id", "tags")
        found += [
            {"ResourceId": resource_id, "ResourceType": model.KIND, "Key": key, "Value": text}
            for resource_id, tags in rows
            for key, text in tags.items()
        ]
    return sorted(found, key=lambda tag: (tag["ResourceId"], tag["Key"]))


def _check(entry: dict[str, Any]) -> Any:
    """A filter as a function of a tag. Raises InvalidFilter."""
    name, values = str(entry.get("Name", "")), entry.get("Values") or []
    member = MEMBERS.get(name)
    patterns = [re.compile(wildcard_regex(one), re.DOTALL) for one in values]
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda tag: tag["Key"] == key and any(p.match(tag["Value"]) for p in patterns)
    if member is None:
        raise InvalidFilter(name=name)
    return lambda tag: any(pattern.match(tag[member]) for pattern in patterns)


def _names(asked: dict[str, str], key: str, text: str) -> bool:
    return asked.get("Key") == key and ("Value" not in asked or asked["Value"] == text)


def _model(ctx: Context, action: str, resource_id: str) -> type[Resource]:
    """Raises InvalidID for a prefix that nothing here has, after permission was asked."""
    found = models().get(resource_id.partition("-")[0])
    if found is None:
        ctx.authorize(action, "*", conditions={"ec2:Region": ctx.region})
        raise InvalidID(resource_id=resource_id)
    return found


def _require_some(ctx: Context, action: str, resources: Sequence[str]) -> None:
    if not resources or len(resources) > MAX_RESOURCES:
        ctx.authorize(action, "*", conditions={"ec2:Region": ctx.region})
        raise MissingParameter(parameter="resourceIdSet")
