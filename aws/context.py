"""The context of one request: who calls, from where, in which account and region, and when."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string

from aws import clock, errors, seal
from aws.identity import Principal
from aws.models import Account
from aws.regions import DEFAULT_REGION
from aws.services import SERVICES

Source = Literal["api", "console", "guest", "system"]
ConditionContext = Mapping[str, str | Sequence[str]]
MESSAGE_SEAL = "authorization-message"
# The longest that sts:DecodeAuthorizationMessage takes.
MAX_ENCODED = 10_240
# Of those that an operation names, how many its event lists.
MAX_RESOURCES = 50


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """A policy that a resource carries: a trust policy, a bucket policy.

    document: "" for one that names nobody, such as that of a role that is not there.
    """

    document: str
    arn: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that an operation asks of the authorizer.

    resource_tags, request_tags: {key: value}, for aws:ResourceTag and aws:RequestTag.
    conditions: service condition keys, such as {"iam:PassedToService": "ec2.amazonaws.com"}.
    """

    action: str
    resource: str
    resource_account: str
    resource_policy: ResourcePolicy | None = None
    resource_tags: Mapping[str, str] | None = None
    request_tags: Mapping[str, str] | None = None
    conditions: ConditionContext = field(default_factory=dict)


class Answer(Protocol):
    """What the authorizer decides. reason: the tail of AWS's message ("because no …")."""

    @property
    def allowed(self) -> bool: ...

    @property
    def reason(self) -> str: ...

    def explain(self, *, brief: bool = False) -> dict[str, Any]:
        """The trace as JSON, without another account's policies. brief: what matched alone."""
        ...


@dataclass(slots=True, kw_only=True)
class Context:
    """account_id: the account whose resources the call is about: the caller's own.

    clock_offset: how far that account's time is ahead. asked, resources and pending_events belong
    to `aws.operation`: whether the running operation asked for permission, the ARNs it named, and
    the events of nested calls. calls: the event ids of the changes that this request has made, in
    order, without the calls inside other calls: what the console's Show code writes down.
    """

    account_id: str
    principal: Principal
    region: str = DEFAULT_REGION
    source: Source = "api"
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    source_ip: str = ""
    user_agent: str = ""
    secure_transport: bool = False
    clock_offset: timedelta = timedelta()
    asked: bool = False
    resources: list[str] = field(default_factory=list)
    pending_events: list[Any] = field(default_factory=list)
    calls: list[uuid.UUID] = field(default_factory=list)
    depth: int = 0
    # The authorizer keeps the principal's policies here for the length of one request.
    cache: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def system(cls, account: Account, *, region: str = DEFAULT_REGION) -> Self:
        """The lab itself acting in an account: workers, resets, seeds. Allowed everything."""
        principal = Principal(
            kind="system",
            account_id=account.account_id,
            arn=f"arn:aws:iam::{account.account_id}:root",
            user_id=account.account_id,
            name="groundschool",
        )
        return cls(
            account_id=account.account_id,
            principal=principal,
            region=region,
            source="system",
            clock_offset=account.clock_offset,
        )

    @property
    def now(self) -> datetime:
        """The account's business time."""
        return clock.now(self.clock_offset)

    def authorize(
        self,
        action: str,
        resource: str = "*",
        *,
        resource_account: str = "",
        resource_policy: ResourcePolicy | None = None,
        resource_tags: Mapping[str, str] | None = None,
        request_tags: Mapping[str, str] | None = None,
        conditions: ConditionContext | None = None,
        answered_by: str = "",
    ) -> None:
        """Returns when the principal may; else raises the service's AccessDenied with its reason.

        action: "iam:CreateUser". resource: ARN, or "*" for actions without resources. answered_by:
        the service whose error it is, where that is not the action's: ec2 asks for iam:PassRole.
        """
        question = Question(
            action=action,
            resource=resource,
            resource_account=resource_account or self.account_id,
            resource_policy=resource_policy,
            resource_tags=resource_tags,
            request_tags=request_tags,
            conditions=conditions or {},
        )
        answer = self._ask(question)
        if not answer.allowed:
            raise self._denied(question, answer, answered_by)

    def allows(self, action: str, resource: str = "*", **details: Any) -> bool:
        """Whether the principal may: for lists and buttons. Takes what `authorize` takes."""
        details.setdefault("resource_account", self.account_id)
        return self._ask(Question(action=action, resource=resource, **details)).allowed

    def _ask(self, question: Question) -> Answer:
        self.asked = True
        is_named = question.resource != "*" and question.resource not in self.resources
        if is_named and len(self.resources) < MAX_RESOURCES:
            self.resources.append(question.resource)
        authorizer: Any = import_string(settings.AWS_AUTHORIZER)
        answer: Answer = authorizer(self, question)
        return answer

    def _denied(self, question: Question, answer: Answer, answered_by: str) -> errors.Denied:
        explanation = answer.explain()
        encoded = self._sealed(explanation)
        if len(encoded) > MAX_ENCODED:
            encoded = self._sealed(answer.explain(brief=True))
        denied_class = denied_class_of(answered_by or question.action.split(":", 1)[0])
        denied = denied_class(
            user=self.principal.arn,
            action=question.action,
            resource=question.resource,
            reason=answer.reason,
            encoded=encoded,
        )
        denied.explanation = explanation
        denied.encoded = encoded
        return denied

    def _sealed(self, explanation: dict[str, Any]) -> str:
        """What sts:DecodeAuthorizationMessage opens."""
        message = {"account": self.account_id, "explanation": explanation}
        return seal.seal_text(message, MESSAGE_SEAL)


def denied_class_of(service: str) -> type[errors.Denied]:
    """The service's spelling of a denial."""
    if service == "ec2":
        return errors.UnauthorizedOperation
    known = SERVICES.get(service)
    if known is not None and known.protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return errors.AccessDeniedException
    return errors.AccessDenied
