"""Whose credentials a page is about: a user's, or one's own (a user's or root's)."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse

from console.requests import ConsoleRequest
from iam import operations


@dataclass(frozen=True)
class Holder:
    """name: the user's; for root its account's ID, by which AWS's MFA calls know it.

    is_own: the page is one of "My security credentials".
    """

    name: str
    is_own: bool
    is_root: bool

    @property
    def who(self) -> dict[str, Any]:
        """The user_name argument of an operation; root is its caller."""
        return {} if self.is_root else {"user_name": self.name}

    @property
    def url(self) -> str:
        """The page that lists the credentials."""
        if self.is_own:
            return reverse("iam:security-credentials")
        return reverse("iam:user-detail", args=[self.name]) + "?tab=security_credentials"

    @property
    def key_create_url(self) -> str:
        return self.address("key-create")

    @property
    def mfa_add_url(self) -> str:
        return self.address("mfa-add")

    @property
    def mfa_remove_url(self) -> str:
        return self.address("mfa-remove")

    @property
    def mfa_resync_url(self) -> str:
        return self.address("mfa-resync")

    def address(self, page: str, *arguments: str) -> str:
        if self.is_own:
            return reverse(f"iam:own-{page}", args=arguments)
        return reverse(f"iam:user-{page}", args=[self.name, *arguments])


def holder_of(request: ConsoleRequest, user_name: str) -> Holder:
    """The address's user, or, without a name, who is signed in. 404 for a role session, which has
    no credentials of its own."""
    if user_name:
        user = operations.get_user(request.ctx, user_name=user_name)["User"]
        return Holder(user["UserName"], is_own=False, is_root=False)
    principal = request.principal
    if principal.kind not in ("root", "user"):
        raise Http404
    is_root = principal.kind == "root"
    name = principal.account_id if is_root else principal.name
    return Holder(name, is_own=True, is_root=is_root)
