"""Which columns of a table a person wants to see; kept in their preferences."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from console import flash, preferences
from console.requests import ConsoleRequest

KEY = "columns"


@dataclass(frozen=True)
class Columns:
    """view: URL name of the list. labels: column → heading, those that can be hidden. hidden: those
    that are not shown unless asked for."""

    view: str
    labels: Mapping[str, str | Promise]
    hidden: frozenset[str] = frozenset()

    def shown(self, request: ConsoleRequest) -> list[str]:
        """The columns to draw, in the table's order."""
        chosen = request.console_settings.get(KEY, {}).get(self.view)
        wanted = set(self.labels) - self.hidden if chosen is None else set(chosen)
        return [column for column in self.labels if column in wanted]

    def edit(self, request: ConsoleRequest) -> HttpResponse:
        """The preferences page of the table, or the same in a modal."""
        if request.method == "POST":
            wanted = [column for column in request.POST.getlist("column") if column in self.labels]
            tables = request.console_settings.get(KEY, {})
            preferences.write(request.person, **{KEY: {**tables, self.view: wanted}})
            flash.add(request, "success", _("Preferences saved"))
            return redirect(self.view)
        shown = self.shown(request)
        choices = [(column, label, column in shown) for column, label in self.labels.items()]
        template = "console/columns.html#modal" if request.htmx else "console/columns.html"
        return render(request, template, {"choices": choices, "list_view": self.view})
