"""IAM's tables, one file per AWS noun."""

from iam.models.access_keys import AccessKey
from iam.models.groups import Group
from iam.models.instance_profiles import InstanceProfile
from iam.models.mfa_devices import MFADevice
from iam.models.passwords import LoginProfile, PasswordPolicy, UsedPassword
from iam.models.policies import Attachment, InlinePolicy, Policy, PolicyVersion
from iam.models.reports import AccessDetailsJob, CredentialReport
from iam.models.roles import Role
from iam.models.users import User

__all__ = [
    "AccessDetailsJob",
    "AccessKey",
    "Attachment",
    "CredentialReport",
    "Group",
    "InlinePolicy",
    "InstanceProfile",
    "LoginProfile",
    "MFADevice",
    "PasswordPolicy",
    "Policy",
    "PolicyVersion",
    "Role",
    "UsedPassword",
    "User",
]
