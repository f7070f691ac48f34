"""Who asks, and how a Principal element may name them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from iam.policy.document import PrincipalElement


class PrincipalType(StrEnum):
    """The kinds of caller the evaluation logic tells apart."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"  # an assumed-role session
    FEDERATED_USER = "federated-user"  # a session of GetFederationToken
    SERVICE = "service"
    FEDERATED = "federated"  # a web or SAML identity about to assume a role
    ANONYMOUS = "anonymous"


class Grant(IntEnum):
    """How far an Allow of a resource-based policy reaches within the same account.

    ACCOUNT names only the account: its own identity policies must still allow.
    ROLE names the role (or federating user): boundary and session policies still limit it.
    DIRECT names the very user or session, or everyone: implicit denies elsewhere do not matter.
    """

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


_WITHOUT_IDENTITY_POLICIES = (
    PrincipalType.SERVICE,
    PrincipalType.FEDERATED,
    PrincipalType.ANONYMOUS,
)


@dataclass(frozen=True, slots=True)
class RequestPrincipal:
    """The caller of one request.

    arn: as GetCallerIdentity answers it ("*" for anonymous, the name for a service).
    account_id: 12 digits, or "" where there is none. role_arn and session_arn: assumed roles.
    user_arn: the user behind a federated-user session. aliases: further names a Principal element
    may use, such as a unique id ("AIDA…") or a canonical user id.
    """

    arn: str
    account_id: str
    kind: str
    is_root: bool = False
    role_arn: str = ""
    session_arn: str = ""
    user_arn: str = ""
    aliases: frozenset[str] = frozenset()
    grants: dict[str, Grant] = field(init=False, repr=False, compare=False, hash=False)
    has_identity_policies: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind == PrincipalType.ROOT:
            object.__setattr__(self, "is_root", True)
        object.__setattr__(self, "grants", self._grants())
        has_identity_policies = self.kind not in _WITHOUT_IDENTITY_POLICIES
        object.__setattr__(self, "has_identity_policies", has_identity_policies)

    @classmethod
    def root(cls, account_id: str) -> "RequestPrincipal":
        return cls(f"arn:aws:iam::{account_id}:root", account_id, PrincipalType.ROOT, is_root=True)

    @classmethod
    def user(cls, arn: str, aliases: frozenset[str] = frozenset()) -> "RequestPrincipal":
        return cls(arn, _account_of(arn), PrincipalType.USER, aliases=aliases)

    @classmethod
    def assumed_role(
        cls, session_arn: str, role_arn: str, aliases: frozenset[str] = frozenset()
    ) -> "RequestPrincipal":
        return cls(
            session_arn,
            _account_of(session_arn),
            PrincipalType.ROLE,
            role_arn=role_arn,
            session_arn=session_arn,
            aliases=aliases,
        )

    @classmethod
    def federated_user(cls, session_arn: str, user_arn: str) -> "RequestPrincipal":
        account_id = _account_of(session_arn)
        kind = PrincipalType.FEDERATED_USER
        return cls(session_arn, account_id, kind, session_arn=session_arn, user_arn=user_arn)

    @classmethod
    def service(cls, name: str) -> "RequestPrincipal":
        return cls(name, "", PrincipalType.SERVICE)

    @classmethod
    def federated(cls, provider: str) -> "RequestPrincipal":
        return cls(provider, "", PrincipalType.FEDERATED)

    @classmethod
    def anonymous(cls) -> "RequestPrincipal":
        return cls("*", "", PrincipalType.ANONYMOUS)

    def _grants(self) -> dict[str, Grant]:
        if self.kind == PrincipalType.ANONYMOUS:
            return {}
        indirect = bool(self.role_arn)
        grants = dict.fromkeys(self.aliases, Grant.ROLE if indirect else Grant.DIRECT)
        if self.account_id:
            grants[self.account_id] = Grant.DIRECT if self.is_root else Grant.ACCOUNT
        if self.is_root:
            return grants
        for name in (self.role_arn, self.user_arn):
            if name:
                grants[name] = Grant.ROLE
        grants[self.session_arn or self.arn] = Grant.DIRECT
        return grants


def _account_of(arn: str) -> str:
    return arn.split(":", 5)[4]


@dataclass(frozen=True, slots=True)
class PrincipalMatcher:
    """A compiled Principal or NotPrincipal element."""

    element: PrincipalElement
    is_deny: bool

    def grant(self, principal: RequestPrincipal) -> Grant:
        """NONE if the statement is not about this principal."""
        element = self.element
        if element.negated:
            return self._grant_to_others(principal)
        if element.everyone:
            return Grant.DIRECT
        best = Grant.NONE
        for name, grant in principal.grants.items():
            if grant > best and name in element.names:
                best = grant
        return best

    def _grant_to_others(self, principal: RequestPrincipal) -> Grant:
        """NotPrincipal, read on the safe side.

        A Deny spares only who is named at every level (account, role and session), as AWS tells
        authors to write it; an Allow leaves out whoever is named at any level.
        """
        if self.element.everyone:
            return Grant.NONE
        levels = principal.grants.keys() - principal.aliases
        named = self.element.names
        spared = bool(levels) and levels <= named
        if not self.is_deny:
            spared = not named.isdisjoint(principal.grants)
        return Grant.NONE if spared else Grant.DIRECT
