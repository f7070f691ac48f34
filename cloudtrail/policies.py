"""The text of the statement that a trace names, where the viewer may read its policy.

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


def statement_text(
    ctx: Context,
    principal_arn: str,
    layer: str,
    policy: dict[str, Any],
    statement: dict[str, Any],
) -> str:
    """The statement as indented JSON, or "".

    principal_arn: of the denied principal, whose inline policies are found by its name.
    policy, statement: of the trace.
    """
    document = _document(ctx, principal_arn, layer, policy)
    statements = document.get("Statement", [])
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


def _document(
    ctx: Context, principal_arn: str, layer: str, policy: dict[str, Any]
) -> dict[str, Any]:
    """The policy as it is now; {} for one that is gone, or that the viewer may not read."""
    if layer not in ("identity", "boundary"):
        return {}
    try:
        if policy["arn"]:
            text = _managed(ctx, policy["arn"])
        else:
            text = _inline(ctx, principal_arn, policy)
    except AwsError:
        return {}
    document = text if isinstance(text, dict) else json.loads(unquote(text or "{}"))
    return document if isinstance(document, dict) else {}


def _managed(ctx: Context, arn: str) -> Any:
    get_policy, get_version = find("iam", "GetPolicy"), find("iam", "GetPolicyVersion")
    # Asked first, so that looking at a page leaves no denied calls in the history.
    allowed = ctx.allows("iam:GetPolicy", arn) and ctx.allows("iam:GetPolicyVersion", arn)
    if get_policy is None or get_version is None or not allowed:
        return ""
    version = get_policy(ctx, policy_arn=arn)["Policy"]["DefaultVersionId"]
    answer = get_version(ctx, policy_arn=arn, version_id=version)
    return answer["PolicyVersion"]["Document"]


def _inline(ctx: Context, principal_arn: str, policy: dict[str, Any]) -> Any:
    """Of the user or role itself. The trace does not say which group a group's policy is of."""
    arn = Arn.parse(principal_arn)
    owner = {"user": "User", "role": "Role"}.get(policy["source_type"], "")
    is_user = arn.resource_type == "user"
    get = find("iam", f"Get{owner}Policy") if owner else None
    if get is None or (owner == "User") != is_user:
        return ""
    # user/path/name, assumed-role/role/session
    name = arn.resource.split("/")[-1 if is_user else 1]
    target = principal_arn if is_user else f"arn:aws:iam::{arn.account_id}:role/{name}"
    if not ctx.allows(f"iam:Get{owner}Policy", target):
        return ""
    answer = get(ctx, **{f"{owner.lower()}_name": name, "policy_name": policy["name"]})
    return answer["PolicyDocument"]
