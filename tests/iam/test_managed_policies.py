"""The AWS managed policies that the lab has."""

import json

import pytest

from iam import managed_policies
from iam.policy import PolicyKind, load

POLICIES = managed_policies.all_policies()


def test_the_most_used_ones_are_there() -> None:
    assert len(POLICIES) >= 80
    arns = {policy.arn for policy in POLICIES}
    prefix = "arn:aws:iam::aws:policy"
    assert {
        f"{prefix}/AdministratorAccess",
        f"{prefix}/PowerUserAccess",
        f"{prefix}/ReadOnlyAccess",
        f"{prefix}/job-function/ViewOnlyAccess",
        f"{prefix}/job-function/NetworkAdministrator",
        f"{prefix}/service-role/AWSLambdaBasicExecutionRole",
        f"{prefix}/AmazonS3ReadOnlyAccess",
    } <= arns


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_it_is_a_policy_that_the_evaluator_takes(policy: managed_policies.ManagedPolicy) -> None:
    load(policy.document, PolicyKind.IDENTITY)
    assert managed_policies.document(policy.arn) == policy.document
    assert json.loads(policy.document)["Version"] == "2012-10-17"


def test_ids_have_the_shape_of_aws_and_differ() -> None:
    ids = {policy.policy_id for policy in POLICIES}
    assert len(ids) == len(POLICIES)
    assert all(one.startswith("ANPA") and len(one) == 21 for one in ids)


def test_another_arn_is_none_of_them() -> None:
    assert managed_policies.document("arn:aws:iam::111122223333:policy/ReadOnlyAccess") is None
