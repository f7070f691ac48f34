"""Who outside of its account gets into a bucket, and what AWS calls public.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from iam.policy import PolicyKind, parse
from iam.policy.document import Effect, Statement
from s3.grants import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY
from s3.models import Bucket
from s3.owners import canonical_id
from s3.public import is_public_policy, is_public_statement

EVERYBODY = "*"
Blocks = Mapping[str, bool]


class State(models.TextChoices):
    PUBLIC = "public", _("Public")
    OBJECTS = "objects", _("Objects can be public")
    AUTHORIZED = "authorized", _("Only authorized users of this account")
    PRIVATE = "private", _("Bucket and objects not public")


@dataclass(frozen=True, slots=True)
class Opening:
    """What one statement or grant gives to somebody outside of the account.

    source: "policy" or "acl". name: the statement's Sid, or the number it has, from 1. who: "*",
    account ids, ARNs, services, groups' URIs. blocked_by: the setting that takes it away, or "".
    """

    source: str
    name: str
    who: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    is_public: bool = False
    is_conditional: bool = False
    blocked_by: str = ""

    @property
    def is_open_to_all(self) -> bool:
        return self.is_public and not self.blocked_by


@dataclass(frozen=True, slots=True)
class Exposure:
    state: State
    openings: tuple[Opening, ...]


def exposure(bucket: Bucket, account_blocks: Blocks) -> Exposure:
    """account_blocks: Block Public Access of the account; the stricter of both counts."""
    names = bucket.public_access_block.keys() | account_blocks.keys()
    blocks = {
        name: bool(bucket.public_access_block.get(name) or account_blocks.get(name))
        for name in names
    }
    openings = (
        *policy_openings(bucket.policy, bucket.account_id, blocks),
        *list_openings(bucket, blocks),
    )
    return Exposure(_state(bucket, openings, blocks), openings)


def _state(bucket: Bucket, openings: Sequence[Opening], blocks: Blocks) -> State:
    if any(one.is_open_to_all for one in openings):
        return State.PUBLIC
    has_lists = bucket.object_ownership != Bucket.Ownership.ENFORCED
    if has_lists and not blocks.get("IgnorePublicAcls"):
        return State.OBJECTS
    is_restricted = any(one.blocked_by == "RestrictPublicBuckets" for one in openings)
    return State.AUTHORIZED if is_restricted else State.PRIVATE


def policy_openings(document: str, account_id: str, blocks: Blocks) -> Iterator[Opening]:
    """document: a valid policy, "" for none."""
    if not document:
        return
    is_restricted = bool(blocks.get("RestrictPublicBuckets")) and is_public_policy(document)
    for statement in parse(document, PolicyKind.RESOURCE).statements:
        who = _outsiders(statement, account_id)
        if statement.effect is Effect.ALLOW and who:
            yield Opening(
                source="policy",
                name=statement.sid or str(statement.index + 1),
                who=who,
                actions=statement.actions,
                resources=statement.resources,
                is_public=is_public_statement(statement),
                is_conditional=bool(statement.conditions),
                blocked_by="RestrictPublicBuckets" if is_restricted else "",
            )


def _outsiders(statement: Statement, account_id: str) -> tuple[str, ...]:
    principal = statement.principal
    if principal is None:
        return ()
    if principal.everyone or principal.negated:
        return (EVERYBODY,)
    own = (account_id, f":{account_id}:")
    return tuple(sorted(one for one in principal.names if one != own[0] and own[1] not in one))


def list_openings(bucket: Bucket, blocks: Blocks) -> Iterator[Opening]:
    """Grants of the access control list, which counts where lists are enabled."""
    if bucket.object_ownership == Bucket.Ownership.ENFORCED:
        return
    own = canonical_id(bucket.account_id)
    for number, grant in enumerate(bucket.grants, start=1):
        grantee: Mapping[str, Any] = grant["Grantee"]
        who = grantee.get("URI") or grantee.get("ID", "")
        if who in (own, LOG_DELIVERY):
            continue
        is_public = who in (ALL_USERS, AUTHENTICATED_USERS)
        is_ignored = is_public and bool(blocks.get("IgnorePublicAcls"))
        yield Opening(
            source="acl",
            name=str(number),
            who=(who,),
            actions=(grant["Permission"],),
            is_public=is_public,
            blocked_by="IgnorePublicAcls" if is_ignored else "",
        )
