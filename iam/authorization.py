"""The always-on authorizer: gathers a principal's policies and asks the evaluator.

`aws.context.Context.authorize` calls `authorize` here through settings.AWS_AUTHORIZER. A
principal's policies are read by one statement per request and compiled once per process.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aws import clock, remembered
from aws.context import Context, Question, ResourcePolicy
from aws.errors import InvalidClientTokenId
from aws.identity import Principal
from aws.sql import Statement
from iam import managed_policies, session_policies
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
    nothing,
)

_CACHE_KEY = "iam.identity-layers"
_COMMON_KEY = "iam.common-context"
# One row per policy: role in the evaluation, whose it is, name or ARN, document. The document of
# an AWS managed policy is NULL here: it is not a row.
_GATHER = {
    "user": Statement("""
    SELECT 'identity', 'user', policy_name, document FROM iam_inlinepolicy WHERE user_id = $1
    UNION ALL
    SELECT 'identity', 'group', p.policy_name, p.document
    FROM iam_inlinepolicy p JOIN iam_group_users m ON m.group_id = p.group_id
    WHERE m.user_id = $1
    UNION ALL
    SELECT 'identity', CASE WHEN a.user_id IS NULL THEN 'group' ELSE 'user' END,
           a.policy_arn, v.document
    FROM (
        SELECT user_id, policy_arn FROM iam_attachment WHERE user_id = $1
        UNION ALL
        SELECT a.user_id, a.policy_arn FROM iam_attachment a
        JOIN iam_group_users m ON m.group_id = a.group_id WHERE m.user_id = $1
    ) a
    LEFT JOIN iam_policy p ON p.policy_arn = a.policy_arn
    LEFT JOIN iam_policyversion v ON v.policy_id = p.id AND v.is_default
    UNION ALL
    SELECT 'boundary', 'user', u.permissions_boundary, v.document FROM iam_user u
    LEFT JOIN iam_policy p ON p.policy_arn = u.permissions_boundary
    LEFT JOIN iam_policyversion v ON v.policy_id = p.id AND v.is_default
    WHERE u.id = $1 AND u.permissions_boundary <> ''"""),
    "group": Statement("""
    SELECT 'identity', 'group', policy_name, document FROM iam_inlinepolicy
    WHERE group_id = $1
    UNION ALL
    SELECT 'identity', 'group', a.policy_arn, v.document FROM iam_attachment a
    LEFT JOIN iam_policy p ON p.policy_arn = a.policy_arn
    LEFT JOIN iam_policyversion v ON v.policy_id = p.id AND v.is_default
    WHERE a.group_id = $1"""),
    "role": Statement("""
    SELECT 'identity', 'role', policy_name, document FROM iam_inlinepolicy WHERE role_id = $1
    UNION ALL
    SELECT 'identity', 'role', a.policy_arn, v.document FROM iam_attachment a
    LEFT JOIN iam_policy p ON p.policy_arn = a.policy_arn
    LEFT JOIN iam_policyversion v ON v.policy_id = p.id AND v.is_default
    WHERE a.role_id = $1
    UNION ALL
    SELECT 'boundary', 'role', r.permissions_boundary, v.document FROM iam_role r
    LEFT JOIN iam_policy p ON p.policy_arn = r.permissions_boundary
    LEFT JOIN iam_policyversion v ON v.policy_id = p.id AND v.is_default
    WHERE r.id = $1 AND r.permissions_boundary <> ''"""),
}
# IAM and STS know the tags of users and roles by a second name.
_IAM_IDENTITY = re.compile(r"arn:aws:iam::\d{12}:(user|role)/")


@dataclass(frozen=True, slots=True)
class IdentityLayers:
    """session: None where the session brought no policies of its own."""

    identity: tuple[Attached, ...]
    boundary: Attached | None
    session: tuple[Attached, ...] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An `aws.context.Answer`."""

    decision: Decision | None
    request: Request | None
    layers: Layers | None
    viewer: str

    @property
    def allowed(self) -> bool:
        return self.decision is None or self.decision.allowed

    @property
    def reason(self) -> str:
        return "" if self.decision is None else self.decision.reason

    def explain(self, *, brief: bool = False) -> dict[str, Any]:
        if self.request is None or self.layers is None:
            return {}
        trace = explain(self.request, self.layers).redacted_for(self.viewer)
        return (trace.brief() if brief else trace).as_dict()


SYSTEM_VERDICT = Verdict(None, None, None, "")


def authorize(ctx: Context, question: Question) -> Verdict:
    """Decides one question of an operation. The lab itself (system) may do everything."""
    if ctx.principal.kind == "system":
        return SYSTEM_VERDICT
    _require_usable(ctx, question.action)
    request = Request(
        principal=request_principal(ctx.principal),
        action=question.action,
        resource=question.resource,
        resource_account=question.resource_account,
        context=request_context(ctx, question),
    )
    layers = layers_of(ctx, question.resource_policy, question.action)
    return Verdict(decide(request, layers), request, layers, ctx.principal.account_id)


def _require_usable(ctx: Context, action: str) -> None:
    """What AWS does not take the credentials of GetSessionToken and GetFederationToken for.

    The console's own sessions are no such credentials.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    """
    caller = ctx.principal
    if ctx.source != "api" or caller.issued_at is None or caller.kind == "assumed-role":
        return
    is_federated = caller.kind == "federated-user"
    # Passing a role is asked by other services' calls, which these credentials may make.
    iam_allowed = action == "iam:PassRole" or (
        caller.mfa_authenticated_at is not None and not is_federated
    )
    sts_allowed = action == "sts:AssumeRole" and not is_federated
    if (action.startswith("iam:") and not iam_allowed) or (
        action.startswith("sts:") and not sts_allowed
    ):
        raise InvalidClientTokenId


def layers_of(ctx: Context, resource_policy: ResourcePolicy | None, action: str) -> Layers:
    """Every policy that has a say about the context's principal."""
    own = ctx.cache.get(_CACHE_KEY)
    if own is None:
        kept = remembered.kept(ctx.cache)
        own = kept.get(_CACHE_KEY)
        if own is None:
            own = kept[_CACHE_KEY] = identity_layers(ctx.principal)
        ctx.cache[_CACHE_KEY] = own
    return Layers(
        identity=own.identity,
        boundary=own.boundary,
        session=own.session,
        resource=_resource_layer(resource_policy, action),
        scps=None,
    )


def forget_policies(ctx: Context) -> None:
    """After a change of policies within one request."""
    ctx.cache.pop(_CACHE_KEY, None)


def identity_layers(principal: Principal) -> IdentityLayers:
    """The policies attached to a user (with groups) or role: one statement; and the session's."""
    session = _session_layer(principal)
    if principal.user_pk is None:
        return IdentityLayers((), None, session)
    kind = "role" if principal.kind == "assumed-role" else "user"
    return replace(gather(kind, principal.user_pk, principal.account_id), session=session)


def _session_layer(principal: Principal) -> tuple[Attached, ...] | None:
    """A federated user without session policies may do only what resources' policies grant."""
    if not principal.session_policies and principal.kind != "federated-user":
        return None
    account_id, layer = principal.account_id, []
    for text_or_arn in principal.session_policies:
        arn = text_or_arn if text_or_arn.startswith("arn:") else ""
        text = session_policies.text_of(account_id, text_or_arn)
        name = _short(arn) if arn else "session policy"
        layer.append(_attached(name, arn, "Session Policy", text, account_id))
    return tuple(layer)


def gather(kind: str, pk: int, account_id: str) -> IdentityLayers:
    """kind: "user" (with its groups), "group" or "role"; pk: its primary key."""
    identity: list[Attached] = []
    boundary = None
    for layer, owner, name, document in _GATHER[kind].all(pk):
        if layer == "boundary":
            # A boundary whose policy is gone bounds to nothing, rather than to everything.
            text = document or managed_policies.document(name)
            boundary = _attached(_short(name), name, owner, text, account_id)
        elif text := document or managed_policies.document(name):
            arn = name if name.startswith("arn:") else ""
            identity.append(_attached(_short(name), arn, owner, text, account_id))
    return IdentityLayers(tuple(identity), boundary)


def request_principal(principal: Principal) -> RequestPrincipal:
    is_session = principal.kind in ("assumed-role", "federated-user")
    return RequestPrincipal(
        arn=principal.arn,
        account_id=principal.account_id,
        kind=principal.kind,
        is_root=principal.kind == "root",
        session_arn=principal.arn if is_session else "",
        role_arn=principal.role_arn,
    )


def request_context(ctx: Context, question: Question) -> dict[str, str | Sequence[str]]:
    """The condition keys of a request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    context = _common_context(ctx) | {"aws:ResourceAccount": question.resource_account}
    if question.resource_tags:
        context |= _tag_keys("aws:ResourceTag", question.resource_tags)
        if _IAM_IDENTITY.match(question.resource):
            context |= _tag_keys("iam:ResourceTag", question.resource_tags)
    if question.request_tags:
        context |= _tag_keys("aws:RequestTag", question.request_tags)
        context["aws:TagKeys"] = list(question.request_tags)
    return context | dict(question.conditions)


def _common_context(ctx: Context) -> dict[str, str | Sequence[str]]:
    """The keys that a second's questions share: a list page asks hundreds."""
    now = ctx.now.replace(microsecond=0)
    shared = (now, ctx.region, ctx.source_ip, ctx.user_agent, ctx.secure_transport)
    known = ctx.cache.get(_COMMON_KEY)
    if known is None or known[0] != shared or known[1] is not ctx.principal:
        known = ctx.cache[_COMMON_KEY] = (shared, ctx.principal, _new_common_context(ctx, now))
    context: dict[str, str | Sequence[str]] = known[2]
    return context


def _new_common_context(ctx: Context, now: datetime) -> dict[str, str | Sequence[str]]:
    context = principal_context(ctx.principal, now) | {
        "aws:CurrentTime": clock.isoformat(now),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true" if ctx.secure_transport else "false",
        "aws:RequestedRegion": ctx.region,
    }
    if ctx.source_ip:
        context["aws:SourceIp"] = ctx.source_ip
    if ctx.user_agent:
        context["aws:UserAgent"] = ctx.user_agent
    return context


def principal_context(caller: Principal, now: datetime) -> dict[str, str | Sequence[str]]:
    """The keys about the caller: name, kind, tags, MFA, session."""
    context: dict[str, str | Sequence[str]] = {
        "aws:PrincipalArn": caller.role_arn or caller.arn,
        "aws:PrincipalAccount": caller.account_id,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(caller.kind, "Anonymous"),
        "aws:userid": caller.user_id,
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
    }
    if caller.kind == "user":
        context["aws:username"] = caller.name
    if caller.issued_at is not None:
        context["aws:TokenIssueTime"] = clock.isoformat(caller.issued_at)
        has_mfa = caller.mfa_authenticated_at is not None
        context["aws:MultiFactorAuthPresent"] = "true" if has_mfa else "false"
    if caller.mfa_authenticated_at is not None:
        age = now - caller.mfa_authenticated_at
        context["aws:MultiFactorAuthAge"] = str(int(age.total_seconds()))
    if caller.source_identity:
        context["aws:SourceIdentity"] = caller.source_identity
    return context | _tag_keys("aws:PrincipalTag", caller.tags)


_PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}


def _tag_keys(prefix: str, tags: Mapping[str, str]) -> dict[str, str | Sequence[str]]:
    return {f"{prefix}/{key}": value for key, value in tags.items()}


def _resource_layer(policy: ResourcePolicy | None, action: str) -> Attached | None:
    if policy is None:
        return None
    kind = PolicyKind.TRUST if action.startswith("sts:") else PolicyKind.RESOURCE
    return Attached(
        name=_short(policy.arn),
        arn=policy.arn,
        source_type="Resource Policy",
        policy=load(policy.document, kind) if policy.document else nothing(kind),
        owner_account=policy.account_id,
    )


def _attached(name: str, arn: str, source_type: str, text: str | None, account_id: str) -> Attached:
    """text: None for a policy that is gone."""
    return Attached(
        name=name,
        arn=arn,
        source_type=source_type,
        policy=load(text, PolicyKind.IDENTITY) if text else nothing(),
        owner_account=account_id,
    )


def _short(name_or_arn: str) -> str:
    return name_or_arn.rsplit("/", 1)[-1] if name_or_arn.startswith("arn:") else name_or_arn
