"""The instance profile of a launch, and whether its role may be handed to an instance.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from ec2.errors import InvalidParameterValue
from iam.operations import profile_to_lend


@dataclass(frozen=True, slots=True)
class Profile:
    """role_arn: "" while the profile holds no role."""

    arn: str
    profile_id: str
    role_arn: str


def find(ctx: Context, given: Mapping[str, Any] | None) -> Profile | None:
    """given: {"Arn": …} or {"Name": …}. Raises InvalidParameterValue."""
    if not given:
        return None
    name = given.get("Name") or str(given.get("Arn", "")).rpartition("/")[2]
    found = profile_to_lend(ctx, name)
    if found is None or given.get("Arn") not in (None, found["Arn"]):
        shown = given.get("Arn") or name
        member = "iamInstanceProfile.arn" if given.get("Arn") else "iamInstanceProfile.name"
        raise InvalidParameterValue(
            f"Value ({shown}) for parameter {member} is invalid. Invalid IAM Instance Profile "
            f"{'ARN' if given.get('Arn') else 'name'}"
        )
    return Profile(found["Arn"], found["InstanceProfileId"], found["RoleArn"])


def require_pass_role(ctx: Context, profile: Profile) -> None:
    """Raises UnauthorizedOperation: whoever starts an instance lends it the role's rights."""
    if profile.role_arn:
        ctx.authorize(
            "iam:PassRole",
            profile.role_arn,
            conditions={"iam:PassedToService": "ec2.amazonaws.com"},
            answered_by="ec2",
        )
