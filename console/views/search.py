"""Search across services, features and resources: the box in the bar, and its whole page."""

from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from console import navigation
from console.navigation import Navigation, SearchResult, Text
from console.requests import ConsoleRequest

MAX_QUERY = 100
MAX_RESOURCES = 20


@dataclass
class Found:
    services: list[Navigation] = field(default_factory=list)
    features: list[SearchResult] = field(default_factory=list)
    resources: list[SearchResult] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.services) + len(self.features) + len(self.resources)


@require_safe
def search(request: ConsoleRequest) -> HttpResponse:
    """The page; HTMX gets the results alone."""
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    found = find(request, query) if query else Found()
    template = "console/search.html#results" if request.htmx else "console/search.html"
    return render(request, template, {"query": query, "found": found})


def find(request: ConsoleRequest, query: str) -> Found:
    """Services and features by any part of their names; resources by what each service says."""
    found = Found()
    for service in navigation.services():
        if _matches(query, service.title, service.service, service.description):
            found.services.append(service)
        for label, view in service.features:
            if _matches(query, label):
                found.features.append(SearchResult(str(label), service.title, reverse(view)))
        for search_function in service.search:
            found.resources += search_function(request.ctx, query)
    del found.resources[MAX_RESOURCES:]
    return found


def _matches(query: str, *texts: Text) -> bool:
    return any(query.lower() in str(text).lower() for text in texts)
