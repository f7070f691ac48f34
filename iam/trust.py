"""Trust policies: the documents behind the create-role choices, and who a document trusts."""

import json
from collections.abc import Sequence
from typing import Any


def for_service(service: str) -> str:
    """service: "ec2.amazonaws.com"."""
    return _document({"Service": service})


def for_account(account_id: str, *, external_id: str = "", needs_mfa: bool = False) -> str:
    """Lets an account's principals assume the role, under conditions.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    condition: dict[str, Any] = {}
    if external_id:
        condition["StringEquals"] = {"sts:ExternalId": external_id}
    if needs_mfa:
        condition["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return _document({"AWS": f"arn:aws:iam::{account_id}:root"}, condition)


def trusted_entities(document: str) -> list[tuple[str, str]]:
    """Whom a trust policy allows, for a table's cell: ("service", "ec2"), ("account", "1234…").

    Kinds: service, account, everyone, and federated with the provider's name.
    """
    found: dict[tuple[str, str], None] = {}
    for statement in _as_list(json.loads(document).get("Statement", [])):
        principal = statement.get("Principal", {})
        if statement.get("Effect") != "Allow":
            continue
        named = principal if isinstance(principal, dict) else {"AWS": principal}
        for kind, names in named.items():
            found |= dict.fromkeys(_entity(kind, name) for name in _as_list(names))
    return list(found)


def _entity(kind: str, name: str) -> tuple[str, str]:
    if kind == "Service":
        return "service", name.removesuffix(".amazonaws.com")
    if kind != "AWS":
        return "federated", name
    if name == "*":
        return "everyone", "*"
    return "account", name.split(":")[4] if name.startswith("arn:") else name


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _document(principal: dict[str, str], condition: dict[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
