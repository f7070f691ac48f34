"""A query: objects, SQL, and how the answer is drawn."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.forms import AwsForm
from s3.query.sources import MAX_OBJECTS

MAX_SQL = 10_000


class QueryForm(AwsForm):
    """keys: ticked boxes, percent-encoded. chart_label, chart_value: names of result columns."""

    sql = forms.CharField(
        label=_("SQL"),
        max_length=MAX_SQL,
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "class": "code-input", "wrap": "off"}
        ),
    )
    chart_label = forms.CharField(max_length=200, required=False)
    chart_value = forms.CharField(max_length=200, required=False)

    def __init__(self, data: QueryDict | None, keys: list[str], **options: Any) -> None:
        self.keys = keys
        super().__init__(data, **options)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.keys:
            self.add_error(None, _("Choose at least one object."))
        if len(self.keys) > MAX_OBJECTS:
            self.add_error(None, _("Choose at most %(count)s objects.") % {"count": MAX_OBJECTS})
        return found
