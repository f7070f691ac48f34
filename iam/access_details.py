"""Access advisor: which services an entity's policies grant, and when they were last used.

Use is read from the account's event history, so it reaches back as far as that does. As AWS's, it
counts attempts, denied ones too, and looks at permissions policies only: no boundaries, no
resource-based policies.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform

from aws.arn import Arn
from aws.context import Context
from aws.models import Event
from aws.operation import offered
from aws.services import SERVICES
from iam import authorization, lookup, managed_policies, reference
from iam.models import Attachment, Group, Policy, Role, User
from iam.policy import CompiledPolicy, load
from iam.policy.compile import CompiledStatement
from iam.policy.document import Effect

ACTION_LEVEL = "ACTION_LEVEL"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about. users, roles: the principals that could have used the policies."""

    policies: tuple[CompiledPolicy, ...]
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()

    @property
    def principals(self) -> dict[str, User | Role]:
        """Unique id → row, as CloudTrail's principalId begins."""
        found: dict[str, User | Role] = {user.user_id: user for user in self.users}
        return found | {role.role_id: role for role in self.roles}


@dataclass(frozen=True, slots=True)
class Use:
    """The last time that a principal called an operation."""

    principal: User | Role
    service: str
    name: str
    at: datetime
    region: str


def find(ctx: Context, arn: str) -> Subject | None:
    """The user, group, role or managed policy of an ARN. Raises InvalidInput for another ARN."""
    with suppress(ValueError):
        if Arn.parse(arn).resource_type == "policy":
            return _of_policy(ctx, arn)
    entity = lookup.by_arn(ctx, arn)
    return None if entity is None else _of_entity(entity)


def _of_entity(entity: User | Group | Role) -> Subject:
    layers = authorization.gather(entity.RESOURCE, entity.pk, entity.account_id)
    policies = tuple(attached.policy for attached in layers.identity)
    if isinstance(entity, User):
        return Subject(policies, users=(entity,))
    if isinstance(entity, Role):
        return Subject(policies, roles=(entity,))
    return Subject(policies, users=tuple(entity.users.all()))


def _of_policy(ctx: Context, policy_arn: str) -> Subject | None:
    """With everyone whom the policy is attached to, directly or by a group."""
    text = managed_policies.document(policy_arn) or _own_document(ctx, policy_arn)
    if text is None:
        return None
    attached = Attachment.objects.in_scope(ctx).filter(policy_arn=policy_arn)
    is_user = Q(pk__in=attached.filter(user__isnull=False).values("user"))
    is_member = Q(groups__in=attached.filter(group__isnull=False).values("group"))
    users = User.objects.in_scope(ctx).filter(is_user | is_member).distinct()
    roles = Role.objects.in_scope(ctx).filter(pk__in=attached.values("role"))
    return Subject((load(text),), tuple(users), tuple(roles))


def _own_document(ctx: Context, policy_arn: str) -> str | None:
    policy = Policy.objects.in_scope(ctx).filter(policy_arn=policy_arn).first()
    return None if policy is None else policy.versions.get(is_default=True).document


def report(account_id: str, subject: Subject, granularity: str) -> list[dict[str, Any]]:
    """One entry for each granted service, ordered by its name: AWS's ServiceLastAccessed as JSON.

    "Entities" holds what GetServiceLastAccessedDetailsWithEntities answers, latest use first.
    """
    uses: dict[str, list[Use]] = defaultdict(list)
    for use in _uses(account_id, subject):
        uses[use.service].append(use)
    granted = granted_services(subject.policies)
    names = reference.services()
    entries = []
    for prefix in sorted(granted, key=lambda prefix: (names[prefix].lower(), prefix)):
        entry = _entry(prefix, names[prefix], uses[prefix])
        if granularity == ACTION_LEVEL and prefix in SERVICES:
            actions = list(_tracked_actions(subject.policies, prefix, uses[prefix]))
            entry["TrackedActionsLastAccessed"] = actions
        entries.append(entry)
    return entries


def granted_services(policies: Iterable[CompiledPolicy]) -> set[str]:
    """Prefixes of the services with an action that some Allow statement names."""
    known = reference.services()
    granted: set[str] = set()
    for statement in _allows(policies):
        patterns = {action.lower() for action in statement.source.actions}
        if statement.source.is_not_action:
            excluded = known if "*" in patterns else {one.removesuffix(":*") for one in patterns}
            granted |= known.keys() - excluded
        elif "*" in patterns:
            return set(known)
        else:
            prefixes = {pattern.partition(":")[0] for pattern in patterns}
            granted |= prefixes & known.keys()
    return granted


def _allows(policies: Iterable[CompiledPolicy]) -> Iterator[CompiledStatement]:
    for policy in policies:
        for statement in policy.statements:
            if statement.source.effect is Effect.ALLOW:
                yield statement


def _entry(prefix: str, name: str, uses: Sequence[Use]) -> dict[str, Any]:
    last_of: dict[str, Use] = {}
    for use in sorted(uses, key=lambda use: use.at):
        last_of[use.principal.arn] = use
    latest_first = sorted(last_of.values(), key=lambda use: use.at, reverse=True)
    entry: dict[str, Any] = {
        "ServiceName": name,
        "ServiceNamespace": prefix,
        "TotalAuthenticatedEntities": len(latest_first),
        "Entities": [_entity(use) for use in latest_first],
    }
    if latest_first:
        last = latest_first[0]
        entry |= {
            "LastAuthenticated": last.at.isoformat(),
            "LastAuthenticatedEntity": last.principal.arn,
            "LastAuthenticatedRegion": last.region,
        }
    return entry


def _entity(use: Use) -> dict[str, Any]:
    who = use.principal
    is_user = isinstance(who, User)
    shown = {
        "Arn": who.arn,
        "Name": who.name,
        "Type": "USER" if is_user else "ROLE",
        "Id": who.user_id if isinstance(who, User) else who.role_id,
        "Path": who.path,
    }
    return {"EntityInfo": shown, "LastAuthenticated": use.at.isoformat()}


def _tracked_actions(
    policies: Sequence[CompiledPolicy], prefix: str, uses: Sequence[Use]
) -> Iterator[dict[str, Any]]:
    """The lab's operations of a service that the policies grant, used or not."""
    last_of = {use.name: use for use in sorted(uses, key=lambda use: use.at)}
    statements = list(_allows(policies))
    for operation in offered(prefix):
        if not any(statement.action(operation.action.lower()) for statement in statements):
            continue
        shown: dict[str, Any] = {"ActionName": operation.name}
        if use := last_of.get(operation.name):
            shown |= {
                "LastAccessedEntity": use.principal.arn,
                "LastAccessedTime": use.at.isoformat(),
                "LastAccessedRegion": use.region,
            }
        yield shown


def _uses(account_id: str, subject: Subject) -> Iterator[Use]:
    """The latest event of each principal and operation, in one statement."""
    principals: Mapping[str, User | Role] = subject.principals
    if not principals:
        return
    services = {service.event_source: prefix for prefix, service in SERVICES.items()}
    # A role session's principalId is "AROA…:session name".
    principal = Func(
        KeyTextTransform("principalId", F("user_identity")),
        Value(":"),
        Value(1),
        function="SPLIT_PART",
        output_field=TextField(),
    )
    rows = (
        Event.objects.filter(account_id=account_id, event_source__in=services)
        .annotate(principal=principal)
        .filter(principal__in=list(principals))
        .order_by("principal", "event_source", "event_name", "-event_time")
        .distinct("principal", "event_source", "event_name")
        .values_list("principal", "event_source", "event_name", "event_time", "region")
    )
    for principal_id, source, name, moment, region in rows:
        yield Use(principals[principal_id], services[source], name, moment, region)
