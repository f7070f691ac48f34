"""Permissions defined in a policy, summed up."""

import json

import pytest

from iam import managed_policies
from iam.policy import PolicySyntaxError
from iam.policy_summary import Summary, SummaryRow, summarize
from tests.iam.policy.builders import allow, deny, document


def only(summary: Summary) -> SummaryRow:
    (row,) = [*summary.denied, *summary.allowed]
    return row


def levels(row: SummaryRow) -> tuple[list[str], list[str]]:
    return list(map(str, row.full)), list(map(str, row.limited))


def test_some_actions_of_a_level_are_limited() -> None:
    row = only(summarize(document(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*"))))
    assert (row.name, row.is_full) == ("Amazon S3", False)
    assert levels(row) == ([], ["Read", "Write"])
    assert (row.resources, row.has_all_resources) == (["arn:aws:s3:::b/*"], False)


def test_patterns_over_statements_add_up_to_a_full_level() -> None:
    text = document(allow("s3:List*"), allow("s3:ListBucket", "arn:aws:s3:::b"))
    row = only(summarize(text))
    assert levels(row)[0] == ["List"]
    assert row.has_all_resources


def test_everything_of_a_service_is_full_access() -> None:
    assert only(summarize(document(allow("S3:*")))).is_full


def test_everything_is_one_row() -> None:
    row = only(summarize(document(allow("*"))))
    assert (row.prefix, row.is_full) == ("", True)


def test_not_action_says_what_it_leaves_out() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    row = only(summarize(document(statement)))
    assert (row.excluded, row.is_full) == (["iam:*", "sts:*"], False)


def test_denies_stand_apart_with_their_conditions() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}}
    summary = summarize(document(allow("s3:*"), deny("s3:*", Condition=office)))
    assert [row.conditions for row in summary.allowed] == [[]]
    assert [row.conditions for row in summary.denied] == [
        ["aws:SourceIp NotIpAddress 203.0.113.0/24, 198.51.100.0/24"]
    ]


def test_names_that_aws_does_not_know_are_listed() -> None:
    summary = summarize(document(allow(["s3:GetObjects", "s33:Get", "ec2:RunInstances"])))
    unknown = {row.prefix: row.unknown for row in summary.allowed}
    assert unknown == {"s3": ["s3:GetObjects"], "s33": ["s33:Get"], "ec2": []}


def test_an_unfinished_document_is_summed_up_as_far_as_it_goes() -> None:
    assert summarize("{}") == Summary([], [])
    broken = json.dumps({"Statement": [{"Effect": "Allow", "Action": []}, 7, {"Action": "s3:*"}]})
    assert summarize(broken) == Summary([], [])
    with pytest.raises(PolicySyntaxError):
        summarize("{")


def test_awss_widest_policy_can_be_summed_up() -> None:
    text = managed_policies.document("arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert text is not None
    summary = summarize(text)
    s3 = next(row for row in summary.allowed if row.prefix == "s3")
    assert "List" in levels(s3)[0]
    assert "Write" not in sum(levels(s3), [])
