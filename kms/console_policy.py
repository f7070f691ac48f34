"""The key policy that the console writes: key administrators and key users by name.

AWS: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

import json
from collections.abc import Sequence
from typing import Any

from kms import policies, specs

ADMINISTRATORS, USERS = "administrators", "users"
POLICY_ID = "key-consolepolicy-3"
_ADMINISTRATOR_SID = "Allow access for Key Administrators"
_USER_SIDS = ("Allow use of the key", "Allow attachment of persistent resources")
_SIDS = {ADMINISTRATORS: (_ADMINISTRATOR_SID,), USERS: _USER_SIDS}
_ADMINISTRATION = (
    "Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*",
    "Delete*", "TagResource", "UntagResource", "RotateKeyOnDemand",
)  # fmt: skip
_DELETION = ("ScheduleKeyDeletion", "CancelKeyDeletion")
_GRANTS = ("CreateGrant", "ListGrants", "RevokeGrant")
_USES = {
    specs.ENCRYPT_DECRYPT: ("Encrypt", "Decrypt", "ReEncrypt*", "DescribeKey"),
    specs.SIGN_VERIFY: ("DescribeKey", "GetPublicKey", "Sign", "Verify"),
    specs.MAC: ("DescribeKey", "GenerateMac", "VerifyMac"),
}
Statement = dict[str, Any]


def document(
    account_id: str,
    *,
    administrators: Sequence[str],
    users: Sequence[str],
    key_spec: str,
    key_usage: str,
    may_delete: bool,
) -> str:
    """administrators, users: ARNs. may_delete: whether administrators may delete the key."""
    actions = [*_ADMINISTRATION, *(_DELETION if may_delete else ())]
    statements = [policies.account_statement(account_id)]
    if administrators:
        statements.append(_allow(_ADMINISTRATOR_SID, administrators, actions))
    if users:
        statements += _for_users(users, key_spec, key_usage)
    return policies.document(statements, POLICY_ID)


def laid_out(text: str) -> str:
    return json.dumps(json.loads(text), indent=4)


def principals(text: str, kind: str) -> list[str] | None:
    """Who the console's statements name. None: a policy of another make has no such view."""
    whole = json.loads(text)
    if whole.get("Id") not in (POLICY_ID, "key-default-1"):
        return None
    found = [one for one in _statements(whole) if one.get("Sid") == _SIDS[kind][0]]
    named = found[0].get("Principal", {}) if found else {}
    listed = named.get("AWS", []) if isinstance(named, dict) else []
    return [listed] if isinstance(listed, str) else list(listed)


def with_principals(
    text: str, kind: str, arns: Sequence[str], *, key_spec: str, key_usage: str
) -> str:
    """The policy with other administrators or users, the rest as it was."""
    whole = json.loads(text)
    kept = [one for one in _statements(whole) if one.get("Sid") not in _SIDS[kind]]
    if arns and kind == USERS:
        kept += _for_users(arns, key_spec, key_usage)
    elif arns:
        old = [one for one in _statements(whole) if one.get("Sid") == _ADMINISTRATOR_SID]
        made = _allow(_ADMINISTRATOR_SID, arns, [*_ADMINISTRATION, *_DELETION])
        kept.insert(1, {**old[0], "Principal": made["Principal"]} if old else made)
    return policies.document(kept, POLICY_ID)


def _for_users(arns: Sequence[str], key_spec: str, key_usage: str) -> list[Statement]:
    actions = list(_USES[key_usage])
    if key_spec == specs.SYMMETRIC_DEFAULT:
        actions.insert(3, "GenerateDataKey*")
    elif key_usage == specs.ENCRYPT_DECRYPT:
        actions.append("GetPublicKey")
    use = _allow(_USER_SIDS[0], arns, actions)
    if key_spec != specs.SYMMETRIC_DEFAULT:
        return [use]
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [use, {**_allow(_USER_SIDS[1], arns, _GRANTS), "Condition": condition}]


def _allow(sid: str, arns: Sequence[str], actions: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": list(arns)},
        "Action": [f"kms:{action}" for action in actions],
        "Resource": "*",
    }


def _statements(whole: dict[str, Any]) -> list[Statement]:
    found = whole["Statement"]
    return found if isinstance(found, list) else [found]
