"""Show code: what a click did, as AWS CLI command, boto3 snippet and Terraform resource.

The code is written from the event history, so no view and no operation does anything for it: every
change that a request makes leaves its event id in `ctx.calls`, and `link(request)` leads there.
The flashbar asks for it by itself; elsewhere it is one line:

    label, address = show_code.link(request) or (None, None)

Secrets are hidden in the events already; here they become placeholders to fill in.
"""

from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse
from django.utils.translation import gettext as _

from aws.context import Context
from aws.models import Event
from console.show_code import boto3_code, cli, terraform
from console.show_code.calls import Call, call_of

MAX_CALLS = 20  # in one address; a click that changes more shows the first ones


class HasContext(Protocol):
    @property
    def ctx(self) -> Context: ...


@dataclass(frozen=True)
class Code:
    """One call in three spellings. terraform is "" where no resource stands for the call."""

    call: Call
    cli: str
    boto3: str
    terraform: str


def code_of(event: Event) -> Code | None:
    """None for what is no API call (a sign-in), or had more parameters than the history keeps."""
    call = call_of(event)
    if call is None:
        return None
    return Code(call, cli.command(call), boto3_code.snippet(call), terraform.resource(call))


def link(request: HasContext) -> tuple[str, str] | None:
    """("Show code", address) for the changes that this request has made so far, or None."""
    calls = request.ctx.calls[:MAX_CALLS]
    if not calls:
        return None
    ids = ",".join(str(event_id) for event_id in calls)
    return _("Show code"), reverse("cloudtrail:event-code", args=[ids])
