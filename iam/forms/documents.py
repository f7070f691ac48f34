"""The field of a policy document."""

from typing import Any

from django import forms
from django.http import QueryDict

from iam.drafts import MAX_TEXT


class DocumentField(forms.CharField):
    """JSON text as it was typed; browsers send other line ends than people type."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"strip": False, "max_length": MAX_TEXT, **options})

    def to_python(self, value: Any) -> str:
        return plain_lines(super().to_python(value) or "")


def plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def as_initial(form: type[forms.Form], data: QueryDict) -> dict[str, Any]:
    """What was posted as a form's initial values: a page drawn again without judging it."""
    initial: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        if isinstance(field, forms.MultipleChoiceField):
            initial[name] = data.getlist(name)
        elif isinstance(field, forms.BooleanField):
            initial[name] = name in data
        elif name in data:
            initial[name] = data[name]
    return initial
