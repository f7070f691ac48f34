"""IAM's and STS's operations, one file per AWS noun. Other apps import them from here."""

from iam.operations.users import (
    create_user,
    delete_user,
    get_user,
    list_user_tags,
    list_users,
    tag_user,
    untag_user,
    update_user,
)

__all__ = [
    "create_user",
    "delete_user",
    "get_user",
    "list_user_tags",
    "list_users",
    "tag_user",
    "untag_user",
    "update_user",
]
