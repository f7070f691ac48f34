"""Tags: AWS's rules, and the lists of {"Key", "Value"} that operations take and answer.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws.errors import AwsError

MAX_TAGS = 50
TagList = Sequence[Mapping[str, str]]


class TagRules:
    """How one service words the shared rules. Each argument is an error class of the service."""

    def __init__(
        self, *, invalid: type[AwsError], limit: type[AwsError], max_tags: int = MAX_TAGS
    ) -> None:
        self.invalid = invalid
        self.limit = limit
        self.max_tags = max_tags

    def read(self, tags: TagList | None) -> dict[str, str]:
        """[{"Key": k, "Value": v}] → {k: v}. Raises the service's errors."""
        found: dict[str, str] = {}
        for tag in tags or ():
            key = tag["Key"]
            if key.lower().startswith("aws:"):
                raise self.invalid("aws: prefixed tag key names are not allowed for external use.")
            if key in found:
                raise self.invalid(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                )
            found[key] = tag.get("Value", "")
        self._count(found)
        return found

    def merge(self, old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
        """The tags after TagResource. Raises the service's limit error."""
        merged = {**old, **new}
        self._count(merged)
        return merged

    def _count(self, tags: Mapping[str, str]) -> None:
        if len(tags) > self.max_tags:
            raise self.limit(
                f"The number of tags has reached the maximum limit of {self.max_tags}."
            )


def without(tags: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """The tags after UntagResource."""
    gone = set(keys)
    return {key: value for key, value in tags.items() if key not in gone}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """{k: v} → [{"Key": k, "Value": v}], in the order of the keys."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def from_specifications(
    specifications: Sequence[Mapping[str, Any]] | None, resource_type: str, rules: TagRules
) -> dict[str, str]:
    """Tag-on-create: TagSpecifications=[{"ResourceType": "volume", "Tags": […]}] → {k: v}."""
    wanted = [
        tag
        for specification in specifications or ()
        if specification.get("ResourceType") == resource_type
        for tag in specification.get("Tags", ())
    ]
    return rules.read(wanted)
