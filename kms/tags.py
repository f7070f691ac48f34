"""KMS's tags: the shared rules, under the names TagKey and TagValue."""

from collections.abc import Mapping, Sequence

from aws.tags import TagRules, as_list
from kms.errors import LimitExceededException, TagException

KmsTags = Sequence[Mapping[str, str]]
RULES = TagRules(invalid=TagException, limit=LimitExceededException)


def read(tags: KmsTags | None) -> dict[str, str]:
    """[{"TagKey": k, "TagValue": v}] → {k: v}. Raises TagException, LimitExceededException."""
    return RULES.read([{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags or ()])


def as_kms(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in as_list(tags)]
