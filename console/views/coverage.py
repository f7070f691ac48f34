"""Coverage: every operation of AWS's API, offered here or not."""

from django.http import HttpResponse
from django.shortcuts import render

from console import coverage
from console.requests import ConsoleRequest


def coverage_list(request: ConsoleRequest) -> HttpResponse:
    """One service's operations; ?q= finds a part of the name, ?offered=yes or no narrows."""
    services = coverage.read()
    wanted = request.GET.get("service", "iam")
    service = next((one for one in services if one.prefix == wanted), None)
    query = request.GET.get("q", "").strip()
    offered = request.GET.get("offered", "")
    rows = [
        operation
        for operation in (service.operations if service else ())
        if query.lower() in operation.name.lower()
        and offered in ("", "yes" if operation.is_offered else "no")
    ]
    context = {
        "covered": services,
        "service": service,
        "rows": rows,
        "query": query,
        "offered": offered,
    }
    template = "console/coverage.html#rows" if request.htmx else "console/coverage.html"
    return render(request, template, context)
