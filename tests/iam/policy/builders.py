"""Short ways to write policies, principals and requests in the tests of this folder."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from iam.policy import (
    Attached,
    Decision,
    Layers,
    PolicyKind,
    Request,
    RequestPrincipal,
    decide,
    explain,
    load,
)

ACCOUNT = "111122223333"
OTHER = "444455556666"
BUCKET = "arn:aws:s3:::photos"
OBJECT = f"{BUCKET}/cat.jpg"
ALICE_ARN = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/web-1"
FEDERATED_ARN = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
ALICE = RequestPrincipal.user(ALICE_ARN)
ROOT = RequestPrincipal.root(ACCOUNT)
SESSION = RequestPrincipal.assumed_role(SESSION_ARN, ROLE_ARN)
FEDERATED = RequestPrincipal.federated_user(FEDERATED_ARN, ALICE_ARN)

Statement = dict[str, Any]


def document(*statements: Statement, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def identity(*statements: Statement, name: str = "inline", owner: str = ACCOUNT) -> Attached:
    return Attached(name, "", "IAM Policy", load(document(*statements)), owner)


def resource_policy(*statements: Statement, owner: str = ACCOUNT, arn: str = BUCKET) -> Attached:
    policy = load(document(*statements), PolicyKind.RESOURCE)
    return Attached("bucket policy", arn, "Resource Policy", policy, owner)


def trust(*statements: Statement, owner: str = ACCOUNT) -> Attached:
    bare = [{key: value for key, value in one.items() if key != "Resource"} for one in statements]
    return Attached("trust", "", "Resource Policy", load(document(*bare), PolicyKind.TRUST), owner)


def ask(
    principal: RequestPrincipal = ALICE,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    owner: str = ACCOUNT,
    context: Mapping[str, str | Sequence[str]] | None = None,
) -> Request:
    return Request(principal, action, resource, owner, context or {})


def decided(request: Request, layers: Layers) -> Decision:
    """The decision, having made sure that the explained one is the same."""
    decision = decide(request, layers)
    told = explain(request, layers)
    assert decision == (told.allowed, told.verdict, told.layer, told.reason)
    return decision


def is_allowed(request: Request, layers: Layers) -> bool:
    return decided(request, layers).allowed
