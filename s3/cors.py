"""Cross-origin requests: which rule of a bucket fits, and what browsers are told.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

Rule = Mapping[str, Any]
METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")


def matching_rule(
    rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str] = ()
) -> Rule | None:
    """The first rule that allows all of it."""
    for rule in rules:
        allowed = [name.lower() for name in rule.get("AllowedHeaders", ())]
        if (
            method in rule["AllowedMethods"]
            and any(_matches(pattern, origin) for pattern in rule["AllowedOrigins"])
            and all(any(_matches(one, name.lower()) for one in allowed) for name in headers)
        ):
            return rule
    return None


def response_headers(rule: Rule, origin: str) -> list[tuple[str, str]]:
    """Of an answer to a request that the rule fits."""
    is_for_all = "*" in rule["AllowedOrigins"]
    headers = [
        ("Access-Control-Allow-Origin", "*" if is_for_all else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule["AllowedMethods"])),
        ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ]
    if not is_for_all:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if exposed := rule.get("ExposeHeaders"):
        headers.append(("Access-Control-Expose-Headers", ", ".join(exposed)))
    if (age := rule.get("MaxAgeSeconds")) is not None:
        headers.append(("Access-Control-Max-Age", str(age)))
    return headers


def _matches(pattern: str, text: str) -> bool:
    """A pattern has at most one star."""
    return bool(_compiled(pattern).fullmatch(text))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))
