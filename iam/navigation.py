"""IAM in the shell: menu entry, side navigation, search."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aws.arn import iam_arn
from aws.context import Context
from console.navigation import SECURITY, Link, Navigation, SearchResult, Section
from iam.models import Group, Policy, Role, User
from iam.models.entities import Entity

MAX_FOUND = 5


@dataclass(frozen=True)
class _Searched:
    """model: its rows are found by name. action: what lists them. argument: what `view` takes."""

    model: type[Entity]
    action: str
    kind: Promise
    view: str
    argument: str


_SEARCHED = (
    _Searched(User, "iam:ListUsers", _("User"), "iam:user-detail", "user_name"),
    _Searched(Group, "iam:ListGroups", _("User group"), "iam:group-detail", "group_name"),
    _Searched(Role, "iam:ListRoles", _("Role"), "iam:role-detail", "role_name"),
    _Searched(Policy, "iam:ListPolicies", _("Policy"), "iam:policy-detail", "policy_arn"),
)


def search_entities(ctx: Context, query: str) -> Iterator[SearchResult]:
    """Users, groups, roles and customer managed policies whose name contains the query."""
    for searched in _SEARCHED:
        model = searched.model
        if not ctx.allows(searched.action, iam_arn(ctx.account_id, f"{model.RESOURCE}/")):
            continue
        rows = model.objects.in_scope(ctx).filter(**{f"{model.NAME}__icontains": query})
        for row in rows.order_by(model.NAME)[:MAX_FOUND]:
            address = reverse(searched.view, args=[getattr(row, searched.argument)])
            yield SearchResult(row.name, searched.kind, address)


NAVIGATION = Navigation(
    service="iam",
    title="IAM",
    home="iam:home",
    is_global=True,
    category=SECURITY,
    description=_("Manage access to AWS resources"),
    sections=(
        Section("", (Link(_("Dashboard"), "iam:home"),)),
        Section(
            _("Access management"),
            (
                Link(_("User groups"), "iam:group-list"),
                Link(_("Users"), "iam:user-list"),
                Link(_("Roles"), "iam:role-list"),
                Link(_("Policies"), "iam:policy-list"),
                Link(_("Identity providers"), "iam:identity-providers"),
                Link(_("Account settings"), "iam:account-settings"),
            ),
        ),
        Section(
            _("Access reports"),
            (
                Link(_("Credential report"), "iam:credential-report"),
                Link(_("Policy simulator"), "iam:policysim"),
            ),
        ),
    ),
    features=(
        (_("User groups"), "iam:group-list"),
        (_("Users"), "iam:user-list"),
        (_("Roles"), "iam:role-list"),
        (_("Policies"), "iam:policy-list"),
        (_("Password policy"), "iam:account-settings"),
        (_("Credential report"), "iam:credential-report"),
        (_("Policy simulator"), "iam:policysim"),
        (_("My security credentials"), "iam:security-credentials"),
    ),
    search=(search_entities,),
)
