"""Instances live AWS's life: launched, started, stopped, ended, with their addresses and disks."""

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aws import accounts, clock
from aws.context import Context
from aws.errors import UnauthorizedOperation
from aws.models import Account, StateChange
from ec2 import tasks
from ec2.catalogue import images
from ec2.errors import (
    IncorrectInstanceState,
    IncorrectState,
    InvalidParameterValue,
    OperationNotPermitted,
)
from ec2.models import (
    Image,
    Instance,
    NetworkInterface,
    PrivateAddress,
    SecurityGroup,
    Subnet,
    Volume,
)
from ec2.operations import (
    describe_instances,
    reboot_instances,
    run_instances,
    start_instances,
    stop_instances,
    terminate_instances,
)
from iam.models import User
from tests import factories
from tests.factories import allow, ctx_for

Worker = Callable[[], AbstractContextManager[Any]]
REGION = "ap-northeast-2"
LINUX = images.IMAGES[0].image_id(REGION)
ARM = images.IMAGES[1].image_id(REGION)


def launch(ctx: Context, count: int = 1, **more: Any) -> list[str]:
    more = {"image_id": LINUX, "instance_type": "t3.micro", **more}
    answer = run_instances(ctx, min_count=count, max_count=count, **more)
    return [one["InstanceId"] for one in answer["Instances"]]


@pytest.fixture
def running(ctx: Context, worker: Worker) -> str:
    with worker():
        (instance_id,) = launch(ctx)
    return instance_id


def shown(ctx: Context, instance_id: str) -> dict[str, Any]:
    (reservation,) = describe_instances(ctx, instance_ids=[instance_id])["Reservations"]
    instance: dict[str, Any] = reservation["Instances"][0]
    return instance


def test_boto3_launches_and_waits(ec2: Any, worker: Worker) -> None:
    with worker():
        answer = ec2.run_instances(
            ImageId=LINUX,
            InstanceType="t3.micro",
            MinCount=2,
            MaxCount=2,
            UserData="#!/bin/sh\necho hello",
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]},
                {"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "disk"}]},
            ],
        )
    assert [one["State"] for one in answer["Instances"]] == [{"Code": 0, "Name": "pending"}] * 2
    assert [one["AmiLaunchIndex"] for one in answer["Instances"]] == [0, 1]
    ids = [one["InstanceId"] for one in answer["Instances"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids)
    (reservation,) = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["web"]}])[
        "Reservations"
    ]
    first = reservation["Instances"][0]
    assert first["PublicIpAddress"].startswith("127.77.")
    assert first["PrivateDnsName"].endswith(".ap-northeast-2.compute.internal")
    assert first["BlockDeviceMappings"][0]["DeviceName"] == "/dev/xvda"
    assert first["MetadataOptions"]["HttpTokens"] == "required"
    assert [group["GroupName"] for group in first["SecurityGroups"]] == ["default"]
    assert Volume.objects.filter(tags={"Name": "disk"}, state="in-use", size=8).count() == 2


def test_stopping_keeps_the_private_address_and_gives_the_public_one_back(
    ctx: Context, running: str, worker: Worker
) -> None:
    before = shown(ctx, running)
    with worker():
        answer = stop_instances(ctx, instance_ids=[running])
    (change,) = answer["StoppingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == (
        "running", "stopping",
    )  # fmt: skip
    stopped = shown(ctx, running)
    assert stopped["State"]["Name"] == "stopped"
    assert stopped["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert stopped["StateTransitionReason"].startswith("User initiated (")
    assert "PublicIpAddress" not in stopped
    with worker():
        start_instances(ctx, instance_ids=[running])
    again = shown(ctx, running)
    assert again["State"]["Name"] == "running"
    assert again["PrivateIpAddress"] == before["PrivateIpAddress"]
    assert again["PublicIpAddress"]


def test_termination_takes_what_goes_with_an_instance(
    ctx: Context, running: str, worker: Worker
) -> None:
    with worker():
        terminate_instances(ctx, instance_ids=[running])
    ended = shown(ctx, running)
    assert ended["State"] == {"Code": 48, "Name": "terminated"}
    assert "SubnetId" not in ended
    assert not Volume.objects.exists()
    assert not NetworkInterface.objects.exists()
    assert not PrivateAddress.objects.exists()
    # Again is no error.
    assert terminate_instances(ctx, instance_ids=[running])["TerminatingInstances"]


def test_a_terminated_instance_is_forgotten_after_an_hour_of_its_account(
    ctx: Context, account: Account, running: str, worker: Worker
) -> None:
    with worker():
        terminate_instances(ctx, instance_ids=[running])
    assert tasks.forget_terminated() == 0
    accounts.fast_forward(account, timedelta(hours=2))
    tasks.forget_terminated()
    assert not Instance.objects.exists()


def test_a_disk_that_stays_is_free_afterwards(ctx: Context, worker: Worker) -> None:
    keeps = [{"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": False}}]
    extra = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "VolumeType": "gp3"}}]
    with worker():
        (instance_id,) = launch(ctx, block_device_mappings=keeps + extra)
    assert Volume.objects.count() == 2
    with worker():
        terminate_instances(ctx, instance_ids=[instance_id])
    assert [(one.size, one.state) for one in Volume.objects.all()] == [(8, "available")]


@pytest.mark.parametrize(("state", "operation", "code"), [
    ("pending", stop_instances, IncorrectInstanceState),
    ("stopping", start_instances, IncorrectInstanceState),
    ("shutting-down", start_instances, IncorrectInstanceState),
    ("terminated", stop_instances, IncorrectInstanceState),
    ("stopped", reboot_instances, IncorrectState),
    ("terminated", reboot_instances, IncorrectState),
])  # fmt: skip
def test_a_step_that_a_state_does_not_allow(
    ctx: Context, state: str, operation: Any, code: type[Exception]
) -> None:
    (instance_id,) = launch(ctx)
    Instance.objects.update(state=state)
    with pytest.raises(code, match=instance_id):
        operation(ctx, instance_ids=[instance_id])


@pytest.mark.parametrize(("state", "operation", "member"), [
    ("running", start_instances, "StartingInstances"),
    ("stopped", stop_instances, "StoppingInstances"),
    ("terminated", terminate_instances, "TerminatingInstances"),
])  # fmt: skip
def test_a_step_already_taken_changes_nothing(
    ctx: Context, state: str, operation: Any, member: str
) -> None:
    (instance_id,) = launch(ctx)
    Instance.objects.update(state=state)
    (change,) = operation(ctx, instance_ids=[instance_id])[member]
    assert change["PreviousState"] == change["CurrentState"]


def test_protected_instances_stay(ctx: Context, worker: Worker) -> None:
    with worker():
        (instance_id,) = launch(ctx, disable_api_termination=True, disable_api_stop=True)
    with pytest.raises(OperationNotPermitted, match="disableApiTermination"):
        terminate_instances(ctx, instance_ids=[instance_id])
    with pytest.raises(OperationNotPermitted, match="disableApiStop"):
        stop_instances(ctx, instance_ids=[instance_id])


def test_one_that_may_not_spoils_it_for_all(ctx: Context, running: str, worker: Worker) -> None:
    with worker():
        (other,) = launch(ctx, disable_api_termination=True)
    with pytest.raises(OperationNotPermitted):
        terminate_instances(ctx, instance_ids=[running, other])
    assert shown(ctx, running)["State"]["Name"] == "running"


def test_an_architecture_that_does_not_fit(ctx: Context) -> None:
    with pytest.raises(InvalidParameterValue, match="'arm64' of the specified AMI"):
        launch(ctx, image_id=ARM)


@pytest.mark.parametrize(("more", "code"), [
    ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
    ({"ImageId": "sample"}, "InvalidAMIID.Malformed"),
    ({"InstanceType": "t9.huge"}, "InvalidParameterValue"),
    ({"KeyName": "nothing"}, "InvalidKeyPair.NotFound"),
    ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
    ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
    ({"SecurityGroups": ["nothing"]}, "InvalidGroup.NotFound"),
    ({"MinCount": 3, "MaxCount": 2}, "InvalidParameterCombination"),
    ({"MinCount": 0, "MaxCount": 2}, "InvalidParameterValue"),
    ({"PrivateIpAddress": "10.9.9.9"}, "InvalidParameterValue"),
    ({"UserData": "x" * 16_385}, "InvalidParameterValue"),
    ({"IamInstanceProfile": {"Name": "nothing"}}, "InvalidParameterValue"),
    ({"Placement": {"GroupName": "nothing"}}, "InvalidPlacementGroup.Unknown"),
    ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 4}}]},
     "InvalidBlockDeviceMapping"),
    ({"BlockDeviceMappings": [{"DeviceName": "disk", "Ebs": {"VolumeSize": 4}}]},
     "InvalidParameterValue"),
    ({"MinCount": 400, "MaxCount": 400, "InstanceType": "m5.4xlarge"}, "VcpuLimitExceeded"),
    ({"LaunchTemplate": {"LaunchTemplateName": "nothing"}}, "InvalidLaunchTemplateName.NotFound"),
])  # fmt: skip
def test_bad_launches_answer_awss_code(ec2: Any, more: dict[str, Any], code: str) -> None:
    wanted = {"ImageId": LINUX, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    with pytest.raises(ClientError) as refused:
        ec2.run_instances(**(wanted | more))
    assert refused.value.response["Error"]["Code"] == code
    assert not Instance.objects.exists()


def test_a_client_token_launches_once(ec2: Any) -> None:
    wanted = {"ImageId": LINUX, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    first = ec2.run_instances(**wanted, ClientToken="once")
    again = ec2.run_instances(**wanted, ClientToken="once")
    assert first["Instances"][0]["InstanceId"] == again["Instances"][0]["InstanceId"]
    assert Instance.objects.count() == 1


def test_a_policy_may_allow_small_types_alone(account: Account, nobody: User) -> None:
    small = allow(
        "ec2:RunInstances",
        "arn:aws:ec2:*:*:instance/*",
        Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}},
    )
    others = allow("ec2:RunInstances", [
        "arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*::image/*",
        "arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:volume/*",
    ])  # fmt: skip
    factories.grant(nobody, policies=[small, others])
    assert launch(ctx_for(nobody))
    with pytest.raises(UnauthorizedOperation):
        launch(ctx_for(nobody), instance_type="t3.large")


def test_a_role_is_lent_only_by_who_may_pass_it(account: Account, nobody: User) -> None:
    from iam.models import InstanceProfile

    role = factories.role(account, "web")
    InstanceProfile.objects.create(
        account=account, instance_profile_name="web", instance_profile_id="AIPAEXAMPLE", role=role
    )
    factories.grant(nobody, policies=[allow("ec2:*")])
    with pytest.raises(UnauthorizedOperation, match="iam:PassRole"):
        launch(ctx_for(nobody), iam_instance_profile={"Name": "web"})


def test_another_accounts_instance_does_not_exist(
    running: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    for call in ("start_instances", "stop_instances", "terminate_instances", "reboot_instances"):
        with pytest.raises(ClientError, match="InvalidInstanceID.NotFound"):
            getattr(client_of(mallory), call)(InstanceIds=[running])
    assert client_of(mallory).describe_instances()["Reservations"] == []


def test_another_accounts_private_image_does_not_exist(
    ctx: Context, other_account: Account
) -> None:
    Image.objects.create(
        account=other_account, region=REGION, resource_id="ami-0aaaaaaaaaaaaaaaa",
        state="available", image_name="x", architecture="x86_64", root_device_name="/dev/xvda",
        block_device_mappings=[],
    )  # fmt: skip
    with pytest.raises(Exception, match="does not exist"):
        launch(ctx, image_id="ami-0aaaaaaaaaaaaaaaa")


def test_a_lost_message_heals(ctx: Context, worker: Worker) -> None:
    (instance_id,) = launch(ctx)
    with clock.freeze(clock.real_now() + timedelta(minutes=1)), worker():
        from aws import lifecycle

        lifecycle.sweep()
    assert Instance.objects.get(resource_id=instance_id).state == "running"


def test_a_task_twice_or_late_does_no_harm(ctx: Context, running: str) -> None:
    pk = Instance.objects.get(resource_id=running).pk
    tasks.finish_instance(pk)
    tasks.finish_instance(pk + 1)
    assert shown(ctx, running)["State"]["Name"] == "running"
    assert StateChange.objects.filter(model="ec2.instance").count() == 1


def test_fifty_cost_no_more_statements_than_one(ctx: Context) -> None:
    describe_instances(ctx)
    counts = []
    for count in (1, 50):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            launch(ctx, count)
        counts.append(len(queries) - count)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", [
    "instance-id", "private-ip-address", "instance-type", "image-id", "subnet-id", "vpc-id",
    "instance-state-name", "availability-zone", "ip-address", "instance.group-id",
])  # fmt: skip
def test_filters_find_an_instance_by_what_it_shows(ctx: Context, running: str, name: str) -> None:
    instance = shown(ctx, running)
    group = SecurityGroup.objects.get()
    values = {
        "instance-id": running,
        "private-ip-address": instance["PrivateIpAddress"],
        "instance-type": "t3.mi*",
        "image-id": LINUX,
        "subnet-id": instance["SubnetId"],
        "vpc-id": instance["VpcId"],
        "instance-state-name": "running",
        "availability-zone": "ap-northeast-2a",
        "ip-address": instance["PublicIpAddress"],
        "instance.group-id": group.resource_id,
    }
    found = describe_instances(ctx, filters=[{"Name": name, "Values": [values[name]]}])
    assert len(found["Reservations"]) == 1
    assert describe_instances(ctx, filters=[{"Name": name, "Values": ["no"]}])["Reservations"] == []


def test_user_data_is_kept_as_it_was_sent(ctx: Context) -> None:
    text = base64.b64encode(b"#!/bin/sh").decode()
    launch(ctx, user_data=text)
    assert Instance.objects.get().user_data == text


def test_addresses_are_never_given_twice(ctx: Context) -> None:
    launch(ctx, 60)
    rows = PrivateAddress.objects.values_list("address", "public_ip")
    assert len({address for address, _ in rows}) == len({public for _, public in rows}) == 60
    assert Subnet.objects.get(availability_zone="ap-northeast-2a").network_interfaces.count() == 60
