"""Visual edits change what they say and nothing else, in the author's own layout."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from iam.drafts import Draft
from iam.policy import PolicyKind
from iam.policy_editor import changes
from iam.policy_editor.changes import CannotChange
from iam.policy_editor.commands import COMMANDS, fingerprint, run
from iam.policy_editor.kinds import KINDS

ODD = """{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect":"Allow",   "Action": "s3:GetObject",
      "Resource": ["arn:aws:s3:::a",
                   "arn:aws:s3:::b"] },
    {
      "Sid": "Second",
      "Effect": "Deny",
      "Action": ["ec2:*"],
      "Resource": "*",
      "Condition": {"NumericEquals": {"s3:max-keys": 1.50}}
    }
  ]
}"""
FLAT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'


def test_a_new_action_leaves_the_rest_as_it_is() -> None:
    changed = changes.add_words(ODD, 0, "Action", ["s3:PutObject"])
    assert changed == ODD.replace(
        '"s3:GetObject"', '[\n      "s3:GetObject",\n      "s3:PutObject"\n    ]'
    )


def test_a_new_item_is_laid_out_like_its_neighbours() -> None:
    changed = changes.add_words(ODD, 0, "Resource", ["arn:aws:s3:::c"])
    before = '                   "arn:aws:s3:::b"'
    assert changed == ODD.replace(before, f"{before},\n{before.replace(':b', ':c')}")


def test_a_text_on_one_line_stays_on_it() -> None:
    changed = changes.add_words(FLAT, 0, "Action", ["ec2:*"])
    assert changed == FLAT.replace('"s3:*"', '["s3:*", "ec2:*"]')


def test_numbers_stay_as_they_were_written() -> None:
    assert changes.duplicate_statement(ODD, 1).count("1.50") == 2


def test_new_members_stand_where_people_write_them() -> None:
    changed = changes.set_sid(ODD, 0, "First")
    assert list(json.loads(changed)["Statement"][0]) == ["Sid", "Effect", "Action", "Resource"]
    changed = changes.add_condition(changed, 0, "Bool", "aws:SecureTransport", ["true"])
    assert list(json.loads(changed)["Statement"][0])[-1] == "Condition"


def test_an_action_is_not_added_twice_whatever_its_case() -> None:
    assert changes.add_words(ODD, 0, "Action", ["S3:getobject"]) == ODD
    assert changes.add_words(ODD, 0, "Resource", ["arn:aws:s3:::a"]) == ODD


def test_a_duplicate_gets_a_sid_of_its_own() -> None:
    policy = json.loads(changes.duplicate_statement(ODD, 1))
    assert [one.get("Sid") for one in policy["Statement"]] == [None, "Second", "SecondCopy3"]


def test_a_single_statement_becomes_a_list() -> None:
    policy = json.loads(changes.add_statement(FLAT, PolicyKind.IDENTITY))
    assert [one["Action"] for one in policy["Statement"]] == ["s3:*", []]


def test_the_last_statement_stays() -> None:
    with pytest.raises(CannotChange):
        changes.remove_statement(FLAT, 0)


def test_an_empty_condition_goes_with_its_last_key() -> None:
    text = changes.add_condition(FLAT, 0, "StringEquals", "aws:username", ["a"])
    text = changes.add_condition(text, 0, "StringEquals", "AWS:UserName", ["a", "b"])
    condition = {"StringEquals": {"aws:username": ["a", "b"]}}
    assert json.loads(text)["Statement"]["Condition"] == condition
    assert changes.remove_condition(text, 0, 0) == FLAT


def test_principals_come_and_go() -> None:
    text = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    text = changes.add_principal(text, 0, "Service", "ec2.amazonaws.com")
    text = changes.add_principal(text, 0, "AWS", "111122223333")
    text = changes.add_principal(text, 0, "AWS", "444455556666")
    principal = {"Service": "ec2.amazonaws.com", "AWS": ["111122223333", "444455556666"]}
    assert json.loads(text)["Statement"][0]["Principal"] == principal
    text = changes.remove_principal(text, 0, 0)
    text = changes.remove_principal(text, 0, 0)
    assert json.loads(text)["Statement"][0]["Principal"] == {"AWS": ["444455556666"]}


def test_laying_out_keeps_words_and_numbers() -> None:
    text = changes.lay_out(ODD)
    assert json.loads(text) == json.loads(ODD)
    assert '"s3:max-keys": 1.50' in text
    assert text.splitlines()[4] == '            "Effect": "Allow",'
    assert changes.lay_out(text) == text


def test_an_imported_policy_is_added_with_sids_of_its_own() -> None:
    text = changes.import_statements(ODD, ODD.replace("s3:GetObject", "s3:PutObject"))
    statements = json.loads(text)["Statement"]
    assert [one.get("Sid") for one in statements] == [None, "Second", None, "Second4"]
    assert statements[2]["Action"] == "s3:PutObject"
    assert text.startswith(ODD[: ODD.index("1.50")])


def test_an_import_replaces_a_policy_that_grants_nothing() -> None:
    assert changes.import_statements(FLAT.replace('"s3:*"', "[]"), ODD) == ODD


def test_not_action_is_changed_where_the_statement_has_that() -> None:
    text = FLAT.replace('"Action"', '"NotAction"')
    assert json.loads(changes.add_words(text, 0, "Action", ["ec2:*"]))["Statement"] == {
        "Effect": "Allow",
        "NotAction": ["s3:*", "ec2:*"],
        "Resource": "*",
    }


# --- Commands ------------------------------------------------------------------------------------
def posted(text: str, **fields: Any) -> QueryDict:
    """What the page posts: the fields, and what every statement looked like."""
    data = QueryDict(mutable=True)
    for statement in Draft(text).statements:
        data[f"seen-{statement.index}"] = fingerprint(statement, text)
    for name, value in fields.items():
        key = "edit-" + name.replace("_", "-")
        data.setlist(key, value if isinstance(value, list) else [value])
    return data


def after(text: str, command: str, kind: str = "managed", **fields: Any) -> dict[str, Any]:
    outcome = run(text, KINDS[kind], command, posted(text, **fields))
    assert outcome.notice == ""
    policy: dict[str, Any] = json.loads(outcome.text)
    return policy


def test_ticks_are_the_actions_of_what_was_shown() -> None:
    ticks = ["s3:GetObjectAcl", "s3:GetObjectTagging"]
    fields: dict[str, Any] = {"service": "s3", "shown": "GetObject", "a_action": ticks}
    text = changes.add_words(ODD, 0, "Action", ["s3:PutObject"])
    actions = after(text, "actions/0", **fields)["Statement"][0]["Action"]
    assert actions == ["s3:PutObject", *ticks]


def test_actions_of_a_pattern_cannot_be_unticked() -> None:
    policy = after(FLAT, "actions/0", service="s3", shown="", a_action=[])
    assert policy["Statement"]["Action"] == "s3:*"


def test_a_level_goes_on_and_off() -> None:
    text = run(ODD, KINDS["managed"], "level/0/List", posted(ODD, service="s3", shown="")).text
    actions = json.loads(text)["Statement"][0]["Action"]
    assert "s3:ListBucket" in actions
    assert "s3:PutObject" not in actions
    assert after(text, "level/0/List", service="s3", shown="")["Statement"][0]["Action"] == [
        "s3:GetObject"
    ]


def test_a_resource_is_built_and_replaces_the_star() -> None:
    fields = {"r_type": "s3:object", "r_field_BucketName": "photos", "r_field_ObjectName": "x"}
    policy = after(FLAT, "resource/0", r_any_ObjectName="on", **fields)
    assert policy["Statement"]["Resource"] == ["arn:aws:s3:::photos/*"]


def test_a_condition_is_put_together() -> None:
    policy = after(
        FLAT,
        "condition/0",
        c_qualifier="any",
        c_operator="StringLike",
        c_exists="on",
        c_key="aws:TagKeys",
        c_values="team\n\n env ",
    )
    wanted = {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["team", "env"]}}
    assert policy["Statement"]["Condition"] == wanted


def test_an_account_becomes_its_root_arn() -> None:
    text = '{"Statement":[{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}]}'
    fields = {"p_type": "AWS", "p_name": "444455556666"}
    principal = after(text, "principal/0", "trust", **fields)["Statement"][0]["Principal"]
    assert principal == {"AWS": ["arn:aws:iam::444455556666:root"]}


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("condition/0", {"c_operator": "StringEqual", "c_key": "a:b", "c_values": "x"}),
        ("condition/0", {"c_operator": "StringEquals", "c_key": "a:b", "c_values": " "}),
        ("resource/0", {"r_type": "s3:nothing"}),
        ("arn/0", {"r_arn": ""}),
        ("pattern/0", {"a_pattern": ""}),
        ("principal/0", {"p_type": "Planet", "p_name": "Mars"}),
        ("resource-remove/0/7", {}),
        ("remove/7", {}),
        ("remove/0", {}),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    command: str, fields: dict[str, str]
) -> None:
    outcome = run(FLAT, KINDS["managed"], command, posted(FLAT, **fields))
    assert outcome.text == FLAT
    assert outcome.notice


def test_a_statement_that_changed_meanwhile_is_not_touched() -> None:
    fields = posted(ODD)
    typed = ODD.replace("s3:GetObject", "s3:PutObject")
    outcome = run(typed, KINDS["managed"], "effect/0/Deny", fields)
    assert outcome.text == typed
    assert outcome.notice
    assert "Deny" in run(typed, KINDS["managed"], "effect/1/Deny", fields).text


@pytest.mark.parametrize(
    "command", ["nothing", "", "effect", "level/x/y", "action-remove/0/-1", "/"]
)
def test_unknown_commands_do_no_harm(command: str) -> None:
    json.loads(run(FLAT, KINDS["managed"], command, QueryDict()).text)


# --- For any document ----------------------------------------------------------------------------
words = st.sampled_from(["s3:GetObject", "s3:Get*", "ec2:RunInstances", "*", "é", 'q"\\'])
strings = st.one_of(words, st.lists(words, max_size=3))
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": strings, "Resource": strings},
    optional={
        "Sid": st.sampled_from(["A", "B"]),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "Bool"]),
            st.dictionaries(st.sampled_from(["aws:a", "aws:b"]), strings, max_size=2),
            max_size=2,
        ),
    },
)
layouts = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])
FIELDS = {
    "service": "s3",
    "shown": "GetObject",
    "sid": "New",
    "a_action": ["s3:GetObject", "s3:GetObjectAcl"],
    "a_pattern": "List*",
    "r_type": "s3:bucket",
    "r_arn": "arn:aws:s3:::new",
    "c_operator": "StringEquals",
    "c_key": "aws:a",
    "c_values": "one\ntwo",
}
ELEMENTS = {
    "effect": "Effect",
    "sid": "Sid",
    "actions": "Action",
    "level": "Action",
    "service": "Action",
    "pattern": "Action",
    "action-remove": "Action",
    "resources-all": "Resource",
    "resources-specific": "Resource",
    "resource": "Resource",
    "arn": "Resource",
    "resource-remove": "Resource",
    "condition": "Condition",
    "condition-remove": "Condition",
}


@given(
    st.lists(statements, min_size=1, max_size=3),
    layouts,
    st.booleans(),
    st.sampled_from(sorted(set(COMMANDS) - {"principal", "principal-remove"})),
    st.integers(0, 2),
    st.sampled_from(["0", "1", "Allow", "Read"]),
)
@settings(max_examples=300, deadline=None)
def test_an_edit_keeps_json_and_changes_only_what_it_says(
    parts: list[dict[str, Any]],
    layout: dict[str, Any],
    is_alone: bool,
    name: str,
    index: int,
    argument: str,
) -> None:
    alone = is_alone and len(parts) == 1
    policy = {"Version": "2012-10-17", "Statement": parts[0] if alone else parts}
    text = json.dumps(policy, ensure_ascii=False, **layout)
    kind, fields = KINDS["managed"], posted(text, **FIELDS)
    outcome = run(text, kind, f"{name}/{index}/{argument}", fields)
    changed = json.loads(outcome.text)
    found = changed["Statement"]
    found = found if isinstance(found, list) else [found]
    assert changed["Version"] == "2012-10-17"
    if outcome.text == text:
        return
    if name == "remove":
        assert found == parts[:index] + parts[index + 1 :]
        return
    if name == "layout":
        assert changed == policy
        return
    if name in ("add", "duplicate"):
        assert found[:-1] == parts
        return
    element = ELEMENTS[name]
    for place, (before, now) in enumerate(zip(parts, found, strict=True)):
        if place == index:
            before, now = dict(before), dict(now)
            before.pop(element, None), now.pop(element, None)
        assert now == before
