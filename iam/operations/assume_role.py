"""STS's AssumeRole: a session of a role, of this account or of another that trusts the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aws import clock
from aws.arn import Arn
from aws.context import Context, ResourcePolicy
from aws.errors import AccessDenied, ValidationError
from aws.operation import Response, operation
from aws.tags import TagList
from iam import session_policies, sessions
from iam.models import Role
from iam.operations.sts import account_now, authenticate

ONE_HOUR = 3600


@dataclass(frozen=True)
class _Wish:
    """What the call asks for, of a role that may not exist."""

    ctx: Context
    arn: str
    role: Role | None
    session_tags: Mapping[str, str]
    conditions: dict[str, str | Sequence[str]] = field(default_factory=dict)

    def authorize(self, action: str) -> None:
        account_id = Arn.parse(self.arn).account_id
        # A role that is not there is denied as one that trusts others.
        document = self.role.assume_role_policy_document if self.role else ""
        self.ctx.authorize(
            action,
            self.arn,
            resource_account=account_id,
            resource_policy=ResourcePolicy(document, self.arn, account_id),
            resource_tags=self.role.tags if self.role else None,
            request_tags=self.session_tags or None,
            conditions=self.conditions,
        )


@operation("sts:AssumeRole")
def assume_role(
    ctx: Context,
    /,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: Sequence[Mapping[str, str]] = (),
    policy: str = "",
    duration_seconds: int = ONE_HOUR,
    tags: TagList = (),
    transitive_tag_keys: Sequence[str] = (),
    external_id: str = "",
    serial_number: str = "",
    token_code: str = "",
    source_identity: str = "",
    provided_contexts: Sequence[Mapping[str, str]] = (),
    minimum_session_token_size: int = 0,
) -> Response:
    """Credentials of the role for duration_seconds, within the session policies if any.

    The role's trust policy has to name the caller; in another account, or where it names the whole
    account, the caller's own policies have to allow it as well. A role that is not there is denied
    with the same words. minimum_session_token_size: bytes. Answers {"Credentials",
    "SessionTokenSize", "AssumedRoleUser", "PackedPolicySize", "SourceIdentity"}. Raises
    AccessDenied, ValidationError (duration: the role's maximum, an hour when chaining),
    MalformedPolicyDocument, PackedPolicyTooLarge, InvalidInput (tags).
    Simplified: recorded in the caller's account only; refuses ProvidedContexts, as no context
    provider is offered; no SessionTokenUtilization.
    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    if ctx.principal.kind == "root":
        ctx.asked = True
        raise AccessDenied("Roles may not be assumed by root accounts.")
    role = _find(role_arn)
    mfa_at = authenticate(ctx, serial_number, token_code)
    session_tags, transitive = _tags(ctx, tags, transitive_tag_keys)
    source_identity = _source_identity(ctx, source_identity)
    wish = _Wish(ctx, role_arn, role, session_tags)
    wish.conditions["sts:RoleSessionName"] = role_session_name
    if external_id:
        wish.conditions["sts:ExternalId"] = external_id
    if source_identity:
        wish.conditions["sts:SourceIdentity"] = source_identity
    if transitive:
        wish.conditions["sts:TransitiveTagKeys"] = transitive
    if mfa_at:
        wish.conditions["aws:MultiFactorAuthPresent"] = "true"
        wish.conditions["aws:MultiFactorAuthAge"] = "0"
    wish.authorize("sts:AssumeRole")
    if session_tags:
        wish.authorize("sts:TagSession")
    if source_identity:
        wish.authorize("sts:SetSourceIdentity")
    assert role is not None  # noqa: S101 - nobody may assume a role that is not there
    if provided_contexts:
        raise ValidationError("This lab offers no context providers.")
    is_chained = ctx.principal.kind == "assumed-role"
    _require_duration(role, duration_seconds, is_chained=is_chained)
    policies = session_policies.read(role.account_id, policy, policy_arns)
    percent = session_policies.packed_percent(policies, session_tags)
    now = account_now(role.account_id)
    session = sessions.start(
        kind="assumed-role",
        account_id=role.account_id,
        entity_pk=role.pk,
        session_name=role_session_name,
        issued_at=now,
        expires_at=now + timedelta(seconds=duration_seconds),
        machine_issued_at=clock.real_now(),
        session_policies=policies,
        session_tags=session_tags,
        transitive_tag_keys=transitive,
        source_identity=source_identity,
        is_chained=is_chained,
    )
    return _answer(session, role, percent, minimum_session_token_size)


def _answer(session: sessions.Session, role: Role, percent: int, token_size: int) -> Response:
    principal = sessions.role_session_principal(session, role.role_name, role.role_id)
    answer: dict[str, Any] = {
        **session.as_aws(token_size),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": principal.arn},
    }
    if percent:
        answer["PackedPolicySize"] = percent
    if session.source_identity:
        answer["SourceIdentity"] = session.source_identity
    return answer


def _find(role_arn: str) -> Role | None:
    """In whichever account: who may take it is for its trust policy to say."""
    try:
        arn = Arn.parse(role_arn)
    except ValueError:
        raise ValidationError(f"{role_arn} is invalid") from None
    if arn.service != "iam" or arn.resource_type != "role":
        raise ValidationError(f"{role_arn} is invalid")
    by_name = {"role_name": arn.resource_name, "role_name__lower": arn.resource_name.lower()}
    role: Role | None = Role.objects.filter(account_id=arn.account_id, **by_name).first()
    return role if role is not None and role.arn == role_arn else None


def _tags(
    ctx: Context, tags: TagList, transitive_keys: Sequence[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session's tags and which of them go on: those inherited along the chain come first."""
    caller = ctx.principal
    inherited = {key: caller.session_tags[key] for key in caller.transitive_tag_keys}
    wanted = session_policies.tags(tags)
    if repeated := {key.lower() for key in inherited} & {key.lower() for key in wanted}:
        raise AccessDenied(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            f"transitive tag key from the calling session: {sorted(repeated)[0]}"
        )
    missing = [key for key in transitive_keys if key not in wanted]
    if missing:
        raise ValidationError(f"The specified transitive tag key must be included: {missing[0]}")
    return {**inherited, **wanted}, tuple(dict.fromkeys([*inherited, *transitive_keys]))


def _source_identity(ctx: Context, wanted: str) -> str:
    """Set once, it stays along the chain."""
    known = ctx.principal.source_identity if ctx.principal.kind == "assumed-role" else ""
    if known and wanted and wanted != known:
        raise AccessDenied("The source identity of a session cannot be changed.")
    return known or wanted


def _require_duration(role: Role, seconds: int, *, is_chained: bool) -> None:
    if is_chained and seconds > ONE_HOUR:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > role.max_session_duration:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
