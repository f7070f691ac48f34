"""Key policies: as they may be put, as AWS writes them, and with the grants beside.

A key's policy is the root of all authority over it: IAM policies count only where it lets the
account delegate. Grants are written as statements beside the policy's own, so that one evaluation,
and one explanation, covers both.
AWS: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from iam.policy import PolicyKind, PolicySyntaxError, parse
from kms import quotas
from kms.errors import LimitExceededException, MalformedPolicyDocumentException

POLICY_NAME = "default"
# What a constraint of a grant is about; the other operations carry no encryption context.
_WITH_CONTEXT = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)


def default(account_id: str) -> str:
    """What CreateKey gives a key without a policy: all authority is the account's."""
    return document([account_statement(account_id)], "key-default-1")


def account_statement(account_id: str) -> dict[str, Any]:
    return {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def document(statements: Sequence[Mapping[str, Any]], policy_id: str) -> str:
    whole = {"Version": "2012-10-17", "Id": policy_id, "Statement": list(statements)}
    return json.dumps(whole, indent=2)


def of_service(account_id: str, region: str, service: str) -> str:
    """The policy of an AWS managed key: everybody in the account, through the service alone."""
    name = f"{service}.{region}.amazonaws.com"
    through = {
        "Sid": f"Allow access through {service.upper()} for all principals in the account that "
        f"are authorized to use {service.upper()}",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": account_id, "kms:ViaService": name}},
    }
    metadata = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
        "Resource": "*",
    }
    return document([through, metadata], f"auto-{service}-2")


def require_valid(text: str) -> None:
    """A key policy about to be put. Raises MalformedPolicyDocumentException, LimitExceeded…"""
    if len(text.encode()) > quotas.POLICY_BYTES:
        raise LimitExceededException(reason="The key policy is longer than 32 KB.")
    try:
        policy = parse(text, PolicyKind.RESOURCE)
    except PolicySyntaxError as error:
        raise MalformedPolicyDocumentException(reason=error.reason) from None
    for statement in policy.statements:
        named = statement.principal.names if statement.principal else ()
        entities = [name for name in named if name.isdecimal() or name.startswith("arn:")]
        if unknown_principals(entities):
            raise MalformedPolicyDocumentException(
                reason="Policy contains a statement with one or more invalid principals."
            )


def unknown_principals(names: Sequence[str]) -> set[str]:
    unknown: Any = import_string(settings.AWS_PRINCIPALS)
    found: set[str] = unknown(names) if names else set()
    return found


def with_grants(policy: str, grants: Sequence[Mapping[str, Any]]) -> str:
    """The key's policy and a statement or two for each grant (AWS's shape of ListGrants)."""
    return _merged(policy, json.dumps([_relevant(grant) for grant in grants])) if grants else policy


def _relevant(grant: Mapping[str, Any]) -> dict[str, Any]:
    names = ("GrantId", "GranteePrincipal", "Operations", "Constraints")
    return {name: grant[name] for name in names if name in grant}


@lru_cache(maxsize=1024)
def _merged(policy: str, grants: str) -> str:
    whole = json.loads(policy)
    statements = whole["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    # A dollar in an encryption context begins no policy variable.
    literal = _escaped if whole.get("Version") == "2012-10-17" else str
    for grant in json.loads(grants):
        for operation in grant["Operations"]:
            statements = [*statements, _statement(grant, operation, literal)]
    return json.dumps({**whole, "Statement": statements})


def _escaped(text: str) -> str:
    return text.replace("$", "${$}")


def _statement(
    grant: Mapping[str, Any], operation: str, literal: Callable[[str], str]
) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": grant["GranteePrincipal"]},
        "Action": f"kms:{operation}",
        "Resource": "*",
    }
    if condition := _condition(grant, operation, literal):
        statement["Condition"] = condition
    return statement


def _condition(
    grant: Mapping[str, Any], operation: str, literal: Callable[[str], str]
) -> dict[str, Any]:
    """What the grant's constraints demand; and that nobody passes on more than they have.

    AWS: https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
    """
    constraints = grant.get("Constraints", {})
    exact = constraints.get("EncryptionContextEquals")
    wanted = exact or constraints.get("EncryptionContextSubset") or {}
    equal: dict[str, Any] = {}
    among: dict[str, Any] = {}
    if wanted and operation in (*_WITH_CONTEXT, "CreateGrant"):
        equal = {f"kms:EncryptionContext:{key}": literal(text) for key, text in wanted.items()}
        if exact:
            among["kms:EncryptionContextKeys"] = [literal(key) for key in sorted(exact)]
    if operation == "CreateGrant":
        among["kms:GrantOperations"] = grant["Operations"]
        if exact:
            equal["kms:GrantConstraintType"] = "EncryptionContextEquals"
    tests = {"StringEquals": equal, "ForAllValues:StringEquals": among}
    return {operator: keys for operator, keys in tests.items() if keys}
