"""The question put to the evaluator: who wants to do what to which resource, and the context.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html#intro-structure-request
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iam.policy.principals import RequestPrincipal
from iam.policy.variables import ContextValue


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource.

    action: "iam:CreateUser". resource: an ARN, or "*" for actions without a resource.
    resource_account: the 12-digit owner, or "" if the resource belongs to the caller's account.
    context: condition keys in any case; a sequence (even of one) for multivalued keys.
    """

    principal: RequestPrincipal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)

    @property
    def is_same_account(self) -> bool:
        return self.resource_account in ("", self.principal.account_id)


class Frame:
    """A request prepared for matching: action and context keys in lower case."""

    __slots__ = (
        "_context",
        "_written",
        "action",
        "principal",
        "resource",
        "service",
        "written_action",
    )

    def __init__(self, request: Request) -> None:
        self.principal = request.principal
        self.written_action = request.action
        self.action = request.action.lower()
        self.service = self.action.partition(":")[0]
        self.resource = request.resource
        self._written = request.context
        self._context: dict[str, ContextValue] | None = None

    @property
    def context(self) -> Mapping[str, ContextValue]:
        """Built on first use: most decisions never look at a condition."""
        if self._context is None:
            self._context = {key.lower(): value for key, value in self._written.items()}
        return self._context
