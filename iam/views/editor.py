"""The policy editor: blocks and JSON side by side, for every page with a policy in it.

A page makes an `Editor` and includes `iam/_editor.html` inside its own form; the text is the field
"document". With HTMX the editor talks to the addresses here; without, its buttons post the page's
form, and the page draws itself again (`is_edit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aws.errors import AwsError, Denied
from aws.paging import everything
from console.requests import ConsoleRequest
from iam import operations, reference
from iam.drafts import MAX_TEXT
from iam.forms.documents import plain_lines
from iam.policy import PolicyKind, PolicySyntaxError, policy_size
from iam.policy.conditions import OPERATORS
from iam.policy_check import Finding, FindingType, check
from iam.policy_editor import blocks, changes
from iam.policy_editor.commands import Outcome, run
from iam.policy_editor.kinds import KINDS
from iam.views.documents import pretty

COMMON_SERVICES = ("ec2", "s3", "rds", "iam", "sts", "cloudwatch", "logs")
TABS: dict[FindingType, Promise] = {
    FindingType.SECURITY: gettext_lazy("Security"),
    FindingType.ERROR: gettext_lazy("Errors"),
    FindingType.WARNING: gettext_lazy("Warnings"),
    FindingType.SUGGESTION: gettext_lazy("Suggestions"),
}
IDENTITY_TEMPLATE = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Action": [],
            "Resource": []
        }
    ]
}
"""
RESOURCE_TEMPLATE = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Principal": {},
            "Action": [],
            "Resource": []
        }
    ]
}
"""
TRUST_TEMPLATE = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Principal": {},
            "Action": "sts:AssumeRole"
        }
    ]
}
"""
TEMPLATES = {
    PolicyKind.IDENTITY: IDENTITY_TEMPLATE,
    PolicyKind.RESOURCE: RESOURCE_TEMPLATE,
    PolicyKind.TRUST: TRUST_TEMPLATE,
}


@dataclass(frozen=True, slots=True)
class FindingTab:
    name: str
    label: Promise
    findings: Sequence[Finding]
    is_chosen: bool


class Editor:
    """What `iam/_editor.html` draws. name: of KINDS. text: to begin with; what was posted wins."""

    def __init__(self, request: ConsoleRequest, name: str, text: str = "") -> None:
        self.kind = KINDS[name]
        self.account_id = request.account.account_id
        self._ctx = request.ctx
        posted = request.POST if request.method == "POST" else QueryDict()
        self.is_edit = "command" in posted
        self.fields = posted.copy()
        self.notice = ""
        fresh = "" if posted else TEMPLATES[self.kind.grammar]
        self.text = plain_lines(posted.get("document", text) or fresh)
        opened = posted.get("open-statement", "0")
        self.open_index = int(opened) if opened.isdecimal() else 0
        if self.is_edit and len(self.text) <= MAX_TEXT:
            self._run(posted["command"])

    def _run(self, command: str) -> None:
        is_import = command == "import"
        outcome = self._import() if is_import else run(self.text, self.kind, command, self.fields)
        self.text, self.notice = outcome.text, outcome.notice
        self.open_index = outcome.open_index
        if outcome.used:
            for name in [name for name in self.fields if name.startswith(outcome.used)]:
                del self.fields[name]
        if command.startswith("pick/"):
            self.fields["edit-service"] = command.rpartition("/")[2]

    def _import(self) -> Outcome:
        arn = self.fields.get("import-arn", "").strip()
        try:
            document = default_document(self._ctx, arn)
            return Outcome(changes.import_statements(self.text, document), self.open_index)
        except (AwsError, changes.CannotChange) as error:
            return Outcome(self.text, self.open_index, notice=str(error))
        except PolicySyntaxError:
            notice = _("Fix the JSON first, or empty it.")
            return Outcome(self.text, self.open_index, notice=notice)

    @cached_property
    def blocks(self) -> Sequence[blocks.Block] | None:
        """None: the text is no JSON."""
        view = blocks.View(self.kind, self.fields, self.open_index, self.account_id)
        return blocks.read(self.text, view)

    @cached_property
    def findings(self) -> list[Finding]:
        return check(self.text, self.kind.grammar, limit=self.kind.limit)

    @property
    def has_errors(self) -> bool:
        return any(finding.type is FindingType.ERROR for finding in self.findings)

    @property
    def tabs(self) -> list[FindingTab]:
        """The tab that was open stays open; else the first with something to say."""
        by_type = {kind: [one for one in self.findings if one.type is kind] for kind in TABS}
        serious = (FindingType.ERROR, *TABS)
        first = next((kind for kind in serious if by_type[kind]), FindingType.SECURITY)
        chosen = self.fields.get("findings-tab", "")
        chosen = chosen if any(kind == chosen and by_type[kind] for kind in TABS) else first
        return [FindingTab(kind, TABS[kind], by_type[kind], kind == chosen) for kind in TABS]

    @property
    def size(self) -> int:
        return policy_size(self.text)

    @property
    def services(self) -> dict[str, str]:
        return dict(reference.services())

    @property
    def common_services(self) -> list[tuple[str, str]]:
        names = reference.services()
        return [(prefix, names[prefix]) for prefix in self.kind.services or COMMON_SERVICES]

    @property
    def operators(self) -> list[str]:
        return list(OPERATORS)

    @cached_property
    def importable(self) -> list[dict[str, Any]]:
        """Managed policies; none where they may not be listed."""
        try:
            return everything(operations.list_policies, self._ctx, "Policies", max_items=1000)
        except Denied:
            return []


@require_POST
def visual(request: ConsoleRequest) -> HttpResponse:
    """The whole editor after a command; the blocks and findings alone while the text is typed."""
    editor = Editor(request, kind_of(request))
    template = "iam/_editor.html" if editor.is_edit else "iam/_editor.html#typed"
    return render(request, template, {"editor": editor})


@require_POST
def lint(request: ConsoleRequest) -> HttpResponse:
    """The findings about a text."""
    editor = Editor(request, kind_of(request))
    return render(request, "iam/_editor.html#findings", {"editor": editor})


def kind_of(request: ConsoleRequest) -> str:
    name = request.POST.get("document-kind", "")
    return name if name in KINDS else "managed"


def default_document(ctx: Any, arn: str) -> str:
    """The text of a managed policy's default version."""
    policy = operations.get_policy(ctx, policy_arn=arn)["Policy"]
    version = policy["DefaultVersionId"]
    answer = operations.get_policy_version(ctx, policy_arn=arn, version_id=version)
    return pretty(answer["PolicyVersion"]["Document"])
