"""Laws that hold for any policy: hypothesis looks for the one that breaks them."""

import time
from fnmatch import translate
from re import fullmatch
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from iam.policy import Layers, decide, explain, load
from iam.policy.wildcards import compile_arn, compile_glob, compile_resource, pieces_of
from tests.iam.policy.builders import (
    ACCOUNT,
    ALICE,
    ALICE_ARN,
    FEDERATED,
    OTHER,
    ROLE_ARN,
    ROOT,
    SESSION,
    SESSION_ARN,
    allow,
    ask,
    deny,
    document,
    identity,
    resource_policy,
)

ACTIONS = ["s3:GetObject", "s3:PutObject", "ec2:RunInstances", "S3:getobject"]
PATTERNS = [*ACTIONS, "s3:*", "*", "s3:Get*", "s3:?utObject", "ec2:*"]
RESOURCES = ["arn:aws:s3:::photos/cat", "arn:aws:s3:::photos/dog", "*"]
RESOURCE_PATTERNS = [*RESOURCES, "arn:aws:s3:::photos/*", "arn:aws:s3:::*/${aws:username}"]
CONDITIONS = [
    {},
    {"StringEquals": {"aws:username": "cat"}},
    {"StringNotEquals": {"aws:username": "cat"}},
    {"Null": {"aws:username": "true"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b"]}},
]
WHO = ["*", {"AWS": ACCOUNT}, {"AWS": ALICE_ARN}, {"AWS": ROLE_ARN}, {"AWS": SESSION_ARN}]


def some(values: Any) -> Any:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


@st.composite
def statements(draw: Any, *, with_principal: Any = False, effects: Any = ("Allow", "Deny")) -> Any:
    statement = {
        "Effect": draw(st.sampled_from(effects)),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(some(PATTERNS)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            some(RESOURCE_PATTERNS)
        ),
        "Condition": draw(st.sampled_from(CONDITIONS)),
    }
    if with_principal:
        element = draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))
        statement[element] = draw(st.sampled_from(WHO))
    return statement


def policies(**traits: Any) -> Any:
    return st.lists(statements(**traits), min_size=1, max_size=3).map(lambda one: identity(*one))


def bucket_policies(**traits: Any) -> Any:
    listed = st.lists(statements(with_principal=True, **traits), min_size=1, max_size=3)
    return st.builds(lambda one, owner: resource_policy(*one, owner=owner), listed, owners)


owners = st.sampled_from([ACCOUNT, OTHER])
layer_sets = st.builds(
    Layers,
    identity=st.lists(policies(), max_size=2).map(tuple),
    boundary=st.none() | policies(),
    session=st.none() | st.lists(policies(), max_size=2).map(tuple),
    resource=st.none() | bucket_policies(),
    scps=st.none() | st.lists(policies(), max_size=2).map(tuple),
)
requests = st.builds(
    ask,
    principal=st.sampled_from([ALICE, SESSION, FEDERATED, ROOT]),
    action=st.sampled_from(ACTIONS),
    resource=st.sampled_from(RESOURCES),
    owner=owners,
    context=st.fixed_dictionaries(
        {},
        optional={
            "aws:username": st.sampled_from(["cat", "dog", "*"]),
            "aws:SourceIp": st.sampled_from(["10.1.2.3", "192.0.2.1"]),
            "aws:TagKeys": st.lists(st.sampled_from(["a1", "b", "c"]), max_size=2),
        },
    ),
)


@settings(max_examples=300, deadline=None)
@given(requests, layer_sets)
def test_decide_and_explain_always_agree(request: Any, layers: Any) -> None:
    told = explain(request, layers)
    assert decide(request, layers) == (told.allowed, told.verdict, told.layer, told.reason)


@settings(deadline=None)
@given(requests, layer_sets, st.sampled_from(["identity", "boundary", "session", "resource"]))
def test_a_deny_always_wins(request: Any, layers: Any, where: Any) -> None:
    parts = {name: getattr(layers, name) for name in Layers.__dataclass_fields__}
    stop = identity(deny())
    parts["identity"] += (stop,) if where == "identity" else ()
    if where == "boundary":
        parts["boundary"] = stop
    if where == "session":
        parts["session"] = (*(layers.session or ()), stop)
    if where == "resource":
        parts["resource"] = resource_policy(allow(Principal="*"), deny(Principal="*"))
    decision = decide(request, Layers(**parts))
    assert (decision.allowed, decision.verdict) == (False, "explicitDeny")


@settings(deadline=None)
@given(requests, layer_sets, policies(effects=("Allow",)))
def test_another_allow_never_takes_access_away(request: Any, layers: Any, more: Any) -> None:
    if not decide(request, layers).allowed:
        return
    identities = (*layers.identity, more)
    extended = Layers(identities, layers.boundary, layers.session, layers.resource, layers.scps)
    assert decide(request, extended).allowed


@settings(deadline=None)
@given(requests, layer_sets, policies())
def test_a_boundary_never_gives_access(request: Any, layers: Any, boundary: Any) -> None:
    without = Layers(layers.identity, None, layers.session, layers.resource, layers.scps)
    bounded = Layers(layers.identity, boundary, layers.session, layers.resource, layers.scps)
    assert decide(request, without).allowed or not decide(request, bounded).allowed


@settings(deadline=None)
@given(requests, policies())
def test_without_any_allow_only_root_at_home_is_let_in(request: Any, boundary: Any) -> None:
    at_home = request.principal.is_root and request.is_same_account
    assert decide(request, Layers()).allowed is at_home


texts = st.text("ab*?", max_size=12)


@settings(max_examples=500)
@given(texts, texts)
@example("*a*a*", "a")
@example("*ab*b*", "ab")
@example("a*a", "a")
@example("*?*?*", "a")
def test_a_compiled_glob_agrees_with_a_naive_one(pattern: Any, text: Any) -> None:
    naive = bool(fullmatch(translate(pattern), text))
    assert compile_glob(pieces_of(pattern))(text) is naive


@given(texts)
def test_wildcard_laws(text: Any) -> None:
    literal = text.replace("*", "").replace("?", "")
    assert compile_glob(pieces_of("*"))(text)
    assert compile_glob(pieces_of(text))(text)
    assert compile_glob(pieces_of("?" * len(text)))(text)
    assert not compile_glob(pieces_of("?" * (len(text) + 1)))(text)
    assert compile_glob(pieces_of(f"{literal}*"))(literal + text)
    assert compile_glob(pieces_of(f"*{literal}"))(text + literal)


segments = st.text("ab*?", max_size=4)
plain_segments = st.text("ab", max_size=4)


@settings(max_examples=500)
@given(st.lists(segments, min_size=6, max_size=6), st.lists(plain_segments, min_size=6, max_size=6))
def test_an_arn_matches_part_by_part(patterns: Any, parts: Any) -> None:
    naive = all(fullmatch(translate(one), part) for one, part in zip(patterns, parts, strict=True))
    pieces = pieces_of(":".join(patterns))
    arn = ":".join(parts)
    everything = all(one == "*" for one in patterns)
    assert compile_arn(pieces)(arn) is (naive or everything)
    if naive:
        assert compile_resource(pieces)(arn)


def test_a_hostile_pattern_costs_no_more_than_a_plain_one() -> None:
    matches = compile_glob(pieces_of("*a" * 50 + "b"))
    started = time.process_time()
    assert not matches("a" * 5000)
    assert time.process_time() - started < 1


@settings(deadline=None)
@given(st.lists(statements(), min_size=1, max_size=5), requests)
def test_filing_statements_by_service_loses_none(listed: Any, request: Any) -> None:
    policy = load(document(*listed))
    alone = [load(document(one)) for one in listed]
    frame_layers = [Layers((identity(one),)) for one in listed]
    assert len(policy.statements) == len(alone)
    whole = decide(request, Layers((identity(*listed),)))
    verdicts = [decide(request, layers).verdict for layers in frame_layers]
    if "explicitDeny" in verdicts:
        assert whole.verdict == "explicitDeny"
    else:
        assert whole.allowed is ("allowed" in verdicts)
