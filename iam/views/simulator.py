"""The policy simulator: what policies would decide, and which statement decides it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from aws.errors import AwsError, Denied
from aws.paging import everything
from console.requests import ConsoleRequest
from iam import operations, reference
from iam.entities import ENTITIES
from iam.forms.simulator import CONTEXT, MAX_ACTIONS, MAX_KEYS, SimulatorForm
from iam.policy_editor.blocks import LEVEL_LABELS
from iam.policy_editor.picking import by_name
from iam.views.documents import pretty
from iam.views.editor import COMMON_SERVICES
from iam.views.policy_sources import Source, sources, statement_at

MAX_RESULTS = 500
GIVEN = "PolicyInputList.1"
# What a simulated user's or role's request has by itself.
OWN_KEYS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
}


@dataclass(slots=True, eq=False)
class Text:
    """A policy with deciding statements. number: for anchors. marked: lines, counted from 1."""

    number: int
    name: str
    arn: str
    text: str
    marked: set[int]

    @property
    def lines(self) -> Iterator[tuple[int, str, bool]]:
        """(number, text, is marked)"""
        for number, line in enumerate(self.text.splitlines(), start=1):
            yield number, line, number in self.marked


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that made the decision. line: its first in the shown text, 0 if that is not
    known. word: the action or pattern of it that takes the action in, "" for NotAction."""

    text: Text | None
    name: str
    line: int
    word: str


@dataclass(frozen=True, slots=True)
class Result:
    """decision: of EvalDecision. is_bounded: the boundary does not allow it."""

    action: str
    resource: str
    decision: str
    is_bounded: bool
    missing: Sequence[str]
    matches: Sequence[Match]


@dataclass(frozen=True, slots=True)
class ContextField:
    """hint: where the value comes from if the field stays empty, "" if from nowhere."""

    key: str
    field: str
    type: str
    value: str
    is_own: bool


def simulator(request: ConsoleRequest) -> HttpResponse:
    """?principal=users/alice chooses one. A POST draws the form again; command=run also answers."""
    page = Simulator(request)
    if request.POST.get("command") == "run":
        page.run()
    template = "iam/simulator.html#simulator" if request.htmx else "iam/simulator.html"
    status = 422 if page.form.is_bound and page.has_run and page.form.errors else 200
    return render(request, template, {"page": page}, status=status)


class Simulator:
    """What `iam/simulator.html` draws."""

    def __init__(self, request: ConsoleRequest) -> None:
        self._ctx = request.ctx
        posted = request.POST if request.method == "POST" else request.GET
        self._posted = posted
        self.form = SimulatorForm(request.POST if request.method == "POST" else None)
        self.has_run = False
        self.results: list[Result] = []
        self._texts: dict[tuple[str, str, str], Text] = {}
        self.principal = posted.get("principal", "")
        self.service = reference.service(posted.get("service", ""))
        self.actions = self._actions()

    # --- Whose policies --------------------------------------------------------------------------
    @cached_property
    def principals(self) -> list[tuple[Promise, list[tuple[str, str]]]]:
        """(heading, (("users/alice", "alice"), …)); lists that may not be read are empty."""
        lists = (
            (_("Users"), "users", operations.list_users, "Users", "UserName"),
            (_("User groups"), "groups", operations.list_groups, "Groups", "GroupName"),
            (_("Roles"), "roles", operations.list_roles, "Roles", "RoleName"),
        )
        return [
            (label, [(f"{kind}/{row[name]}", row[name]) for row in self._optional(read, member)])
            for label, kind, read, member, name in lists
        ]

    @property
    def own_key(self) -> str:
        return self._posted.get("own-key", "")

    @property
    def own_value(self) -> str:
        return self._posted.get("own-value", "")

    def _optional(self, read: Any, member: str) -> list[dict[str, Any]]:
        try:
            return everything(read, self._ctx, member, max_items=1000)
        except Denied:
            return []

    @cached_property
    def sources(self) -> list[Source]:
        """The chosen principal's policies. The form tells why there are none."""
        kind, _slash, name = self.principal.partition("/")
        if kind not in ENTITIES or not name:
            return []
        try:
            return sources(self._ctx, kind, name)
        except AwsError as error:
            self.error = error
            return []

    error: AwsError | None = None

    @cached_property
    def arn(self) -> str:
        kind, _slash, name = self.principal.partition("/")
        calls = ENTITIES[kind]
        return str(calls.get(self._ctx, **calls.named(name))[calls.member]["Arn"])

    @property
    def ticked(self) -> list[tuple[Source, bool]]:
        """All of them count until the principal has been shown once."""
        is_known = self._posted.get("shown-principal") == self.principal
        keys = self._posted.getlist("policy")
        return [(source, not is_known or source.key in keys) for source in self.sources]

    @property
    def used(self) -> list[Source]:
        return [source for source, is_ticked in self.ticked if is_ticked]

    # --- Actions ---------------------------------------------------------------------------------
    def _actions(self) -> list[str]:
        """The ticked ones, after the command to tick or untick a level."""
        ticked = dict.fromkeys(name for name in self.form.actions)
        verb, _slash, level = self._posted.get("command", "").partition("/")
        if verb == "clear":
            return []
        if verb != "level" or self.service is None:
            return list(ticked)[:MAX_ACTIONS]
        names = [one.full_name for one in self.service.levels.get(level, ())]  # type: ignore[call-overload]
        if all(name in ticked for name in names):
            return [name for name in ticked if name not in names]
        return list(ticked | dict.fromkeys(names))[:MAX_ACTIONS]

    @property
    def levels(self) -> list[dict[str, Any]]:
        """The shown service's actions, by access level."""
        ticked = set(self.actions)
        found = []
        for level, actions in self.service.levels.items() if self.service else ():
            rows = [(one, one.full_name in ticked) for one in sorted(actions, key=by_name)]
            state = _state(sum(is_ticked for _one, is_ticked in rows), len(rows))
            found.append(
                {"level": level, "label": LEVEL_LABELS[level], "rows": rows, "state": state}
            )
        return found

    @property
    def other_actions(self) -> list[str]:
        """The ticked actions of services that are not shown."""
        shown = self.service.prefix if self.service else ""
        return [name for name in self.actions if name.partition(":")[0] != shown]

    @property
    def max_actions(self) -> int:
        return MAX_ACTIONS

    @property
    def services(self) -> dict[str, str]:
        return dict(reference.services())

    @property
    def common_services(self) -> list[tuple[str, str]]:
        return [(prefix, reference.services()[prefix]) for prefix in COMMON_SERVICES]

    # --- The context -----------------------------------------------------------------------------
    @cached_property
    def context_fields(self) -> list[ContextField]:
        """The keys that the policies ask about."""
        found = []
        for name in self._context_keys()[:MAX_KEYS]:
            key = reference.condition_key(name)
            field = f"{CONTEXT}{name}"
            is_own = name.lower() in OWN_KEYS or name.lower().startswith("aws:principaltag/")
            is_own = is_own and not self.principal.startswith("groups/") and bool(self.principal)
            value = self._posted.get(field, "")
            found.append(ContextField(name, field, key.type if key else "String", value, is_own))
        return found

    def _context_keys(self) -> list[str]:
        pasted = self._posted.get("document", "").strip()
        texts = [text for text in (pasted,) if text]
        try:
            if self.sources:
                answer = operations.get_context_keys_for_principal_policy(
                    self._ctx, policy_source_arn=self.arn, policy_input_list=texts
                )
            elif texts:
                answer = operations.get_context_keys_for_custom_policy(
                    self._ctx, policy_input_list=texts
                )
            else:
                return []
        except AwsError:
            return []  # Run says why
        return list(answer["ContextKeyNames"])

    @property
    def texts(self) -> list[Text]:
        """The policies that the results point into."""
        return list(self._texts.values())

    # --- Running ---------------------------------------------------------------------------------
    def run(self) -> None:
        self.has_run = True
        if not self.form.is_valid():
            return
        with self.form.aws_errors():
            read = operations.simulate_custom_policy
            arguments = self._arguments()
            if self.principal:
                read = operations.simulate_principal_policy  # type: ignore[assignment]
            found = everything(read, self._ctx, "EvaluationResults", **arguments)
            self.results = [self._result(one) for one in found[:MAX_RESULTS]]

    def _arguments(self) -> dict[str, Any]:
        form, cleaned = self.form, self.form.cleaned_data
        arguments: dict[str, Any] = {
            "action_names": self.actions,
            "resource_arns": form.resource_arns,
            "context_entries": form.context_entries,
            "resource_policy": cleaned["resource_policy"],
            "resource_owner": cleaned["resource_owner"],
            "caller_arn": cleaned["caller_arn"],
            "policy_input_list": [cleaned["document"]] if cleaned["document"] else [],
        }
        if self.principal:
            left_out = [source.exclusion for source, is_ticked in self.ticked if not is_ticked]
            arguments |= {"policy_source_arn": self.arn, "policy_exclusion_list": left_out}
        return {name: value for name, value in arguments.items() if value}

    def _result(self, answer: dict[str, Any]) -> Result:
        boundary = answer.get("PermissionsBoundaryDecisionDetail", {})
        action = answer["EvalActionName"]
        return Result(
            action=action,
            resource=answer["EvalResourceName"],
            decision=answer["EvalDecision"],
            is_bounded=boundary.get("AllowedByPermissionsBoundary") is False,
            missing=answer["MissingContextValues"],
            # A policy attached twice, as through a group, is one policy on the page.
            matches=list(
                dict.fromkeys(self._match(one, action) for one in answer["MatchedStatements"])
            ),
        )

    def _match(self, statement: dict[str, Any], action: str) -> Match:
        policy_id, start = statement["SourcePolicyId"], statement["StartPosition"]
        found = self._stored(statement)
        if found is None:
            return Match(None, policy_id, 0, "")
        name, arn, stored = found
        key = (name, arn, stored)
        if key not in self._texts:
            shown = pretty(stored)
            self._texts[key] = Text(len(self._texts), name, arn, shown, set())
        text = self._texts[key]
        written = statement_at(stored, text.text, start["Line"], start["Column"])
        text.marked |= set(range(written.first_line, written.last_line + 1))
        return Match(text, name, written.first_line, written.word_for(action))

    def _stored(self, statement: dict[str, Any]) -> tuple[str, str, str] | None:
        """Name, ARN and text of the policy that a statement is of."""
        policy_id = statement["SourcePolicyId"]
        cleaned = self.form.cleaned_data
        given = {
            GIVEN: (_("Pasted policy"), cleaned["document"]),
            "ResourcePolicy": (_("Resource policy"), cleaned["resource_policy"]),
        }
        if policy_id in given:
            label, text = given[policy_id]
            return str(label), "", text
        source = next((one for one in self.used if _is_from(one, statement)), None)
        return (source.name, source.arn, source.text) if source else None


def _is_from(source: Source, statement: dict[str, Any]) -> bool:
    is_named = source.name == statement["SourcePolicyId"]
    return is_named and statement["SourcePolicyType"] in source.source_types


def _state(count: int, total: int) -> str:
    return "false" if count == 0 else "true" if count == total else "mixed"
