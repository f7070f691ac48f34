"""AWS managed policies: read-only documents with AWS's own ARNs, the same for every account.

`documents/` has one file per policy, as AWS published it in October 2026. They are read at the
first question, once per process.
AWS: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "documents"


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """document: JSON text, laid out as the console of AWS shows it."""

    arn: str
    name: str
    path: str
    description: str
    document: str
    default_version_id: str
    created_at: datetime
    updated_at: datetime

    @property
    def policy_id(self) -> str:
        """Simplified: made from the ARN; AWS publishes no ids of its policies."""
        digest = base64.b32encode(hashlib.sha256(self.arn.encode()).digest())
        return "ANPA" + digest.decode()[:17]


def document(policy_arn: str) -> str | None:
    """The JSON text of an AWS managed policy, or None when it is not one (that the lab has)."""
    found = get(policy_arn)
    return None if found is None else found.document


def get(policy_arn: str) -> ManagedPolicy | None:
    return _by_arn().get(policy_arn)


def all_policies() -> Sequence[ManagedPolicy]:
    """Ordered by name, whatever its case."""
    return tuple(_by_arn().values())


@cache
def _by_arn() -> Mapping[str, ManagedPolicy]:
    found = [_read(path) for path in FOLDER.glob("*.json")]
    found.sort(key=lambda policy: policy.name.lower())
    return {policy.arn: policy for policy in found}


def _read(path: Path) -> ManagedPolicy:
    published: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return ManagedPolicy(
        arn=f"arn:aws:iam::aws:policy{published['Path']}{path.stem}",
        name=path.stem,
        path=published["Path"],
        description=published.get("Description", ""),
        document=json.dumps(published["Document"], indent=4),
        default_version_id=published["DefaultVersionId"],
        created_at=datetime.fromisoformat(published["CreateDate"]),
        updated_at=datetime.fromisoformat(published["UpdateDate"]),
    )
