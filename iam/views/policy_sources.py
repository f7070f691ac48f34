"""The policies that have a say about a user, group or role, with their texts.

Each text is read by the API's own calls, so that it needs the permissions which a person would need
to look the policies up one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aws.context import Context
from aws.paging import everything
from iam import operations
from iam.drafts import Draft, DraftStatement
from iam.entities import ENTITIES, EntityCalls
from iam.policy import Position
from iam.policy_check.coverage import covers

BOUNDARY = "permission-boundary"


@dataclass(frozen=True, slots=True)
class Source:
    """One policy. kind: aws-managed, user-managed, inline or permission-boundary.

    owner: ("users", "alice"), who has it: the entity, or a user's group. text: as stored.
    """

    kind: str
    name: str
    arn: str
    owner: tuple[str, str]
    text: str

    @property
    def key(self) -> str:
        """What a ticked box posts."""
        return "/".join((self.kind, *self.owner, self.arn or self.name))

    @property
    def source_types(self) -> set[str]:
        """How the Simulate… operations may name the policy's SourcePolicyType."""
        if self.kind == BOUNDARY:
            return {"aws-managed", "user-managed"}
        return {ENTITIES[self.owner[0]].kind} if self.kind == "inline" else {self.kind}

    @property
    def exclusion(self) -> dict[str, Any]:
        """AWS's PolicyIdentifier, to leave the policy out of a simulation."""
        if self.kind != "inline":
            return {"PolicyType": self.kind, "PolicyArn": self.arn}
        kind, name = self.owner
        inline = {
            "AttachmentType": ENTITIES[kind].kind,
            "AttachmentName": name,
            "PolicyName": self.name,
        }
        return {"PolicyType": "inline", "InlinePolicyIdentifier": inline}


@dataclass(frozen=True, slots=True)
class Written:
    """A statement in a shown text; lines are counted from 1."""

    statement: DraftStatement
    first_line: int
    last_line: int

    def word_for(self, action: str) -> str:
        """The written action or pattern that takes an action in, "" if none does (NotAction)."""
        if self.statement.is_negated("Action"):
            return ""
        words = (word.text for word in self.statement.actions)
        return next((word for word in words if covers(word, action, fold=True)), "")


def statement_at(stored: str, shown: str, line: int, column: int) -> Written:
    """The statement that begins at a place of the stored text, in the text that is shown."""
    draft, laid_out = Draft(stored), Draft(shown)
    starts = [draft.source.position(one.node.start) for one in draft.statements]
    index = starts.index(Position(line, column))
    statement = laid_out.statements[index]
    place = laid_out.source.position
    first, last = place(statement.node.start), place(statement.node.end)
    return Written(statement, first.line, last.line)


def sources(ctx: Context, kind: str, name: str) -> list[Source]:
    """kind: "users", "groups" or "roles". A user's groups' policies are there too."""
    calls = ENTITIES[kind]
    found = list(_own(ctx, kind, name))
    if kind == "users":
        for group in everything(operations.list_groups_for_user, ctx, "Groups", user_name=name):
            found += _own(ctx, "groups", group["GroupName"])
    if calls.bound is not None:
        entity = calls.get(ctx, **calls.named(name))[calls.member]
        arn = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
        if arn:
            short = arn.rsplit("/", 1)[-1]
            found.append(Source(BOUNDARY, short, arn, (kind, name), _managed_text(ctx, arn)))
    return found


def _own(ctx: Context, kind: str, name: str) -> Iterator[Source]:
    calls: EntityCalls = ENTITIES[kind]
    named = calls.named(name)
    for policy in everything(calls.attached, ctx, "AttachedPolicies", **named):
        arn = policy["PolicyArn"]
        managed = "aws-managed" if arn.startswith("arn:aws:iam::aws:") else "user-managed"
        text = _managed_text(ctx, arn)
        yield Source(managed, policy["PolicyName"], arn, (kind, name), text)
    for policy_name in everything(calls.inline_names, ctx, "PolicyNames", **named):
        answer = calls.get_inline(ctx, policy_name=policy_name, **named)
        yield Source("inline", policy_name, "", (kind, name), unquote(answer["PolicyDocument"]))


def _managed_text(ctx: Context, arn: str) -> str:
    policy = operations.get_policy(ctx, policy_arn=arn)["Policy"]
    version = policy["DefaultVersionId"]
    answer = operations.get_policy_version(ctx, policy_arn=arn, version_id=version)
    return unquote(answer["PolicyVersion"]["Document"])
