"""Console Home: a board of widgets, laid out by each person."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from console import preferences, widgets
from console.requests import ConsoleRequest


@require_safe
def home(request: ConsoleRequest) -> HttpResponse:
    return _board(request, "console/home.html")


@require_POST
def widgets_edit(request: ConsoleRequest) -> HttpResponse:
    """action: add, remove, up, down, resize (of `name`), order (`order`: names), or reset."""
    action, name = request.POST.get("action", ""), request.POST.get("name", "")
    order = request.POST.get("order", "").split(",")
    layout = widgets.changed(widgets.layout_of(request), action, name, order)
    kept = None if action == "reset" else layout
    request.console_settings = preferences.write(request.person, widgets=kept)
    if request.htmx:
        return _board(request, "console/home.html#board")
    return redirect("home")


def _board(request: ConsoleRequest, template: str) -> HttpResponse:
    context = {
        "board": widgets.placed(request),
        "unplaced": widgets.unplaced(widgets.layout_of(request)),
    }
    return render(request, template, context)
