"""Why was I denied? The evaluator's trace of a denied call, in plain words.

The trace is `Event.explanation`: layers → policies → statements, each statement with the first of
its elements that did not match. Another account's policies are not in it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from aws.context import Context
from cloudtrail import words
from cloudtrail.policies import Owner, PolicyTexts, groups_of

# Elements that come after the action: a statement that fails there is about this action.
_NEAR = ("Resource", "NotResource", "Condition")


@dataclass(frozen=True)
class Comparison:
    """What a statement asks for and what the request had. key, meaning: of a condition.

    seen is None where the request lacks the condition key.
    """

    phrase: str
    expected: list[str]
    seen: list[str] | None
    key: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class StatementView:
    """One statement. why: the sentence. comparisons: the element that failed, or the conditions
    of a statement that matched.

    is_near: it would allow the action, but for the resource or a condition. text: the statement as
    JSON, for those that made the decision or nearly did, where the viewer may read the policy.
    """

    label: str
    effect: str
    matched: bool
    is_decisive: bool
    is_near: bool
    why: str
    comparisons: list[Comparison]
    text: str

    @property
    def is_telling(self) -> bool:
        """Worth showing at once; the others are about something else."""
        return self.matched or self.is_near


@dataclass(frozen=True)
class PolicyView:
    """url: the policy's page, "" for one that has none of its own."""

    name: str
    source: str
    url: str
    statements: list[StatementView]

    @property
    def telling(self) -> list[StatementView]:
        return [statement for statement in self.statements if statement.is_telling]

    @property
    def others(self) -> list[StatementView]:
        return [statement for statement in self.statements if not statement.is_telling]


@dataclass(frozen=True)
class LayerView:
    """absence: what to say where no statement decided."""

    title: str
    meaning: str
    verdict: str
    indicator: str
    is_decisive: bool
    is_redacted: bool
    absence: str
    policies: list[PolicyView]


@dataclass(frozen=True)
class Remedy:
    """One way to apply the suggested policy. url: the page that is filled in with it."""

    label: str
    url: str


@dataclass(frozen=True)
class Denial:
    """principal_arn, action, resource: of the question that was denied, which may be another one
    than the event's name says (a call can ask for several permissions)."""

    principal_arn: str
    action: str
    resource: str
    headline: str
    suggestion: str
    hints: list[str]
    layers: list[LayerView]
    policy: str
    remedies: list[Remedy] = field(default_factory=list)

    def is_about(self, event_name: str) -> bool:
        """Whether the question is the one that the call's own name asks."""
        return self.action.rpartition(":")[2] == event_name


def denial_of(ctx: Context, explanation: dict[str, Any]) -> Denial:
    """explanation: `iam.policy.Explanation.as_dict()`."""
    verdict, layer = explanation["verdict"], explanation["layer"]
    headlines = words.HEADLINES.get(verdict, words.HEADLINES["implicitDeny"])
    key = verdict if verdict == "explicitDeny" else layer
    layers = list(_layers(ctx, explanation))
    is_missing = verdict == "implicitDeny" and layer == "identity"
    policy = minimal_policy(explanation["action"], explanation["resource"]) if is_missing else ""
    return Denial(
        principal_arn=explanation["principal_arn"],
        action=explanation["action"],
        resource=explanation["resource"],
        headline=str(headlines[layer]),
        suggestion=str(words.SUGGESTIONS[key]),
        hints=words.hints(_conditions_in_the_way(layers)),
        layers=layers,
        policy=policy,
        remedies=list(_remedies(ctx, explanation, policy)) if policy else [],
    )


def minimal_policy(action: str, resource: str) -> str:
    """The smallest policy that would have allowed the question."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


# --- What would help -----------------------------------------------------------------------------
def _remedies(ctx: Context, explanation: dict[str, Any], policy: str) -> Iterator[Remedy]:
    """Pages filled in with the policy, for those who may save them."""
    query = "?" + urlencode({"document": policy})
    if ctx.allows("iam:CreatePolicy", f"arn:aws:iam::{ctx.account_id}:policy/*"):
        yield Remedy(_("Create policy"), reverse("iam:policy-create") + query)
    owner = Owner.of(ctx, explanation["principal_arn"])
    if owner is None:
        return
    if ctx.allows(f"iam:Put{owner.kind.title()}Policy", owner.arn):
        label = _("Add to this user") if owner.kind == "user" else _("Add to this role")
        yield Remedy(label, reverse("iam:inline-edit", args=[f"{owner.kind}s", owner.name]) + query)
    for group in groups_of(ctx, owner):
        if ctx.allows("iam:PutGroupPolicy", group["Arn"]):
            name = group["GroupName"]
            label = _("Add to group: %(name)s") % {"name": name}
            yield Remedy(label, reverse("iam:inline-edit", args=["groups", name]) + query)


def _conditions_in_the_way(layers: Iterable[LayerView]) -> Iterator[str]:
    """Keys of the conditions that nearly allowed, and of those that let a statement deny."""
    for layer in layers:
        for policy in layer.policies:
            for statement in policy.statements:
                if statement.is_near or statement.is_decisive:
                    yield from (one.key for one in statement.comparisons if one.key)


# --- Layers, policies, statements ----------------------------------------------------------------
def _layers(ctx: Context, explanation: dict[str, Any]) -> Iterator[LayerView]:
    texts = PolicyTexts(ctx, explanation["principal_arn"])
    for layer in explanation["layers"]:
        name, verdict = layer["layer"], layer["verdict"]
        if name == "scp" and verdict == "notApplicable":
            continue
        is_decisive = name == explanation["layer"]
        label, indicator = words.VERDICTS[verdict]
        decided = explanation["verdict"] if is_decisive else ""
        yield LayerView(
            title=str(words.LAYERS[name]),
            meaning=str(words.LAYER_MEANINGS[name]),
            verdict=str(label),
            indicator=indicator,
            is_decisive=is_decisive,
            is_redacted=layer["is_redacted"],
            absence=_absence(layer),
            policies=[_policy(texts, name, policy, decided) for policy in layer["policies"]],
        )


def _absence(layer: dict[str, Any]) -> str:
    if layer["verdict"] != "implicitDeny" or layer["is_redacted"]:
        return ""
    if layer["layer"] == "identity" and not layer["policies"]:
        return str(words.NO_POLICIES)
    return str(words.ABSENCES[layer["layer"]])


def _policy(texts: PolicyTexts, layer: str, policy: dict[str, Any], decided: str) -> PolicyView:
    return PolicyView(
        name=policy["name"],
        source=_source(policy["source_type"]),
        url=_policy_url(texts.owner, layer, policy),
        statements=[
            _statement(texts, layer, policy, statement, decided)
            for statement in policy["statements"]
        ],
    )


def _source(source_type: str) -> str:
    return {
        "user": _("Attached to the user"),
        "group": _("From a user group"),
        "role": _("Attached to the role"),
    }.get(source_type, "")


def _policy_url(owner: Owner | None, layer: str, policy: dict[str, Any]) -> str:
    if layer not in ("identity", "boundary"):
        return ""
    if policy["arn"]:
        return reverse("iam:policy-detail", args=[policy["arn"]])
    if owner is None or policy["source_type"] != owner.kind:
        return ""
    address = reverse("iam:inline-edit", args=[f"{owner.kind}s", owner.name])
    return f"{address}?{urlencode({'policy_name': policy['name']})}"


def _statement(
    texts: PolicyTexts,
    layer: str,
    policy: dict[str, Any],
    statement: dict[str, Any],
    decided: str,
) -> StatementView:
    """decided: the verdict of the layer that decided, "" in other layers."""
    element = (statement["failure"] or {}).get("element", "")
    is_deny = statement["effect"] == "Deny"
    is_decisive = decided == "explicitDeny" and is_deny and statement["matched"]
    is_near = not is_deny and element in _NEAR
    is_shown = is_decisive or (is_near and decided == "implicitDeny")
    return StatementView(
        label=statement["sid"] or _("Statement %(number)s") % {"number": statement["index"] + 1},
        effect=_("Deny") if is_deny else _("Allow"),
        matched=statement["matched"],
        is_decisive=is_decisive,
        is_near=is_near,
        why=_why(statement, element, is_deny=is_deny),
        comparisons=list(_comparisons(statement)),
        text=texts.statement(layer, policy, statement) if is_shown else "",
    )


def _comparisons(statement: dict[str, Any]) -> Iterator[Comparison]:
    failure = statement["failure"]
    if failure and failure["element"] != "Condition":
        yield Comparison(str(words.EXPECTED), failure["expected"], failure["seen"])
    for condition in [failure] if failure else statement["conditions"]:
        if condition["key"]:
            yield Comparison(
                words.operator_phrase(condition["operator"]),
                condition["expected"],
                condition["seen"],
                condition["key"],
                words.key_meaning(condition["key"]),
            )


def _why(statement: dict[str, Any], element: str, *, is_deny: bool) -> str:
    if not statement["matched"]:
        return str(words.ELEMENTS.get(element, ""))
    return _("It matches, and denies.") if is_deny else _("It matches, and allows.")
