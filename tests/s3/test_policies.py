"""Bucket policies, Block Public Access, ownership controls, access control lists."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from s3.public import is_public_policy
from tests import factories
from tests.factories import allow
from tests.s3.checks import refused
from tests.s3.raw import send

OBJECTS = "arn:aws:s3:::samples/*"
EVERYBODY = allow("s3:GetObject", OBJECTS, Principal="*")


def unblock(s3: Any, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)


def use_lists(s3: Any, bucket: str, ownership: str = "ObjectWriter") -> None:
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )


def test_a_policy_is_put_told_and_deleted(s3: Any, bucket: str) -> None:
    unblock(s3, bucket)
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=EVERYBODY)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == EVERYBODY
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy_status(Bucket=bucket)


@pytest.mark.parametrize(
    "policy",
    [
        "no json",
        allow("s3:GetObject", OBJECTS),
        allow("s3:GetObject", "arn:aws:s3:::other/*", Principal="*"),
        allow("ec2:RunInstances", OBJECTS, Principal="*"),
        allow("s3:GetObject", OBJECTS, Principal={"AWS": "999999999999"}),
        allow("s3:GetObject", OBJECTS, Principal="*", Sid="x" * 21_000),
    ],
)
def test_policies_that_cannot_be(s3: Any, bucket: str, policy: str) -> None:
    unblock(s3, bucket)
    with refused("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def test_a_public_policy_is_blocked_at_first(s3: Any, bucket: str) -> None:
    with refused("AccessDenied", 403) as error:
        s3.put_bucket_policy(Bucket=bucket, Policy=EVERYBODY)
    assert "BlockPublicPolicy" in str(error.value)
    s3.put_bucket_policy(
        Bucket=bucket, Policy=allow("s3:*", OBJECTS, Principal={"AWS": "111122223333"})
    )


def test_restricted_buckets_keep_strangers_out(s3: Any, bucket: str, mallory: User) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    unblock(s3, bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=EVERYBODY)
    assert send("GET", "/samples/a").status == 200
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert send("GET", "/samples/a").status == 403
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": False,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }


def test_an_explicit_deny_wins_and_the_root_user_mends_it(
    s3: Any, bucket: str, account: Any, client_of: Callable[..., Any]
) -> None:
    deny = allow("s3:*", ["arn:aws:s3:::samples", OBJECTS], Principal="*", Effect="Deny")
    s3.put_bucket_policy(Bucket=bucket, Policy=deny)
    with refused("AccessDenied", 403) as error:
        s3.list_objects_v2(Bucket=bucket)
    assert "with an explicit deny in a resource-based policy" in str(error.value)
    with refused("AccessDenied", 403):
        s3.delete_bucket_policy(Bucket=bucket)
    root = client_of(account)
    with refused("AccessDenied", 403):
        root.list_objects_v2(Bucket=bucket)
    root.delete_bucket_policy(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(
    ("more", "is_public"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": "111122223333"}}, False),
        ({"Principal": "*", "Effect": "Deny"}, False),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:Referer": "https://a/*"}}}, True),
        (
            {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "1" * 12}}},
            False,
        ),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalAccount": "1*"}}}, True),
    ],
)
def test_what_is_public(more: dict[str, Any], is_public: bool) -> None:
    assert is_public_policy(allow("s3:GetObject", OBJECTS, **more)) is is_public


def test_lists_are_off_at_first(s3: Any, bucket: str) -> None:
    with refused("AccessControlListNotSupported", 400):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused("AccessControlListNotSupported", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="a", Body=b"", ACL="bucket-owner-full-control")
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [one["Permission"] for one in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]


def test_a_public_list_opens_an_object_and_blocking_closes_it(s3: Any, bucket: str) -> None:
    use_lists(s3, bucket)
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="a", Body=b"1", ACL="public-read")
    unblock(s3, bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", ACL="public-read")
    assert send("GET", "/samples/a").body == b"1"
    assert send("PUT", "/samples/a", b"2").status == 403
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    assert send("GET", "/samples/a").status == 403
    unblock(s3, bucket)
    s3.put_object_acl(Bucket=bucket, Key="a", ACL="private")
    assert send("GET", "/samples/a").status == 403


def test_an_object_of_another_account_is_not_the_bucket_owner_s(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    use_lists(s3, bucket)
    s3.put_bucket_policy(
        Bucket=bucket, Policy=allow("s3:PutObject", OBJECTS, Principal={"AWS": "444455556666"})
    )
    other = client_of(mallory)
    other.put_object(Bucket=bucket, Key="theirs", Body=b"1")
    assert other.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"1"
    with refused("AccessDenied", 403):
        s3.get_object(Bucket=bucket, Key="theirs")
    other.put_object_acl(Bucket=bucket, Key="theirs", ACL="bucket-owner-read")
    assert s3.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="theirs")


def test_a_preferring_owner_gets_what_is_given(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    use_lists(s3, bucket, "BucketOwnerPreferred")
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=allow(
            ["s3:PutObject", "s3:PutObjectAcl"], OBJECTS, Principal={"AWS": "444455556666"}
        ),
    )
    client_of(mallory).put_object(
        Bucket=bucket, Key="a", Body=b"1", ACL="bucket-owner-full-control"
    )
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_grants_name_accounts_and_groups(s3: Any, bucket: str, mallory: User) -> None:
    use_lists(s3, bucket)
    own = s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
    s3.put_bucket_acl(Bucket=bucket, GrantRead=f'id="{own}"', GrantWrite=f'id="{own}"')
    assert [one["Permission"] for one in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == [
        "READ",
        "WRITE",
    ]
    with refused("InvalidArgument", 400):
        s3.put_bucket_acl(Bucket=bucket, GrantRead='id="nobody"')
    body = {
        "Owner": {"ID": own},
        "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": own}, "Permission": "READ"}],
    }
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy=body)
    assert len(s3.get_bucket_acl(Bucket=bucket)["Grants"]) == 1


def test_owner_enforced_comes_back_after_private(s3: Any, bucket: str) -> None:
    use_lists(s3, bucket)
    unblock(s3, bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused("InvalidBucketAclWithObjectOwnership", 400):
        use_lists(s3, bucket, "BucketOwnerEnforced")
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    use_lists(s3, bucket, "BucketOwnerEnforced")
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with refused("OwnershipControlsNotFoundError", 404):
        s3.get_bucket_ownership_controls(Bucket=bucket)


def test_policies_know_the_tags_of_objects(
    s3: Any, bucket: str, account: Any, client_of: Callable[..., Any]
) -> None:
    only = allow("s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/team": "web"}})
    carol = client_of(factories.user(account, "carol", policies=[only]))
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", Tagging="team=web")
    s3.put_object(Bucket=bucket, Key="b", Body=b"1", Tagging="team=db")
    carol.get_object(Bucket=bucket, Key="a")
    with refused("AccessDenied", 403):
        carol.get_object(Bucket=bucket, Key="b")


def test_tags(s3: Any, bucket: str) -> None:
    tags = [{"Key": "team", "Value": "web"}]
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == tags
    s3.delete_object_tagging(Bucket=bucket, Key="a")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    with refused("InvalidArgument", 400):
        s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": many})
    with refused("InvalidTag", 400):
        s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [*tags, *tags]})


def test_default_encryption(s3: Any, bucket: str) -> None:
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.put_object(Bucket=bucket, Key="a", Body=b"")["ServerSideEncryption"] == "AES256"


def test_cross_origin_requests(s3: Any, bucket: str) -> None:
    origin, asked = "https://app.example.com", {"Access-Control-Request-Method": "PUT"}
    assert send("OPTIONS", "/samples/a", headers={"Origin": origin, **asked}).status == 403
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)
    rule = {
        "AllowedOrigins": ["https://*.example.com"],
        "AllowedMethods": ["PUT", "GET"],
        "AllowedHeaders": ["x-amz-*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 300,
    }
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    wanted = {"Access-Control-Request-Headers": "X-Amz-Date"}
    answer = send("OPTIONS", "/samples/a", headers={"Origin": origin, **asked, **wanted})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Headers"] == "x-amz-date"
    assert answer.headers["Access-Control-Max-Age"] == "300"
    for headers in (
        {"Origin": "https://evil.test", **asked},
        {"Origin": origin, "Access-Control-Request-Method": "DELETE"},
        {"Origin": origin, **asked, "Access-Control-Request-Headers": "Authorization"},
    ):
        assert send("OPTIONS", "/samples/a", headers=headers).status == 403
    plain = send("GET", "/samples/a", headers={"Origin": origin})
    assert (plain.status, plain.headers["Access-Control-Expose-Headers"]) == (403, "ETag")
    s3.delete_bucket_cors(Bucket=bucket)
    assert (
        json.dumps(send("GET", "/samples/a", headers={"Origin": origin}).headers).count(
            "Access-Control"
        )
        == 0
    )
