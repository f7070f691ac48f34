"""Unified Settings, and the buttons of the shell that change a preference."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aws.regions import REGIONS
from console import flash, navigation, preferences
from console.access import public
from console.requests import ConsoleRequest

ON_OFF = [("on", gettext_lazy("On")), ("off", gettext_lazy("Off"))]
YEAR_SECONDS = 365 * 24 * 3600


class PreferencesForm(forms.Form):
    """What a person may choose. A post changes the fields that it carries, and no others."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("Browser default")), ("ko", "한국어"), ("en", "English (US)")],
        required=False,
    )
    default_region = forms.ChoiceField(
        label=gettext_lazy("Default Region"),
        choices=[
            ("", gettext_lazy("Last used Region")),
            *((region.name, region.label) for region in REGIONS),
        ],
        required=False,
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Visual mode"),
        choices=[
            ("auto", gettext_lazy("Browser default")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ],
        required=False,
    )
    density = forms.ChoiceField(
        label=gettext_lazy("Density"),
        choices=[
            ("comfortable", gettext_lazy("Comfortable")),
            ("compact", gettext_lazy("Compact")),
        ],
        required=False,
    )
    favorites_display = forms.ChoiceField(
        label=gettext_lazy("Favorites bar display"),
        choices=[
            ("full", gettext_lazy("Service icons with full name")),
            ("icons", gettext_lazy("Service icons only")),
            ("off", gettext_lazy("Off")),
        ],
        required=False,
    )
    remember_recents = forms.ChoiceField(
        label=gettext_lazy("Remember recently visited services"), choices=ON_OFF, required=False
    )
    nav_open = forms.ChoiceField(choices=ON_OFF, required=False)

    def changes(self) -> dict[str, Any]:
        """The posted preferences, as they are stored."""
        posted = {name: self.cleaned_data[name] for name in self.fields if name in self.data}
        for name in ("remember_recents", "nav_open"):
            if name in posted:
                posted[name] = posted[name] == "on"
        if posted.get("remember_recents") is False:
            posted["recents"] = []
        if posted.get("default_region"):
            posted["region"] = posted["default_region"]
        return posted


@require_safe
def settings_page(request: ConsoleRequest) -> HttpResponse:
    values = request.console_settings
    shown = {name: "on" if value is True else value for name, value in values.items()}
    if values["remember_recents"] is False:
        shown["remember_recents"] = "off"
    return render(request, "console/settings.html", {"form": PreferencesForm(initial=shown)})


@require_POST
def preferences_edit(request: ConsoleRequest) -> HttpResponseBase:
    """Changes what was posted, and goes back to where the form was."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    changes = form.changes()
    preferences.write(request.person, **changes)
    if request.htmx:
        return HttpResponse(status=204)
    if "saved" in request.POST:
        flash.add(request, "success", _("Settings saved"))
    response = redirect(back(request))
    if "language" in changes:
        keep_language(response, changes["language"])
    return response


@require_POST
def favorites_edit(request: ConsoleRequest) -> HttpResponse:
    """Stars a service, or takes its star."""
    service = navigation.by_service().get(request.POST.get("service", ""))
    if service is None:
        return HttpResponse(status=422)
    favorites = list(request.console_settings["favorites"])
    if service.service in favorites:
        favorites.remove(service.service)
    else:
        favorites.append(service.service)
    request.console_settings = preferences.write(request.person, favorites=favorites)
    if request.htmx:
        return render(request, "console/favorite.html", {"service": service})
    return redirect(back(request))


@public
@require_POST
def language_edit(request: ConsoleRequest) -> HttpResponse:
    """The switch in the footer. A stranger's choice is a cookie; a person's is kept as well."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponse(status=422)
    if request.principal is not None:
        preferences.write(request.person, language=chosen)
    response = redirect(back(request))
    keep_language(response, chosen)
    return response


def back(request: HttpRequest) -> str:
    """The page that a form names in `next`, else the one it was on; the console's own only."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
            parts = urlsplit(address)
            return parts.path + (f"?{parts.query}" if parts.query else "")
    return "/console/home"


def keep_language(response: HttpResponseBase, language: str) -> None:
    """In a cookie, for pages without a session; "" is the browser's default again."""
    name = settings.LANGUAGE_COOKIE_NAME
    if language and translation.check_for_language(language):
        response.set_cookie(
            name, language, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.LAB_TLS
        )
    else:
        response.delete_cookie(name)
