"""Why was I denied? The evaluator's trace of a denied call, in plain words.

The trace is `Event.explanation`: layers → policies → statements, each statement with the first of
its elements that did not match. Another account's policies are not in it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from cloudtrail.policies import statement_text

LAYERS = {
    "scp": gettext_lazy("Service control policies"),
    "resource": gettext_lazy("Resource-based policy"),
    "boundary": gettext_lazy("Permissions boundary"),
    "session": gettext_lazy("Session policies"),
    "identity": gettext_lazy("Identity-based policies"),
}
# verdict → label, status indicator
VERDICTS = {
    "explicitDeny": (gettext_lazy("Denies"), "error"),
    "implicitDeny": (gettext_lazy("Does not allow"), "warning"),
    "allowed": (gettext_lazy("Allows"), "success"),
    "notApplicable": (gettext_lazy("None applies"), "stopped"),
}
HEADLINES = {
    "explicitDeny": {
        "scp": gettext_lazy("A service control policy denies this request."),
        "resource": gettext_lazy("The policy of the resource denies this request."),
        "boundary": gettext_lazy("The permissions boundary denies this request."),
        "session": gettext_lazy("A session policy denies this request."),
        "identity": gettext_lazy("An identity-based policy denies this request."),
    },
    "implicitDeny": {
        "scp": gettext_lazy("No service control policy allows this request."),
        "resource": gettext_lazy("The policy of the resource does not allow this request."),
        "boundary": gettext_lazy("The permissions boundary does not allow this request."),
        "session": gettext_lazy("No session policy allows this request."),
        "identity": gettext_lazy("No identity-based policy allows this request."),
    },
}
SUGGESTIONS = {
    "explicitDeny": gettext_lazy(
        "An explicit deny wins over every allow, so adding permissions does not help. Change or "
        "narrow the statement that denies, or call from where its condition does not apply."
    ),
    "scp": gettext_lazy("Ask the organization's administrator."),
    "resource": gettext_lazy(
        "Add a statement to the resource's policy that names this principal and action. For a "
        "role, that is its trust policy."
    ),
    "boundary": gettext_lazy(
        "The boundary is the upper limit: add the action to the boundary, not only to the "
        "principal's own policies."
    ),
    "session": gettext_lazy(
        "Start the session again with a session policy that allows the action, or without one."
    ),
    "identity": gettext_lazy(
        "Attach a policy that allows the action on the resource to the user, to one of its groups, "
        "or to the role."
    ),
}
ELEMENTS = {
    "Principal": gettext_lazy("It names other principals."),
    "NotPrincipal": gettext_lazy("It excludes this principal."),
    "Action": gettext_lazy("It is about other actions."),
    "NotAction": gettext_lazy("It excludes this action."),
    "Resource": gettext_lazy("It is about other resources."),
    "NotResource": gettext_lazy("It excludes this resource."),
    "Condition": gettext_lazy("Its condition is not met."),
}


@dataclass(frozen=True)
class StatementView:
    """One statement. why: the sentence. name: operator and key of a condition, or the element.

    seen is None where the request lacks the condition key. text: the statement as JSON, for those
    that made the decision, where the viewer may read the policy.
    """

    label: str
    effect: str
    matched: bool
    is_decisive: bool
    why: str
    name: str
    expected: list[str]
    seen: list[str] | None
    text: str


@dataclass(frozen=True)
class PolicyView:
    name: str
    arn: str
    source: str
    statements: list[StatementView]


@dataclass(frozen=True)
class LayerView:
    title: str
    verdict: str
    indicator: str
    is_decisive: bool
    is_redacted: bool
    policies: list[PolicyView]


@dataclass(frozen=True)
class Denial:
    """principal_arn, action, resource: of the question that was denied, which may be another one
    than the event's name says (a call can ask for several permissions)."""

    principal_arn: str
    action: str
    resource: str
    headline: str
    suggestion: str
    layers: list[LayerView]
    policy: str
    policy_url: str


def denial_of(ctx: Context, explanation: dict[str, Any]) -> Denial:
    """explanation: `iam.policy.Explanation.as_dict()`."""
    verdict, layer = explanation["verdict"], explanation["layer"]
    headlines = HEADLINES.get(verdict, HEADLINES["implicitDeny"])
    key = verdict if verdict == "explicitDeny" else layer
    is_missing = verdict == "implicitDeny" and layer == "identity"
    policy = minimal_policy(explanation["action"], explanation["resource"]) if is_missing else ""
    return Denial(
        principal_arn=explanation["principal_arn"],
        action=explanation["action"],
        resource=explanation["resource"],
        headline=str(headlines[layer]),
        suggestion=str(SUGGESTIONS[key]),
        layers=list(_layers(ctx, explanation)),
        policy=policy,
        policy_url=_policy_url(ctx, policy) if policy else "",
    )


def minimal_policy(action: str, resource: str) -> str:
    """The smallest policy that would have allowed the question."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _policy_url(ctx: Context, policy: str) -> str:
    """The create-policy page, filled in, for those who may create policies."""
    if not ctx.allows("iam:CreatePolicy", f"arn:aws:iam::{ctx.account_id}:policy/*"):
        return ""
    try:
        return f"{reverse('iam:policy-create')}?{urlencode({'document': policy})}"
    except NoReverseMatch:
        return ""


def _layers(ctx: Context, explanation: dict[str, Any]) -> Iterator[LayerView]:
    for layer in explanation["layers"]:
        is_decisive = layer["layer"] == explanation["layer"]
        if layer["layer"] == "scp" and layer["verdict"] == "notApplicable":
            continue
        label, indicator = VERDICTS[layer["verdict"]]
        decisive_effect = explanation["verdict"] if is_decisive else ""
        yield LayerView(
            title=str(LAYERS[layer["layer"]]),
            verdict=str(label),
            indicator=indicator,
            is_decisive=is_decisive,
            is_redacted=layer["is_redacted"],
            policies=[
                _policy(ctx, explanation, layer["layer"], policy, decisive_effect)
                for policy in layer["policies"]
            ],
        )


def _policy(
    ctx: Context, explanation: dict[str, Any], layer: str, policy: dict[str, Any], decisive: str
) -> PolicyView:
    statements = []
    for statement in policy["statements"]:
        is_decisive = (
            decisive == "explicitDeny" and statement["effect"] == "Deny" and statement["matched"]
        )
        text = ""
        if is_decisive:
            text = statement_text(ctx, explanation["principal_arn"], layer, policy, statement)
        statements.append(_statement(statement, is_decisive, text))
    return PolicyView(
        name=policy["name"],
        arn=policy["arn"],
        source=_source(policy["source_type"]),
        statements=statements,
    )


def _source(source_type: str) -> str:
    return {
        "user": _("Attached to the user"),
        "group": _("From a user group"),
        "role": _("Attached to the role"),
    }.get(source_type, "")


def _statement(statement: dict[str, Any], is_decisive: bool, text: str) -> StatementView:
    failure = statement["failure"] or {}
    is_deny = statement["effect"] == "Deny"
    if statement["matched"]:
        why = _("It matches, and denies.") if is_deny else _("It matches, and allows.")
    else:
        why = str(ELEMENTS.get(failure.get("element", ""), ""))
    if failure.get("element") == "Condition":
        name = f"{failure['operator']}: {failure['key']}"
    else:
        name = failure.get("element", "")
    return StatementView(
        label=statement["sid"] or _("Statement %(number)s") % {"number": statement["index"] + 1},
        effect=_("Deny") if is_deny else _("Allow"),
        matched=statement["matched"],
        is_decisive=is_decisive,
        why=why,
        name=name,
        expected=list(failure.get("expected", ())),
        seen=failure.get("seen"),
        text=text,
    )
