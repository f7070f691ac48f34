"""Service-linked roles: made for one AWS service, and changed by it alone."""

import uuid
from dataclasses import dataclass

from aws.arn import iam_arn
from aws.context import Context
from aws.models import Event
from aws.operation import Response, operation
from iam import lookup, principals, trust
from iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    NoServiceLinkedRoleTemplate,
    NoSuchEntity,
)
from iam.models import Attachment, Role
from iam.models.roles import SERVICE_LINKED_PATH
from iam.operations.roles import insert_role

MAX_ROLE_NAME = 64
POLICIES = "arn:aws:iam::aws:policy/aws-service-role/"


@dataclass(frozen=True, slots=True)
class Template:
    """role: after "AWSServiceRoleFor". policy: AWS's policy for it. takes_suffix: may be many."""

    role: str
    policy: str
    description: str
    takes_suffix: bool = False


TEMPLATES = {
    "autoscaling.amazonaws.com": Template(
        "AutoScaling",
        "AutoScalingServiceRolePolicy",
        "Default Service-Linked Role enables access to AWS Services and Resources used or managed "
        "by Auto Scaling",
        takes_suffix=True,
    ),
    "elasticloadbalancing.amazonaws.com": Template(
        "ElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
        "Allows ELB to call AWS services on your behalf.",
    ),
    "rds.amazonaws.com": Template(
        "RDS",
        "AmazonRDSServiceRolePolicy",
        "Allows Amazon RDS to manage AWS resources on your behalf",
    ),
    "spot.amazonaws.com": Template(
        "EC2Spot",
        "AWSEC2SpotServiceRolePolicy",
        "Default EC2 Spot Service Linked Role",
    ),
    "ssm.amazonaws.com": Template(
        "AmazonSSM",
        "AmazonSSMServiceRolePolicy",
        "Provides access to AWS Resources managed or used by Amazon SSM.",
    ),
    "trustedadvisor.amazonaws.com": Template(
        "TrustedAdvisor",
        "AWSTrustedAdvisorServiceRolePolicy",
        "Access for the AWS Trusted Advisor Service to help reduce cost, increase performance, "
        "and improve security of your AWS environment.",
    ),
}


@operation("iam:CreateServiceLinkedRole")
def create_service_linked_role(
    ctx: Context, /, *, aws_service_name: str, description: str = "", custom_suffix: str = ""
) -> Response:
    """Creates the role that a service acts with, with the service's own policy attached.

    aws_service_name: "autoscaling.amazonaws.com". Answers {"Role": …}. Raises InvalidInput (the
    role is there already, or the service takes no suffix), AccessDenied (no role is known for the
    service). Simplified: six services have one.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
    """
    template = TEMPLATES.get(aws_service_name)
    name = _role_name(template.role if template else "", custom_suffix)
    path = f"{SERVICE_LINKED_PATH}{aws_service_name}/"
    ctx.authorize(
        "iam:CreateServiceLinkedRole",
        iam_arn(ctx.account_id, f"role{path}{name}"),
        conditions={"iam:AWSServiceName": aws_service_name},
    )
    if template is None:
        raise NoServiceLinkedRoleTemplate(service=aws_service_name)
    if custom_suffix and not template.takes_suffix:
        raise InvalidInput(f"Custom suffix is not allowed for {aws_service_name}")
    if len(name) > MAX_ROLE_NAME:
        raise InvalidInput(f"The role name {name} is longer than {MAX_ROLE_NAME} characters.")
    role = Role(
        role_name=name,
        path=path,
        description=description or template.description,
        assume_role_policy_document=trust.for_service(aws_service_name),
    )
    try:
        insert_role(ctx, role)
    except EntityAlreadyExists:
        raise InvalidInput(
            f"Service role name {name} has been taken in this account, please try a different "
            "suffix."
        ) from None
    Attachment.objects.create(
        account_id=ctx.account_id, role=role, policy_arn=POLICIES + template.policy
    )
    return {"Role": role.as_aws()}


@operation("iam:DeleteServiceLinkedRole")
def delete_service_linked_role(ctx: Context, /, *, role_name: str) -> Response:
    """Deletes a service-linked role. Answers {"DeletionTaskId"}.

    Raises NoSuchEntity, also for a role that is not service-linked. Simplified: AWS asks the
    service first, which may refuse; here the role is gone when the call answers.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
    """
    role = lookup.role(ctx, "iam:DeleteServiceLinkedRole", role_name)
    if not role.is_service_linked:
        raise NoSuchEntity(f"The role with name {role_name} cannot be found.")
    role.delete()
    principals.follow(role.arn, role.role_id)
    return {"DeletionTaskId": f"task{role.path}{role.role_name}/{uuid.uuid4()}"}


@operation("iam:GetServiceLinkedRoleDeletionStatus")
def get_service_linked_role_deletion_status(ctx: Context, /, *, deletion_task_id: str) -> Response:
    """Answers {"Status": "SUCCEEDED"} for a task of DeleteServiceLinkedRole. Raises NoSuchEntity.

    The event history remembers the task.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html
    """
    name = deletion_task_id.removeprefix("task/").rpartition("/")[0]
    ctx.authorize("iam:GetServiceLinkedRoleDeletionStatus", iam_arn(ctx.account_id, f"role/{name}"))
    known = Event.objects.filter(
        account_id=ctx.account_id,
        event_name="DeleteServiceLinkedRole",
        response_elements__deletionTaskId=deletion_task_id,
    )
    if not known.exists():
        raise NoSuchEntity(f"Deletion task {deletion_task_id} cannot be found.")
    return {"Status": "SUCCEEDED"}


def _role_name(service: str, custom_suffix: str) -> str:
    suffix = f"_{custom_suffix}" if custom_suffix else ""
    return f"AWSServiceRoleFor{service}{suffix}"
