"""Which Terraform resource stands for which call. One line an argument: Terraform's ← AWS's member.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """type: "aws_iam_user". label: members that name the block, all of them needed.

    arguments: Terraform's name → AWS's member.
    """

    type: str
    label: tuple[str, ...]
    arguments: Mapping[str, str]


def _attachment(kind: str) -> Resource:
    member = f"{kind.capitalize()}Name"
    return Resource(
        f"aws_iam_{kind}_policy_attachment",
        (member, "PolicyArn"),
        {kind: member, "policy_arn": "PolicyArn"},
    )


def _inline_policy(kind: str) -> Resource:
    member = f"{kind.capitalize()}Name"
    return Resource(
        f"aws_iam_{kind}_policy",
        (member, "PolicyName"),
        {"name": "PolicyName", kind: member, "policy": "PolicyDocument"},
    )


RESOURCES: dict[str, Resource] = {
    "iam:CreateUser": Resource(
        "aws_iam_user",
        ("UserName",),
        {
            "name": "UserName",
            "path": "Path",
            "permissions_boundary": "PermissionsBoundary",
            "tags": "Tags",
        },
    ),
    "iam:CreateGroup": Resource(
        "aws_iam_group", ("GroupName",), {"name": "GroupName", "path": "Path"}
    ),
    "iam:AddUserToGroup": Resource(
        "aws_iam_user_group_membership",
        ("UserName", "GroupName"),
        {"user": "UserName", "groups": "GroupName"},
    ),
    "iam:CreateRole": Resource(
        "aws_iam_role",
        ("RoleName",),
        {
            "name": "RoleName",
            "path": "Path",
            "description": "Description",
            "assume_role_policy": "AssumeRolePolicyDocument",
            "max_session_duration": "MaxSessionDuration",
            "permissions_boundary": "PermissionsBoundary",
            "tags": "Tags",
        },
    ),
    "iam:CreateServiceLinkedRole": Resource(
        "aws_iam_service_linked_role",
        ("AWSServiceName",),
        {
            "aws_service_name": "AWSServiceName",
            "custom_suffix": "CustomSuffix",
            "description": "Description",
        },
    ),
    "iam:CreatePolicy": Resource(
        "aws_iam_policy",
        ("PolicyName",),
        {
            "name": "PolicyName",
            "path": "Path",
            "description": "Description",
            "policy": "PolicyDocument",
            "tags": "Tags",
        },
    ),
    "iam:AttachUserPolicy": _attachment("user"),
    "iam:AttachGroupPolicy": _attachment("group"),
    "iam:AttachRolePolicy": _attachment("role"),
    "iam:PutUserPolicy": _inline_policy("user"),
    "iam:PutGroupPolicy": _inline_policy("group"),
    "iam:PutRolePolicy": _inline_policy("role"),
    "iam:CreateAccessKey": Resource("aws_iam_access_key", ("UserName",), {"user": "UserName"}),
    # Terraform makes the password itself.
    "iam:CreateLoginProfile": Resource(
        "aws_iam_user_login_profile",
        ("UserName",),
        {"user": "UserName", "password_reset_required": "PasswordResetRequired"},
    ),
    "iam:CreateVirtualMFADevice": Resource(
        "aws_iam_virtual_mfa_device",
        ("VirtualMFADeviceName",),
        {"virtual_mfa_device_name": "VirtualMFADeviceName", "path": "Path", "tags": "Tags"},
    ),
    "iam:CreateInstanceProfile": Resource(
        "aws_iam_instance_profile",
        ("InstanceProfileName",),
        {"name": "InstanceProfileName", "path": "Path", "tags": "Tags"},
    ),
    "iam:AddRoleToInstanceProfile": Resource(
        "aws_iam_instance_profile",
        ("InstanceProfileName",),
        {"name": "InstanceProfileName", "role": "RoleName"},
    ),
    "iam:CreateAccountAlias": Resource(
        "aws_iam_account_alias", (), {"account_alias": "AccountAlias"}
    ),
    "iam:UpdateAccountPasswordPolicy": Resource(
        "aws_iam_account_password_policy",
        (),
        {
            "minimum_password_length": "MinimumPasswordLength",
            "require_symbols": "RequireSymbols",
            "require_numbers": "RequireNumbers",
            "require_uppercase_characters": "RequireUppercaseCharacters",
            "require_lowercase_characters": "RequireLowercaseCharacters",
            "allow_users_to_change_password": "AllowUsersToChangePassword",
            "max_password_age": "MaxPasswordAge",
            "password_reuse_prevention": "PasswordReusePrevention",
            "hard_expiry": "HardExpiry",
        },
    ),
    "iam:CreateOpenIDConnectProvider": Resource(
        "aws_iam_openid_connect_provider",
        ("Url",),
        {
            "url": "Url",
            "client_id_list": "ClientIDList",
            "thumbprint_list": "ThumbprintList",
            "tags": "Tags",
        },
    ),
    "iam:CreateSAMLProvider": Resource(
        "aws_iam_saml_provider",
        ("Name",),
        {"name": "Name", "saml_metadata_document": "SAMLMetadataDocument", "tags": "Tags"},
    ),
}
