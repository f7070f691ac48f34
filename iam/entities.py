"""Users, groups and roles take the same permission calls under different names; this is the map."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iam import operations as iam

Call = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class EntityCalls:
    """argument: the name's parameter ("user_name"). member: where Get… answers it ("User").

    bound, unbound, tag and untag are None where AWS has no such call (groups).
    """

    kind: str
    argument: str
    member: str
    get: Call
    attach: Call
    detach: Call
    attached: Call
    inline_names: Call
    get_inline: Call
    put_inline: Call
    delete_inline: Call
    bound: Call | None = None
    unbound: Call | None = None
    tag: Call | None = None
    untag: Call | None = None

    def named(self, name: str) -> dict[str, str]:
        return {self.argument: name}


ENTITIES = {
    "users": EntityCalls(
        kind="user",
        argument="user_name",
        member="User",
        get=iam.get_user,
        attach=iam.attach_user_policy,
        detach=iam.detach_user_policy,
        attached=iam.list_attached_user_policies,
        inline_names=iam.list_user_policies,
        get_inline=iam.get_user_policy,
        put_inline=iam.put_user_policy,
        delete_inline=iam.delete_user_policy,
        bound=iam.put_user_permissions_boundary,
        unbound=iam.delete_user_permissions_boundary,
        tag=iam.tag_user,
        untag=iam.untag_user,
    ),
    "groups": EntityCalls(
        kind="group",
        argument="group_name",
        member="Group",
        get=iam.get_group,
        attach=iam.attach_group_policy,
        detach=iam.detach_group_policy,
        attached=iam.list_attached_group_policies,
        inline_names=iam.list_group_policies,
        get_inline=iam.get_group_policy,
        put_inline=iam.put_group_policy,
        delete_inline=iam.delete_group_policy,
    ),
    "roles": EntityCalls(
        kind="role",
        argument="role_name",
        member="Role",
        get=iam.get_role,
        attach=iam.attach_role_policy,
        detach=iam.detach_role_policy,
        attached=iam.list_attached_role_policies,
        inline_names=iam.list_role_policies,
        get_inline=iam.get_role_policy,
        put_inline=iam.put_role_policy,
        delete_inline=iam.delete_role_policy,
        bound=iam.put_role_permissions_boundary,
        unbound=iam.delete_role_permissions_boundary,
        tag=iam.tag_role,
        untag=iam.untag_role,
    ),
}
