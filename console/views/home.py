"""Console Home."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.requests import ConsoleRequest


@require_safe
def home(request: ConsoleRequest) -> HttpResponse:
    return render(request, "console/home.html")
