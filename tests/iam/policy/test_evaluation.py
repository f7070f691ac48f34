"""The order of the layers, from AWS's pages on single-account and cross-account evaluation."""

from typing import Any

import pytest

from iam.policy import Attached, Layers, RequestPrincipal
from tests.iam.policy.builders import (
    ACCOUNT,
    ALICE,
    ALICE_ARN,
    BUCKET,
    FEDERATED,
    FEDERATED_ARN,
    OTHER,
    ROLE_ARN,
    ROOT,
    SESSION,
    SESSION_ARN,
    allow,
    ask,
    decided,
    deny,
    identity,
    is_allowed,
    resource_policy,
    trust,
)

EVERYTHING = identity(allow())
NOTHING_S3 = identity(allow("ec2:*"))
DENIES = identity(allow(), deny("s3:*"))


def grants(principal: object, owner: str = ACCOUNT) -> Attached:
    return resource_policy(allow("s3:GetObject", f"{BUCKET}/*", Principal=principal), owner=owner)


@pytest.mark.parametrize(
    ("layers", "verdict", "layer", "reason"),
    [
        (Layers(), "implicitDeny", "identity", "because no identity-based policy allows the {a}"),
        (Layers(identity=(EVERYTHING,)), "allowed", "identity", ""),
        (
            Layers(identity=(EVERYTHING, DENIES)),
            "explicitDeny",
            "identity",
            "with an explicit deny in an identity-based policy",
        ),
        (
            Layers(identity=(EVERYTHING,), boundary=NOTHING_S3),
            "implicitDeny",
            "boundary",
            "because no permissions boundary allows the {a}",
        ),
        (
            Layers(identity=(EVERYTHING,), boundary=DENIES),
            "explicitDeny",
            "boundary",
            "with an explicit deny in a permissions boundary",
        ),
        (
            Layers(identity=(EVERYTHING,), session=(NOTHING_S3,)),
            "implicitDeny",
            "session",
            "because no session policy allows the {a}",
        ),
        (
            Layers(identity=(EVERYTHING,), session=()),
            "implicitDeny",
            "session",
            "because no session policy allows the {a}",
        ),
        (
            Layers(identity=(EVERYTHING,), session=(DENIES,)),
            "explicitDeny",
            "session",
            "with an explicit deny in a session policy",
        ),
        (
            Layers(identity=(EVERYTHING,), scps=(NOTHING_S3,)),
            "implicitDeny",
            "scp",
            "because no service control policy allows the {a}",
        ),
        (
            Layers(identity=(EVERYTHING,), scps=(DENIES,)),
            "explicitDeny",
            "scp",
            "with an explicit deny in a service control policy",
        ),
        (
            Layers(identity=(EVERYTHING,), resource=resource_policy(deny("s3:*", Principal="*"))),
            "explicitDeny",
            "resource",
            f"with an explicit deny in a resource-based policy: {BUCKET}",
        ),
        (Layers(resource=grants("*")), "allowed", "resource", ""),
    ],
)
def test_each_layer_gives_aws_verdict_and_sentence(
    layers: Any, verdict: Any, layer: Any, reason: Any
) -> None:
    expected = reason.format(a="s3:GetObject action")
    decision = decided(ask(), layers)
    assert (decision.verdict, decision.layer, decision.reason) == (verdict, layer, expected)
    assert decision.allowed is (verdict == "allowed")


# "Resource-based policies and implicit denies in other policy types (same account)"
@pytest.mark.parametrize(
    ("principal", "named", "without_identity", "limited_by_boundary", "limited_by_session"),
    [
        (ALICE, {"AWS": ALICE_ARN}, True, False, False),
        (ALICE, {"AWS": ACCOUNT}, False, True, True),
        (ALICE, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, False, True, True),
        (ALICE, "*", True, False, False),
        (ALICE, {"AWS": "*"}, True, False, False),
        (SESSION, {"AWS": ROLE_ARN}, True, True, True),
        (SESSION, {"AWS": SESSION_ARN}, True, False, False),
        (SESSION, {"AWS": [ROLE_ARN, SESSION_ARN]}, True, False, False),
        (FEDERATED, {"AWS": ALICE_ARN}, True, True, True),
        (FEDERATED, {"AWS": FEDERATED_ARN}, True, False, False),
        (ALICE, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, False, True, True),
    ],
)
def test_the_principal_named_decides_what_may_limit_a_resource_policy(
    principal: Any,
    named: Any,
    without_identity: Any,
    limited_by_boundary: Any,
    limited_by_session: Any,
) -> None:
    resource = grants(named)
    assert is_allowed(ask(principal), Layers(resource=resource)) is without_identity
    bounded = Layers((EVERYTHING,), boundary=NOTHING_S3, resource=resource)
    assert is_allowed(ask(principal), bounded) is not limited_by_boundary
    in_session = Layers((EVERYTHING,), session=(NOTHING_S3,), resource=resource)
    assert is_allowed(ask(principal), in_session) is not limited_by_session


@pytest.mark.parametrize("named", ["*", {"AWS": ALICE_ARN}, {"AWS": ACCOUNT}])
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (Layers((EVERYTHING,)), True),
        (Layers(), False),
        (Layers((EVERYTHING,), boundary=NOTHING_S3), False),
        (Layers((EVERYTHING,), session=(NOTHING_S3,)), False),
    ],
)
def test_another_accounts_resource_needs_both_sides(named: Any, layers: Any, expected: Any) -> None:
    request = ask(owner=OTHER)
    other = grants(named, owner=OTHER)
    with_policy = Layers(layers.identity, layers.boundary, layers.session, other)
    assert is_allowed(request, with_policy) is expected
    assert decided(request, layers).reason == (
        "because no resource-based policy allows the s3:GetObject action"
    )


@pytest.mark.parametrize("named", [ROLE_ARN, SESSION_ARN])
def test_another_account_cannot_grant_what_the_roles_own_policies_do_not(named: Any) -> None:
    theirs = grants({"AWS": named}, owner=OTHER)
    request = ask(SESSION, owner=OTHER)
    assert not is_allowed(request, Layers(resource=theirs))
    assert is_allowed(request, Layers((EVERYTHING,), resource=theirs))


def test_another_accounts_deny_is_told_without_its_name() -> None:
    theirs = resource_policy(deny(Principal="*"), owner=OTHER)
    decision = decided(ask(owner=OTHER), Layers((EVERYTHING,), resource=theirs))
    assert decision.reason == "with an explicit deny in a resource-based policy"


def test_root_needs_no_policy_at_home_but_meets_denies_scps_and_walls() -> None:
    assert is_allowed(ask(ROOT), Layers())
    locked = resource_policy(deny("s3:*", Principal="*"))
    assert not is_allowed(ask(ROOT), Layers(resource=locked))
    assert not is_allowed(ask(ROOT), Layers(scps=(NOTHING_S3,)))
    assert not is_allowed(ask(ROOT, owner=OTHER), Layers())
    assert is_allowed(ask(ROOT, owner=OTHER), Layers(resource=grants({"AWS": ACCOUNT}, OTHER)))


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (RequestPrincipal.anonymous(), "*", True),
        (RequestPrincipal.anonymous(), {"AWS": "*"}, True),
        (RequestPrincipal.anonymous(), {"AWS": ACCOUNT}, False),
        (RequestPrincipal.service("logs.amazonaws.com"), {"Service": "logs.amazonaws.com"}, True),
        (RequestPrincipal.service("logs.amazonaws.com"), {"Service": "ec2.amazonaws.com"}, False),
        (RequestPrincipal.service("logs.amazonaws.com"), {"AWS": ACCOUNT}, False),
    ],
)
def test_callers_without_an_account_rest_on_the_resource_policy_alone(
    principal: Any, named: Any, expected: Any
) -> None:
    assert is_allowed(ask(principal), Layers(resource=grants(named))) is expected
    assert not is_allowed(ask(principal), Layers())


def test_a_canonical_user_id_and_a_unique_id_name_a_principal() -> None:
    canonical = "ab" * 32
    by_id = RequestPrincipal.user(ALICE_ARN, aliases=frozenset({canonical, "AIDAEXAMPLEEXAMPLE12"}))
    assert is_allowed(ask(by_id), Layers(resource=grants({"CanonicalUser": canonical})))
    assert is_allowed(ask(by_id), Layers(resource=grants({"AWS": "AIDAEXAMPLEEXAMPLE12"})))
    assert not is_allowed(ask(), Layers(resource=grants({"CanonicalUser": canonical})))


@pytest.mark.parametrize(
    ("principal", "spared", "expected"),
    [
        (ALICE, [ACCOUNT, ALICE_ARN], True),
        (ALICE, [ALICE_ARN], False),
        (ALICE, [ACCOUNT], False),
        (SESSION, [ACCOUNT, ROLE_ARN, SESSION_ARN], True),
        (SESSION, [ACCOUNT, ROLE_ARN], False),
        (ROOT, [ACCOUNT], True),
        (RequestPrincipal.anonymous(), [ACCOUNT], False),
    ],
)
def test_a_deny_with_not_principal_spares_who_is_named_at_every_level(
    principal: Any, spared: Any, expected: Any
) -> None:
    statement = deny("s3:*", NotPrincipal={"AWS": spared})
    layers = Layers((EVERYTHING,), resource=resource_policy(allow(Principal="*"), statement))
    assert is_allowed(ask(principal), layers) is expected


def test_an_allow_with_not_principal_leaves_out_whoever_is_named() -> None:
    layers = Layers(resource=resource_policy(allow(NotPrincipal={"AWS": ACCOUNT})))
    assert not is_allowed(ask(), layers)
    assert is_allowed(ask(RequestPrincipal.anonymous()), layers)
    nobody = Layers(resource=resource_policy(allow(NotPrincipal="*")))
    assert not is_allowed(ask(RequestPrincipal.anonymous()), nobody)


@pytest.mark.parametrize(
    ("named", "identity_allows", "expected"),
    [
        ({"AWS": ALICE_ARN}, False, True),
        ({"AWS": ACCOUNT}, False, False),
        ({"AWS": ACCOUNT}, True, True),
        ({"AWS": OTHER}, True, False),
        ({"Service": "ec2.amazonaws.com"}, True, False),
    ],
)
def test_a_role_is_assumed_only_by_whom_its_trust_policy_names(
    named: Any, identity_allows: Any, expected: Any
) -> None:
    layers = Layers(
        identity=(EVERYTHING,) if identity_allows else (),
        resource=trust(allow("sts:AssumeRole", Principal=named)),
    )
    assert is_allowed(ask(action="sts:AssumeRole", resource=ROLE_ARN), layers) is expected


def test_trust_policies_have_their_own_sentences() -> None:
    request = ask(action="sts:AssumeRole", resource=ROLE_ARN)
    nobody = Layers((EVERYTHING,), resource=trust(allow("sts:AssumeRole", Principal=OTHER_ONLY)))
    assert decided(request, nobody).reason == (
        "because no role trust policy allows the sts:AssumeRole action"
    )
    refused = Layers((EVERYTHING,), resource=trust(deny("sts:AssumeRole", Principal="*")))
    assert decided(request, refused).reason == "with an explicit deny in the role trust policy"


OTHER_ONLY = {"AWS": OTHER}


def test_a_service_and_a_web_identity_assume_a_role_by_trust_alone() -> None:
    service = trust(allow("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}))
    by_service = ask(RequestPrincipal.service("ec2.amazonaws.com"), "sts:AssumeRole", ROLE_ARN)
    assert is_allowed(by_service, Layers(resource=service))
    web = trust(allow("sts:AssumeRoleWithWebIdentity", Principal={"Federated": "idp.example.com"}))
    caller = RequestPrincipal.federated("idp.example.com")
    by_web = ask(caller, "sts:AssumeRoleWithWebIdentity", ROLE_ARN)
    assert is_allowed(by_web, Layers(resource=web))


@pytest.mark.parametrize(
    ("statement", "action", "expected"),
    [
        (allow("S3:getobject"), "s3:GetObject", True),
        (allow("s3:Get*"), "s3:GetObject", True),
        (allow("s3:*Object"), "s3:GetObject", True),
        (allow("s3:?etObject"), "s3:GetObject", True),
        (allow("s3:Get?"), "s3:GetObject", False),
        (allow(["ec2:*", "s3:ListBucket"]), "s3:GetObject", False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "s3:GetObject", True),
        ({"Effect": "Allow", "NotAction": ["iam:*", "s3:G*"], "Resource": "*"}, "s3:GetObject", 0),
        (allow("*"), "anything:AtAll", True),
    ],
)
def test_actions_ignore_case_and_know_wildcards(statement: Any, action: Any, expected: Any) -> None:
    assert is_allowed(ask(action=action), Layers((identity(statement),))) is bool(expected)


def test_not_resource_allows_all_but_what_it_names() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}
    layers = Layers((identity(statement),))
    assert not is_allowed(ask(), layers)
    assert is_allowed(ask(resource="arn:aws:s3:::music/song"), layers)
    assert is_allowed(ask(resource="*"), layers)


@pytest.mark.parametrize(
    ("pattern", "context", "expected"),
    [
        ("${aws:username}", {"aws:username": "cat.jpg"}, True),
        ("${AWS:UserName}", {"aws:username": "cat.jpg"}, True),
        ("${aws:username}", {"aws:username": "*"}, False),
        ("${aws:username}", {}, False),
        ("${aws:username}", {"aws:username": ["cat.jpg", "dog"]}, False),
        ("${aws:PrincipalTag/pet, 'cat'}.jpg", {}, True),
        ("${aws:PrincipalTag/pet, 'cat'}.jpg", {"aws:PrincipalTag/pet": "dog"}, False),
        ("${aws:username}*", {"aws:username": "cat"}, True),
        ("${*}", {}, False),
    ],
)
def test_policy_variables_in_resources(pattern: Any, context: Any, expected: Any) -> None:
    layers = Layers((identity(allow("s3:*", f"{BUCKET}/{pattern}")),))
    assert is_allowed(ask(context=context), layers) is expected


@pytest.mark.parametrize(("written", "literal"), [("${*}", "*"), ("${?}", "?"), ("${$}", "$")])
def test_escaped_characters_stand_for_themselves(written: Any, literal: Any) -> None:
    layers = Layers((identity(allow("s3:*", f"{BUCKET}/{written}")),))
    assert is_allowed(ask(resource=f"{BUCKET}/{literal}"), layers)
    assert not is_allowed(ask(resource=f"{BUCKET}/x"), layers)


def test_an_unknown_variable_never_opens_a_door() -> None:
    excepted = f"{BUCKET}/${{aws:username}}"
    allowing = {"Effect": "Allow", "Action": "s3:*", "NotResource": excepted}
    assert not is_allowed(ask(), Layers((identity(allowing),)))
    denying = {**allowing, "Effect": "Deny"}
    assert not is_allowed(ask(), Layers((EVERYTHING, identity(denying))))
