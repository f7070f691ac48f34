"""When lifecycle rules will let an object expire: the x-amz-expiration header.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from s3.rows import BucketRow

NAME = "lifecycle"
Rule = Mapping[str, Any]


def member(
    bucket: BucketRow, key: str, tags: Mapping[str, str], size: int, made_at: datetime
) -> dict[str, str]:
    """{"Expiration": 'expiry-date="…", rule-id="…"'} of a latest version, {} for none."""
    ends = [
        (end, rule["ID"])
        for rule in (bucket.watch.get(NAME) or {}).get("Rules", ())
        if rule["Status"] == "Enabled"
        and _matches(rule, key, tags, size)
        and (end := _end(rule.get("Expiration") or {}, made_at))
    ]
    if not ends:
        return {}
    end, rule_id = min(ends)
    date = format_datetime(end, usegmt=True)
    return {"Expiration": f'expiry-date="{date}", rule-id="{quote(rule_id)}"'}


def conditions_of(rule: Rule) -> Mapping[str, Any]:
    """{"Prefix", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}, those it has."""
    found = rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""}
    found = dict(found.get("And") or found)
    if tag := found.pop("Tag", None):
        found["Tags"] = [tag]
    return found


def _end(action: Mapping[str, Any], made_at: datetime) -> datetime | None:
    if "Date" in action:
        return datetime.fromisoformat(action["Date"])
    if "Days" not in action:
        return None
    midnight = made_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=action["Days"] + 1)


def _matches(rule: Rule, key: str, tags: Mapping[str, str], size: int) -> bool:
    wanted = conditions_of(rule)
    return (
        key.startswith(wanted.get("Prefix") or "")
        and all(tags.get(tag["Key"]) == tag["Value"] for tag in wanted.get("Tags", ()))
        and size > wanted.get("ObjectSizeGreaterThan", -1)
        and size < wanted.get("ObjectSizeLessThan", size + 1)
    )
