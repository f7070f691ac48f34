"""boto3 and the console meet the same operations."""

import pytest
from botocore.exceptions import ClientError

from aws.models import Event
from iam.models import User
from tests import factories
from tests.boto import boto


def test_boto3_creates_and_pages(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))

    created = iam.create_user(UserName="carol", Tags=[{"Key": "team", "Value": "a b+c"}])
    assert created["User"]["Tags"] == [{"Key": "team", "Value": "a b+c"}]
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1})
    assert [user["UserName"] for page in pages for user in page["Users"]] == ["alice", "carol"]
    assert Event.objects.filter(event_name="ListUsers", source="api").count() == 2


def test_an_error_has_its_code_and_status(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with pytest.raises(ClientError) as error:
        iam.get_user(UserName="nobody")
    assert error.value.response["Error"] == {
        "Type": "Sender",
        "Code": "NoSuchEntity",
        "Message": "The user with name nobody cannot be found.",
    }
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_validation_speaks_as_aws_does(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with pytest.raises(ClientError) as error:
        iam.create_user(UserName="a b", Path="x")
    assert error.value.response["Error"]["Code"] == "ValidationError"
    assert error.value.response["Error"]["Message"].startswith("2 validation errors detected: ")


def test_a_null_character_is_refused_where_the_model_has_no_pattern(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with pytest.raises(ClientError, match="not contain null characters") as error:
        iam.generate_service_last_accessed_details(Arn="arn:aws:iam::111122223333:user/a\x00b")
    assert error.value.response["Error"]["Code"] == "ValidationError"


def test_an_operation_that_the_lab_lacks(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with pytest.raises(ClientError) as error:
        iam.list_server_certificates()
    assert error.value.response["Error"]["Code"] == "NotImplemented"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("iam", "list_users", "InvalidClientTokenId"),
        ("cloudtrail", "list_trails", "UnrecognizedClientException"),
        ("ec2", "describe_regions", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_an_unknown_key_in_each_dialect(db: None, service: str, call: str, code: str) -> None:
    client = boto(service, "AKIAIOSFODNN7EXAMPLE", "secret")
    with pytest.raises(ClientError) as error:
        getattr(client, call)()
    assert error.value.response["Error"]["Code"] == code


def test_a_wrong_secret(alice: User) -> None:
    key, _ = factories.access_key(alice)
    with pytest.raises(ClientError) as error:
        boto("iam", key, "wrong").list_users()
    assert error.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
