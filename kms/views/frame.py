"""What the pages of one key share."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from console.forms import AwsForm
from console.requests import ConsoleRequest
from kms import operations


def describe(request: ConsoleRequest, key_id: UUID) -> dict[str, Any]:
    """The key's metadata; an error page where it is not there, or may not be described."""
    metadata: dict[str, Any] = operations.describe_key(request.ctx, key_id=str(key_id))[
        "KeyMetadata"
    ]
    return metadata


def tab_url(key_id: UUID, tab: str) -> str:
    return reverse("kms:key-detail", args=[key_id]) + f"?tab={tab}"


def to_tab(key_id: UUID, tab: str) -> HttpResponse:
    return redirect(tab_url(key_id, tab))


def form_page(
    request: ConsoleRequest, template: str, form: AwsForm, key_id: UUID, tab: str, **more: Any
) -> HttpResponse:
    """The page of a form about one key, from and back to a tab."""
    context = {"form": form, "key_id": key_id, "back_url": tab_url(key_id, tab), **more}
    status = 422 if form.errors else 200
    return render(request, f"kms/{template}.html", context, status=status)
