"""What policies would decide, without doing it: the core of the Simulate… operations.

The evaluator is the one that decides real calls, so a simulation cannot disagree with it; it only
knows nothing of the request but what the caller says.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aws.arn import Arn
from iam.authorization import IdentityLayers
from iam.errors import InvalidInput
from iam.models import Group, Role, User
from iam.policy import (
    Attached,
    Explanation,
    Layer,
    Layers,
    PolicyKind,
    PolicySyntaxError,
    Request,
    RequestPrincipal,
    Span,
    Verdict,
    compile_policy,
    explain,
    missing_context_keys,
    parse,
)

MAX_POLICIES = 100
AWS_MANAGED = "arn:aws:iam::aws:policy/"
LIST_TYPES = "List"


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everything but the action and the resource of each question.

    resource_account: the resources' owner, "" for the caller's account.
    """

    principal: RequestPrincipal
    layers: Layers
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    resource_account: str = ""

    @property
    def statements(self) -> int:
        """What one evaluation has to look at."""
        return sum(
            len(attached.policy.statements)
            for _, policies in self.layers.present()
            for attached in policies
        )

    def evaluate(self, action: str, resource: str, *, is_named: bool) -> dict[str, Any]:
        """AWS's EvaluationResult. is_named: the caller named resources."""
        request = Request(
            principal=self.principal,
            action=action,
            resource=resource,
            resource_account=self.resource_account,
            context=self.context,
        )
        explanation = explain(request, self.layers)
        details: dict[str, Any] = {
            "MatchedStatements": [
                {
                    "SourcePolicyId": policy.name,
                    "SourcePolicyType": policy.source_type,
                    **_positions(statement.span),
                }
                for policy, statement in explanation.matched_statements()
            ],
            "MissingContextValues": sorted(missing_context_keys(request, self.layers)),
        }
        if is_named:
            details["EvalDecisionDetails"] = self._decision_details(request, explanation)
        if self.layers.boundary is not None:
            allowed = _verdict(explanation, Layer.BOUNDARY) == Verdict.ALLOWED
            details["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
        result = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": explanation.verdict,
            **details,
        }
        if is_named:
            specific = {"EvalResourceName": resource, "EvalResourceDecision": explanation.verdict}
            result["ResourceSpecificResults"] = [{**specific, **details}]
        return result

    def _decision_details(self, request: Request, explanation: Explanation) -> dict[str, str]:
        """AWS fills this across accounts only, where both sides have to allow."""
        if request.is_same_account:
            return {}
        return {
            "IAM Policy": _verdict(explanation, Layer.IDENTITY),
            "Resource Policy": _verdict(explanation, Layer.RESOURCE),
        }


def _verdict(explanation: Explanation, layer: Layer) -> str:
    verdict = next(trace.verdict for trace in explanation.layers if trace.layer == layer)
    return verdict if verdict in list(Verdict) else Verdict.IMPLICIT_DENY


def _positions(span: Span) -> dict[str, dict[str, int]]:
    return {
        "StartPosition": {"Line": span.start.line, "Column": span.start.column},
        "EndPosition": {"Line": span.end.line, "Column": span.end.column},
    }


# --- Policies -------------------------------------------------------------------------------------
def given_policies(
    texts: Iterable[str], account_id: str, list_name: str = "PolicyInputList"
) -> tuple[Attached, ...]:
    """Documents of a request, named as AWS names them: PolicyInputList.1, …"""
    texts = list(texts)
    if len(texts) > MAX_POLICIES:
        raise InvalidInput(f"{list_name} must have at most {MAX_POLICIES} policies.")
    return tuple(
        _given(f"{list_name}.{number}", text, PolicyKind.IDENTITY, "none", account_id)
        for number, text in enumerate(texts, start=1)
    )


def given_boundary(texts: Sequence[str], account_id: str) -> Attached | None:
    if len(texts) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.")
    found = given_policies(texts, account_id, "PermissionsBoundaryPolicyInputList")
    return found[0] if found else None


def given_resource_policy(text: str, owner: str, actions: Sequence[str]) -> Attached | None:
    """A role's trust policy where the actions are STS's, for it names no resource."""
    if not text:
        return None
    is_trust = all(action.lower().startswith("sts:") for action in actions)
    kind = PolicyKind.TRUST if is_trust else PolicyKind.RESOURCE
    return _given("ResourcePolicy", text, kind, "resource", owner)


def _given(name: str, text: str, kind: PolicyKind, source_type: str, owner: str) -> Attached:
    try:
        # Not load(): texts that are used once must not crowd out the policies of real calls.
        policy = compile_policy(parse(text, kind))
    except PolicySyntaxError as error:
        raise InvalidInput(
            f"{name}: {error.reason} (line {error.line}, column {error.column})"
        ) from None
    return Attached(name, "", source_type, policy, owner)


def own_policies(
    own: IdentityLayers, exclusions: Iterable[Mapping[str, Any]]
) -> tuple[tuple[Attached, ...], Attached | None]:
    """An entity's policies and boundary, named for the answer, without those excluded."""
    excluded = [_Exclusion(entry) for entry in exclusions]
    kept = tuple(
        _renamed(attached)
        for attached in own.identity
        if not any(exclusion.is_about(attached) for exclusion in excluded)
    )
    boundary = own.boundary
    if boundary is None or any(exclusion.is_about_boundary(boundary) for exclusion in excluded):
        return kept, None
    return kept, _renamed(boundary)


def _renamed(attached: Attached) -> Attached:
    """source_type becomes one of AWS's PolicySourceType."""
    if not attached.arn:
        return attached
    is_aws = attached.arn.startswith(AWS_MANAGED)
    return replace(attached, source_type="aws-managed" if is_aws else "user-managed")


@dataclass(frozen=True, slots=True)
class _Exclusion:
    """One entry of PolicyExclusionList. Simplified: an inline policy by its name and whether a
    user, group or role has it; not by the group's own name."""

    entry: Mapping[str, Any]

    def is_about(self, attached: Attached) -> bool:
        inline = self.entry.get("InlinePolicyIdentifier")
        if inline:
            wanted = (inline["AttachmentType"], inline["PolicyName"])
            return not attached.arn and (attached.source_type, attached.name) == wanted
        kind, arn = self.entry.get("PolicyType"), self.entry.get("PolicyArn")
        if arn:
            return attached.arn == arn and kind != "permission-boundary"
        return kind == _kind_of(attached)

    def is_about_boundary(self, boundary: Attached) -> bool:
        arn = self.entry.get("PolicyArn", boundary.arn)
        return self.entry.get("PolicyType") == "permission-boundary" and arn == boundary.arn


def _kind_of(attached: Attached) -> str:
    if not attached.arn:
        return "inline"
    return "aws-managed" if attached.arn.startswith(AWS_MANAGED) else "user-managed"


# --- The request ----------------------------------------------------------------------------------
def context_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, str | Sequence[str]]:
    """ContextEntries → condition context; a …List type makes a key multivalued."""
    context: dict[str, str | Sequence[str]] = {}
    for entry in entries:
        name, values = entry.get("ContextKeyName"), list(entry.get("ContextKeyValues") or ())
        if not name or ":" not in name:
            raise InvalidInput(f"Invalid context key name: {name}")
        if entry.get("ContextKeyType", "string").endswith(LIST_TYPES):
            context[name] = tuple(values)
        elif len(values) == 1:
            context[name] = values[0]
        else:
            raise InvalidInput(f"The context key {name} must have exactly one value.")
    return context


def own_context(entity: User | Group | Role) -> dict[str, str | Sequence[str]]:
    """What a request of this principal would always carry."""
    if isinstance(entity, Group):
        return {}
    tags = {f"aws:PrincipalTag/{key}": value for key, value in entity.tags.items()}
    context: dict[str, str | Sequence[str]] = {
        "aws:PrincipalArn": entity.arn,
        "aws:PrincipalAccount": entity.account_id,
        "aws:PrincipalType": "User" if isinstance(entity, User) else "AssumedRole",
        **tags,
    }
    if isinstance(entity, User):
        context |= {"aws:username": entity.user_name, "aws:userid": entity.user_id}
    return context


def principal_of(entity: User | Group | Role) -> RequestPrincipal:
    """A group is not a principal: it stands for a member without a name."""
    if isinstance(entity, Role):
        session = f"arn:aws:sts::{entity.account_id}:assumed-role/{entity.role_name}/simulation"
        return RequestPrincipal.assumed_role(session, entity.arn)
    if isinstance(entity, User):
        return RequestPrincipal.user(entity.arn, frozenset({entity.user_id}))
    return anyone(entity.account_id)


def anyone(account_id: str) -> RequestPrincipal:
    """A user of the account whom no resource-based policy names."""
    return RequestPrincipal.user(f"arn:aws:iam::{account_id}:user/")


def caller(arn: str) -> RequestPrincipal:
    """CallerArn: AWS takes a user's ARN only."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        parsed = None
    if parsed is None or (parsed.service, parsed.resource_type) != ("iam", "user"):
        raise InvalidInput(f"Invalid Caller Arn: {arn}")
    return RequestPrincipal.user(arn)


def owner_of(resource_owner: str) -> str:
    """ResourceOwner, an account's ID or the ARN of its root, as the ID; "" stays ""."""
    if not resource_owner.startswith("arn:"):
        account_id = resource_owner
    else:
        try:
            account_id = Arn.parse(resource_owner).account_id
        except ValueError:
            account_id = "-"
    if account_id and not (len(account_id) == 12 and account_id.isdecimal()):
        raise InvalidInput(f"Invalid Resource Owner: {resource_owner}")
    return account_id
