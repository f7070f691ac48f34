"""AWS's evaluation logic: which layers must allow, and which one decided.

Single account:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
Cross-account:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from iam.policy.compile import CompiledPolicy
from iam.policy.document import PolicyKind
from iam.policy.principals import Grant
from iam.policy.request import Frame, Request


class Layer(StrEnum):
    """The policy types, in the order in which they are asked."""

    SCP = "scp"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    IDENTITY = "identity"


class Verdict(StrEnum):
    """The spelling of SimulatePrincipalPolicy's EvalDecision."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, slots=True)
class Attached:
    """One policy where it hangs. source_type as SimulatePrincipalPolicy names it."""

    name: str
    arn: str  # "" for inline policies; the resource's ARN for a resource-based policy
    source_type: str
    policy: CompiledPolicy
    owner_account: str


@dataclass(frozen=True, slots=True)
class Layers:
    """All policies that apply. None: the layer is absent. An empty tuple: present, allows nothing.

    Simplified: scps is one level; AWS asks every level of the organization for an Allow.
    """

    identity: tuple[Attached, ...] = ()
    boundary: Attached | None = None
    session: tuple[Attached, ...] | None = None
    resource: Attached | None = None
    scps: tuple[Attached, ...] | None = None

    def of(self, layer: Layer) -> tuple[Attached, ...] | None:
        """The policies of one layer, or None where the layer is absent."""
        if layer is Layer.IDENTITY:
            return self.identity
        if layer is Layer.SESSION:
            return self.session
        if layer is Layer.SCP:
            return self.scps
        single = self.resource if layer is Layer.RESOURCE else self.boundary
        return None if single is None else (single,)

    def present(self) -> Iterator[tuple[Layer, tuple[Attached, ...]]]:
        """The layers that are there, in the order of Layer."""
        if self.scps is not None:
            yield Layer.SCP, self.scps
        if self.resource is not None:
            yield Layer.RESOURCE, (self.resource,)
        if self.boundary is not None:
            yield Layer.BOUNDARY, (self.boundary,)
        if self.session is not None:
            yield Layer.SESSION, self.session
        yield Layer.IDENTITY, self.identity


class Decision(NamedTuple):
    """The answer. reason is the tail of AWS's AccessDenied message, "" if allowed."""

    allowed: bool
    verdict: Verdict
    layer: Layer
    reason: str


class Culprit(NamedTuple):
    """The first policy, in layer order, with a Deny that matches."""

    layer: Layer
    attached: Attached


class Probe(Protocol):
    """What the layers say; decide() asks them lazily, explain() has asked everything before."""

    def culprit(self) -> Culprit | None: ...

    def grant(self, layer: Layer) -> Grant: ...


class _LazyProbe:
    __slots__ = ("_frame", "_layers")

    def __init__(self, frame: Frame, layers: Layers) -> None:
        self._frame = frame
        self._layers = layers

    def culprit(self) -> Culprit | None:
        frame = self._frame
        for layer, policies in self._layers.present():
            for attached in policies:
                if attached.policy.denies(frame):
                    return Culprit(layer, attached)
        return None

    def grant(self, layer: Layer) -> Grant:
        frame = self._frame
        best = Grant.NONE
        for attached in self._layers.of(layer) or ():
            grant = attached.policy.allows(frame)
            if grant is Grant.DIRECT:
                return grant
            if grant is not Grant.NONE:
                best = max(best, grant)
        return best


def decide(request: Request, layers: Layers) -> Decision:
    """The decision alone, as fast as it can be had. explain() gives the same with its trace."""
    return settle(request, layers, _LazyProbe(Frame(request), layers))


def settle(request: Request, layers: Layers, probe: Probe) -> Decision:
    """Explicit denies first, then each layer that must allow, in the order of Layer."""
    culprit = probe.culprit()
    if culprit is not None:
        return _denied_by(request, culprit)
    if layers.scps is not None and probe.grant(Layer.SCP) is Grant.NONE:
        return _not_allowed(request, layers, Layer.SCP)
    return _settle_allows(request, layers, probe)


def _settle_allows(request: Request, layers: Layers, probe: Probe) -> Decision:
    principal = request.principal
    same_account = request.is_same_account
    granted = Grant.NONE if layers.resource is None else probe.grant(Layer.RESOURCE)
    if granted is Grant.NONE:
        # Another account's resource, a role to be assumed, or a KMS key must itself name the
        # caller; and whoever has no identity policies has nothing else to rest on.
        if not (same_account and principal.has_identity_policies) or _has_last_word(
            request, layers
        ):
            return _not_allowed(request, layers, Layer.RESOURCE)
    elif not principal.has_identity_policies or (same_account and granted is Grant.DIRECT):
        return _ALLOWED_BY_RESOURCE
    for layer in (Layer.BOUNDARY, Layer.SESSION):
        if layers.of(layer) is not None and probe.grant(layer) is Grant.NONE:
            return _not_allowed(request, layers, layer)
    if same_account and granted is Grant.ROLE:
        return _ALLOWED_BY_RESOURCE
    if principal.is_root or probe.grant(Layer.IDENTITY) is not Grant.NONE:
        return _ALLOWED_BY_IDENTITY
    return _not_allowed(request, layers, Layer.IDENTITY)


_ALLOWED_BY_RESOURCE = Decision(True, Verdict.ALLOWED, Layer.RESOURCE, "")
_ALLOWED_BY_IDENTITY = Decision(True, Verdict.ALLOWED, Layer.IDENTITY, "")
_POLICY_TYPES = {
    Layer.SCP: ("a service control policy", "service control policy"),
    Layer.RESOURCE: ("a resource-based policy", "resource-based policy"),
    Layer.BOUNDARY: ("a permissions boundary", "permissions boundary"),
    Layer.SESSION: ("a session policy", "session policy"),
    Layer.IDENTITY: ("an identity-based policy", "identity-based policy"),
}
_TRUST_TYPES = ("the role trust policy", "role trust policy")


def _is_trust(layers: Layers) -> bool:
    resource = layers.resource
    return resource is not None and resource.policy.policy.kind is PolicyKind.TRUST


def _has_last_word(request: Request, layers: Layers) -> bool:
    """Whether the resource's policy has to allow as well, also in its own account.

    AWS: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
    """
    is_key = layers.resource is not None and request.action.lower().startswith("kms:")
    return is_key or _is_trust(layers)


def _denied_by(request: Request, culprit: Culprit) -> Decision:
    """AWS: .../UserGuide/troubleshoot_access-denied.html#access-denied-error-examples"""
    layer, attached = culprit
    trust = attached.policy.policy.kind is PolicyKind.TRUST
    reason = f"with an explicit deny in {(_TRUST_TYPES if trust else _POLICY_TYPES[layer])[0]}"
    own = attached.owner_account == request.principal.account_id
    if layer is Layer.RESOURCE and attached.arn and own and not trust:
        reason = f"{reason}: {attached.arn}"
    return Decision(False, Verdict.EXPLICIT_DENY, layer, reason)


def _not_allowed(request: Request, layers: Layers, layer: Layer) -> Decision:
    trust = layer is Layer.RESOURCE and _is_trust(layers)
    policy_type = (_TRUST_TYPES if trust else _POLICY_TYPES[layer])[1]
    reason = f"because no {policy_type} allows the {request.action} action"
    return Decision(False, Verdict.IMPLICIT_DENY, layer, reason)
