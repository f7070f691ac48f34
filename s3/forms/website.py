"""Static website hosting."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from s3 import operations, reading
from s3.forms.properties import SWITCH
from s3.forms.settings import SettingForm

MAX_RULES_TEXT = 64 * 1024


class WebsiteForm(SettingForm):
    name = "website"
    title = gettext_lazy("Edit static website hosting")
    about = gettext_lazy("Use this bucket to host a website or to redirect requests.")
    has_template = True
    hosting = forms.ChoiceField(
        label=gettext_lazy("Static website hosting"), choices=SWITCH, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Hosting type"),
        required=False,
        choices=(
            ("static", gettext_lazy("Host a static website")),
            ("redirect", gettext_lazy("Redirect requests for an object")),
        ),
        widget=forms.RadioSelect,
    )
    index_document = forms.CharField(
        label=gettext_lazy("Index document"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("The home page, and the page of every folder."),
    )
    error_document = forms.CharField(
        label=gettext_lazy("Error document"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Shown when an error occurs."),
    )
    rules = forms.CharField(
        label=gettext_lazy("Redirection rules"),
        required=False,
        strip=False,
        max_length=MAX_RULES_TEXT,
        widget=forms.Textarea,
    )
    host_name = forms.CharField(
        label=gettext_lazy("Host name"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Where all requests go: example.com"),
    )
    protocol = forms.ChoiceField(
        label=gettext_lazy("Protocol"),
        required=False,
        choices=(("", gettext_lazy("None")), ("http", "http"), ("https", "https")),
    )

    def read(self) -> dict[str, Any]:
        known = reading.website(self.ctx, self.bucket)
        redirect = known.get("RedirectAllRequestsTo", {})
        rules = known.get("RoutingRules", [])
        return {
            "hosting": "on" if known else "off",
            "kind": "redirect" if redirect else "static",
            "index_document": known.get("IndexDocument", {}).get("Suffix", ""),
            "error_document": known.get("ErrorDocument", {}).get("Key", ""),
            "rules": json.dumps(rules, indent=4) if rules else "",
            "host_name": redirect.get("HostName", ""),
            "protocol": redirect.get("Protocol", ""),
        }

    def clean_rules(self) -> list[dict[str, Any]]:
        return json_list(self.cleaned_data["rules"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("hosting") != "on":
            return cleaned
        if cleaned.get("kind") == "redirect":
            if not cleaned.get("host_name"):
                self.add_error("host_name", _("Host name is required"))
        elif not cleaned.get("index_document"):
            self.add_error("index_document", _("Index document is required"))
        return cleaned

    def put(self) -> None:
        if self.cleaned_data["hosting"] == "off":
            operations.delete_bucket_website(self.ctx, bucket=self.bucket)
            return
        is_redirect = self.cleaned_data["kind"] == "redirect"
        wanted = self._redirect() if is_redirect else self._static()
        operations.put_bucket_website(self.ctx, bucket=self.bucket, website_configuration=wanted)

    def _redirect(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        protocol = {"Protocol": cleaned["protocol"]} if cleaned["protocol"] else {}
        return {"RedirectAllRequestsTo": {"HostName": cleaned["host_name"], **protocol}}

    def _static(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        wanted: dict[str, Any] = {"IndexDocument": {"Suffix": cleaned["index_document"]}}
        if cleaned["error_document"]:
            wanted["ErrorDocument"] = {"Key": cleaned["error_document"]}
        if cleaned["rules"]:
            wanted["RoutingRules"] = cleaned["rules"]
        return wanted


def json_list(text: str) -> list[dict[str, Any]]:
    """A JSON array of objects, "" for none. Raises ValidationError."""
    try:
        found = json.loads(text.strip() or "[]")
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise forms.ValidationError(
            _("This is no valid JSON: see line %(line)s, column %(column)s.") % place
        ) from None
    except RecursionError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise forms.ValidationError(_("This has to be a JSON array of objects."))
    return found
