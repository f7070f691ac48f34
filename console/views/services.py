"""All services, by category: the services menu as a page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.requests import ConsoleRequest


@require_safe
def service_list(request: ConsoleRequest) -> HttpResponse:
    return render(request, "console/services.html")
