"""A launch template beneath a launch: what the request says wins.

AWS: https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html
"""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from ec2 import lookup
from ec2.errors import (
    InvalidLaunchTemplateIdVersionNotFound,
    InvalidParameterCombination,
    not_found,
)
from ec2.models import LaunchTemplate, LaunchTemplateVersion


def merged(
    ctx: Context, specification: Mapping[str, str] | None, request: Mapping[str, Any]
) -> dict[str, Any]:
    """The request's members over the template's. specification: {"LaunchTemplateId", "Version"}.

    Raises InvalidLaunchTemplateId.NotFound and its kin.
    """
    given = {name: value for name, value in request.items() if value is not None}
    if not specification:
        return given
    found = version(ctx, specification)
    lookup.authorize(ctx, "ec2:RunInstances", found.template)
    base: dict[str, Any] = dict(found.data)
    if "NetworkInterfaces" in given or "SubnetId" in given:
        base.pop("NetworkInterfaces", None)
    tags = [*base.get("TagSpecifications", ()), *given.get("TagSpecifications", ())]
    return {**base, **given, **({"TagSpecifications": _by_kind(tags)} if tags else {})}


def version(ctx: Context, specification: Mapping[str, str]) -> LaunchTemplateVersion:
    """The version that {"LaunchTemplateId" or "LaunchTemplateName", "Version"} means."""
    template = _template(ctx, specification)
    text = specification.get("Version") or "$Default"
    numbers = {"$Default": template.default_version, "$Latest": template.latest_version}
    number = numbers.get(text, int(text) if text.isdecimal() else -1)
    found = template.versions.filter(number=number).first()
    if found is None:
        raise InvalidLaunchTemplateIdVersionNotFound(version=text)
    return found


def _template(ctx: Context, specification: Mapping[str, str]) -> LaunchTemplate:
    template_id = specification.get("LaunchTemplateId")
    name = specification.get("LaunchTemplateName")
    if bool(template_id) == bool(name):
        raise InvalidParameterCombination(
            "A launch template ID or a launch template name must be specified, but not both."
        )
    if template_id:
        return lookup.require(ctx, LaunchTemplate, template_id)
    found: LaunchTemplate | None = (
        LaunchTemplate.objects.in_scope(ctx).filter(launch_template_name=name).first()
    )
    if found is None:
        raise not_found("LaunchTemplateName")(
            f"The specified launch template, with template name {name}, does not exist."
        )
    return found


def _by_kind(specifications: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One specification a kind; a later tag replaces an earlier one of its key."""
    kinds: dict[str, dict[str, str]] = {}
    for one in specifications:
        tags = {tag["Key"]: tag.get("Value", "") for tag in one.get("Tags", ())}
        kinds.setdefault(one.get("ResourceType", ""), {}).update(tags)
    return [
        {"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
        for kind, tags in kinds.items()
    ]
