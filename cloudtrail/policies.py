"""The text of the statements that a trace names, where the viewer may read their policies.

The trace keeps the place of a statement, not its text; the policy may have changed since. So the
text is shown only when a statement of the same Sid and effect still stands at that place.
"""

import json
from typing import Any
from urllib.parse import unquote

from aws.arn import Arn
from aws.context import Context
from aws.errors import AwsError
from aws.operation import find


class PolicyTexts:
    """principal_arn: of the denied principal, whose inline policies are found by its name.

    Permission is asked first, so that looking at a page leaves no denied calls in the history.
    """

    def __init__(self, ctx: Context, principal_arn: str) -> None:
        self.ctx = ctx
        self.owner = Owner.of(ctx, principal_arn)
        self._documents: dict[tuple[str, str, str], dict[str, Any]] = {}

    def statement(self, layer: str, policy: dict[str, Any], statement: dict[str, Any]) -> str:
        """A statement of the trace as indented JSON, or ""."""
        statements = self._document(layer, policy).get("Statement", [])
        if isinstance(statements, dict):
            statements = [statements]
        index = statement["index"]
        if index >= len(statements):
            return ""
        found = statements[index]
        is_same = found.get("Effect") == statement["effect"] and (
            found.get("Sid", "") == statement["sid"]
        )
        return json.dumps(found, indent=4, ensure_ascii=False) if is_same else ""

    def _document(self, layer: str, policy: dict[str, Any]) -> dict[str, Any]:
        """The policy as it is now; {} for one that is gone, or that the viewer may not read."""
        key = (policy["arn"], policy["source_type"], policy["name"])
        if key not in self._documents:
            self._documents[key] = self._read(layer, policy)
        return self._documents[key]

    def _read(self, layer: str, policy: dict[str, Any]) -> dict[str, Any]:
        if layer not in ("identity", "boundary"):
            return {}
        try:
            text = self._managed(policy["arn"]) if policy["arn"] else self._inline(policy)
        except AwsError:
            return {}
        document = text if isinstance(text, dict) else json.loads(unquote(text or "{}"))
        return document if isinstance(document, dict) else {}

    def _managed(self, arn: str) -> Any:
        if not all(
            self.ctx.allows(f"iam:{name}", arn) for name in ("GetPolicy", "GetPolicyVersion")
        ):
            return ""
        version = _call(self.ctx, "GetPolicy", policy_arn=arn)["Policy"]["DefaultVersionId"]
        answer = _call(self.ctx, "GetPolicyVersion", policy_arn=arn, version_id=version)
        return answer["PolicyVersion"]["Document"]

    def _inline(self, policy: dict[str, Any]) -> Any:
        if self.owner is None:
            return ""
        if policy["source_type"] == "group":
            return self._of_groups(policy["name"])
        kind = self.owner.kind
        if not self.ctx.allows(f"iam:Get{kind.title()}Policy", self.owner.arn):
            return ""
        who = {f"{kind}_name": self.owner.name}
        answer = _call(self.ctx, f"Get{kind.title()}Policy", policy_name=policy["name"], **who)
        return answer["PolicyDocument"]

    def _of_groups(self, policy_name: str) -> Any:
        """The trace does not say which of the user's groups, ten at most, the policy is of."""
        for group in groups_of(self.ctx, self.owner):
            name, arn = group["GroupName"], group["Arn"]
            if not all(self.ctx.allows(f"iam:{one}", arn) for one in _READ_GROUP):
                continue
            if policy_name in _call(self.ctx, "ListGroupPolicies", group_name=name)["PolicyNames"]:
                answer = _call(self.ctx, "GetGroupPolicy", group_name=name, policy_name=policy_name)
                return answer["PolicyDocument"]
        return ""


class Owner:
    """The user or role whose permissions a principal has. kind: "user" or "role"."""

    def __init__(self, kind: str, name: str, arn: str) -> None:
        self.kind, self.name, self.arn = kind, name, arn

    @classmethod
    def of(cls, ctx: Context, principal_arn: str) -> "Owner | None":
        """None for root, federated users, services, and principals of another account."""
        try:
            arn = Arn.parse(principal_arn)
        except ValueError:
            return None
        if arn.account_id != ctx.account_id:
            return None
        parts = arn.resource.split("/")  # user/path/name, assumed-role/role/session
        if arn.resource_type == "user":
            return cls("user", parts[-1], principal_arn)
        if arn.resource_type == "assumed-role":
            return cls("role", parts[1], f"arn:aws:iam::{arn.account_id}:role/{parts[1]}")
        return None


def groups_of(ctx: Context, owner: Owner | None) -> list[dict[str, Any]]:
    """AWS's Group dicts of a user; none where they may not be listed."""
    if owner is None or owner.kind != "user":
        return []
    if not ctx.allows("iam:ListGroupsForUser", owner.arn):
        return []
    try:
        groups: list[dict[str, Any]] = _call(ctx, "ListGroupsForUser", user_name=owner.name)[
            "Groups"
        ]
    except AwsError:
        return []
    return groups


_READ_POLICY = ("GetPolicy", "GetPolicyVersion")
_READ_GROUP = ("ListGroupPolicies", "GetGroupPolicy")


def _call(ctx: Context, name: str, **arguments: Any) -> dict[str, Any]:
    operation = find("iam", name)
    assert operation is not None  # noqa: S101 - IAM offers them
    answer: dict[str, Any] = operation(ctx, **arguments)
    return answer
