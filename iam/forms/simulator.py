"""What the policy simulator asks: whose policies, which actions on which resources, in which
context."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.forms import AwsForm
from iam import reference
from iam.forms.documents import DocumentField

MAX_ACTIONS = 100
MAX_RESOURCES = 20
MAX_KEYS = 60
CONTEXT = "context/"  # and the key: the name of a context value's field
_TYPES = {"Bool": "boolean", "Numeric": "numeric", "Date": "date", "IPAddress": "ip"}


class SimulatorForm(AwsForm):
    """principal: "users/alice", or "" for the pasted policy alone. The ticked actions and policies
    and the context are lists and fields whose names depend on them; see the properties.
    """

    principal = forms.CharField(label=_("User, group, or role"), required=False, max_length=200)
    document = DocumentField(label=_("Policy document"), required=False)
    resources = forms.CharField(label=_("Resources"), required=False, initial="*")
    resource_policy = DocumentField(label=_("Resource policy"), required=False)
    resource_owner = forms.RegexField(
        r"^\d{12}$",
        label=_("Owner of the resources"),
        required=False,
        error_messages={"invalid": _("An account ID has 12 digits.")},
    )
    caller_arn = forms.CharField(label=_("Caller ARN"), required=False, max_length=2048)

    @property
    def actions(self) -> list[str]:
        return list(dict.fromkeys(name for name in self._list("action") if reference.action(name)))

    @property
    def policy_keys(self) -> list[str]:
        """The ticked policies, by Source.key."""
        return self._list("policy")

    def _list(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    @property
    def resource_arns(self) -> list[str]:
        lines = self.cleaned_data.get("resources", "").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip())) or ["*"]

    @property
    def context_entries(self) -> list[dict[str, Any]]:
        return list(self._context_entries())

    def _context_entries(self) -> Iterator[dict[str, Any]]:
        names = [name for name in self.data if name.startswith(CONTEXT)][:MAX_KEYS]
        values = {name.removeprefix(CONTEXT): self.data.get(name, "").strip() for name in names}
        if own := self.data.get("own-key", "").strip():
            values[own] = self.data.get("own-value", "").strip()
        for name, text in values.items():
            key = reference.condition_key(name)
            is_list = key is not None and key.is_multivalued
            given = [one.strip() for one in text.split(",")] if is_list else [text]
            kind = _TYPES.get(key.base_type, "string") if key else "string"
            if text:
                yield {
                    "ContextKeyName": name,
                    "ContextKeyValues": given,
                    "ContextKeyType": f"{kind}List" if is_list else kind,
                }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("principal") and not cleaned.get("document"):
            self.add_error(None, _("Choose a user, group or role, or paste a policy."))
        if not self.actions:
            self.add_error(None, _("Choose at least one action."))
        if len(self.actions) > MAX_ACTIONS:
            message = _("Choose at most %(count)s actions.") % {"count": MAX_ACTIONS}
            self.add_error(None, message)
        if len(self.resource_arns) > MAX_RESOURCES:
            message = _("Enter at most %(count)s resources.") % {"count": MAX_RESOURCES}
            self.add_error("resources", message)
        return cleaned
