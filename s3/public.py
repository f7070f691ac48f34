"""What AWS calls public: policies and lists that everybody on the internet meets.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

import ipaddress
from functools import lru_cache

from iam.policy import PolicyKind, parse
from iam.policy.document import ConditionElement, Effect, Statement

# A condition with fixed values of one of these makes a statement for everybody less than public.
_NARROWING = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}
_OPERATORS = ("stringequals", "stringlike", "arnequals", "arnlike", "ipaddress")
# Wider networks than these count as everybody.
_WIDEST = {4: 8, 6: 32}


@lru_cache(maxsize=1024)
def is_public_policy(document: str) -> bool:
    policy = parse(document, PolicyKind.RESOURCE)
    return any(is_public_statement(statement) for statement in policy.statements)


def is_public_statement(statement: Statement) -> bool:
    principal = statement.principal
    if statement.effect is not Effect.ALLOW or principal is None:
        return False
    is_for_everybody = principal.everyone or principal.negated
    return is_for_everybody and not any(_narrows(one) for one in statement.conditions)


def _narrows(condition: ConditionElement) -> bool:
    operator = condition.operator.lower().rpartition(":")[2]
    if condition.key.lower() not in _NARROWING or operator not in _OPERATORS:
        return False
    if condition.key.lower() == "aws:sourceip":
        return all(_is_small_network(value) for value in condition.values)
    return all("${" not in value and not set(value) & set("*?") for value in condition.values)


def _is_small_network(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST[network.version]
