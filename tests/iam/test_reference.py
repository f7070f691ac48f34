"""The service reference: what is in it, and that it costs little."""

import subprocess
import sys

import pytest

from iam import reference
from iam.reference import AccessLevel


def test_services_are_sorted_as_people_look_for_them() -> None:
    services = reference.services()
    assert services["s3"] == "Amazon S3"
    assert services["iam"] == "AWS Identity and Access Management (IAM)"
    prefixes = list(services)
    assert prefixes.index("ec2") < prefixes.index("iam") < prefixes.index("s3")


@pytest.mark.parametrize(
    ("name", "level", "resources"),
    [
        ("s3:GetObject", AccessLevel.READ, {"object"}),
        ("S3:putobject", AccessLevel.WRITE, {"object"}),
        ("s3:ListAllMyBuckets", AccessLevel.LIST, set()),
        ("iam:AttachRolePolicy", AccessLevel.PERMISSIONS, {"role"}),
        ("ec2:CreateTags", AccessLevel.TAGGING, {"instance", "volume"}),
    ],
)
def test_actions_know_their_level_and_resources(
    name: str, level: AccessLevel, resources: set[str]
) -> None:
    action = reference.action(name)
    assert action is not None
    assert action.full_name.lower() == name.lower()
    assert action.access_level == level
    assert resources <= {use.name for use in action.resources}
    assert bool(resources) == bool(action.resources)


def test_what_aws_does_not_have_is_none() -> None:
    assert reference.action("s3:GetObjects") is None
    assert reference.action("s3") is None
    assert reference.service("s33") is None
    assert reference.condition_key("s3:nothing") is None


def test_every_service_can_be_read() -> None:
    for prefix in reference.services():
        service = reference.service(prefix)
        assert service is not None
        assert service.prefix == prefix
        for action in service.actions.values():
            assert {use.name for use in action.resources} <= set(service.resources)


def test_levels_hold_every_action_once() -> None:
    service = reference.service("ec2")
    assert service is not None
    names = [action.name for actions in service.levels.values() for action in actions]
    assert len(names) == len(set(names)) == len(service.actions)
    assert list(service.levels)[0] == AccessLevel.LIST


@pytest.mark.parametrize(
    ("pattern", "some", "none"),
    [
        ("s3:Get*", {"s3:GetObject"}, {"s3:PutObject"}),
        ("s3:get?bject", {"s3:GetObject"}, {"s3:GetObjectAcl"}),
        ("s3:*", {"s3:GetObject", "s3:PutObject"}, set()),
        ("s3:DeleteBucket", {"s3:DeleteBucket"}, {"s3:DeleteBucketPolicy"}),
    ],
)
def test_patterns_take_in_actions(pattern: str, some: set[str], none: set[str]) -> None:
    found = {action.full_name for action in reference.matching_actions(pattern)}
    assert some <= found
    assert not none & found


def test_a_pattern_for_all_services_names_no_actions() -> None:
    assert reference.matching_actions("*") == ()


def test_arns_are_built_from_their_fields() -> None:
    service = reference.service("s3")
    assert service is not None
    built = service.resources["object"]
    assert built.fields == ("BucketName", "ObjectName")
    assert built.build({"BucketName": "photos"}) == "arn:aws:s3:::photos/*"
    role = reference.service("iam")
    assert role is not None
    arn = role.resources["role"].build({"Account": "111122223333", "RoleNameWithPath": "app"})
    assert arn == "arn:aws:iam::111122223333:role/app"


@pytest.mark.parametrize(
    ("name", "kind", "is_multivalued"),
    [
        ("aws:SourceIp", "IPAddress", False),
        ("AWS:sourceip", "IPAddress", False),
        ("aws:PrincipalTag/team", "String", False),
        ("aws:TagKeys", "String", True),
        ("aws:CalledVia", "String", True),
        ("s3:prefix", "String", False),
        ("s3:ExistingObjectTag/class", "String", False),
    ],
)
def test_condition_keys_know_their_type(name: str, kind: str, is_multivalued: bool) -> None:
    key = reference.condition_key(name)
    assert key is not None
    assert key.base_type == kind
    assert key.is_multivalued is is_multivalued


def test_a_tag_key_has_to_be_named() -> None:
    assert reference.condition_key("aws:PrincipalTag/") is None


def test_misspelled_names_find_their_likeness() -> None:
    assert reference.similar_actions("s3:GetObjects")[0] == "s3:GetObject"
    assert reference.similar_actions("s33:GetObject") == []
    assert "iam" in reference.similar_services("iamm")
    assert reference.similar_actions("s3:" + "x" * 100_000) == []


def test_nothing_is_read_before_it_is_asked_for() -> None:
    code = (
        "import sys; from iam import reference; "
        "assert reference._data.cache_info().currsize == 0; "
        "reference.services(); "
        "assert reference._service.cache_info().currsize == 0; "
        "assert 'policy_sentry' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
