"""The console's middleware: policy headers, language, who is calling, AWS errors."""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from aws.errors import AwsError, Denied
from aws.models import Account
from aws.regions import BY_NAME, DEFAULT_REGION
from console import flash, preferences, sessions
from console.content_policy import policy
from console.requests import context_of

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy())
        # One address serves a page and its fragments.
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """The visitor's: a cookie or kept with their user, else the browser's, else LAB_LANGUAGE."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(translation.get_language_from_request(request)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return middleware


def principal(get_response: GetResponse) -> GetResponse:
    """Gives each request its principal, account, region and context; strangers are sent to sign in.

    A view that strangers may open is marked with `console.access.public`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        request.sign_in_reason = ""  # type: ignore[attr-defined]
        _identify(request)
        kept = request.console_settings["language"]  # type: ignore[attr-defined]
        if kept and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(kept)  # until `language` ends this request
        response = get_response(request)
        if request.principal is not None:  # type: ignore[attr-defined]
            # Whoever sits down after a sign-out does not read on with the Back button.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.principal is not None or getattr(view, "is_public", False):  # type: ignore[attr-defined]
            return None
        if request.path.startswith(("/admin/", settings.STATIC_URL)):
            return None
        return to_sign_in(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def htmx_redirects(get_response: GetResponse) -> GetResponse:
    """A browser would follow a redirect before HTMX sees it, and the whole page would land in the
    fragment: so HTMX is told to go there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.htmx and response.has_header("Location"):  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": response["Location"]})
        return response

    return middleware


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Where a stranger goes; after signing in, back here."""
    query = {"next": request.get_full_path()} if request.method == "GET" else {}
    if page := request.htmx.current_url_abs_path:  # type: ignore[attr-defined]
        query["next"] = page
    if reason := request.sign_in_reason:  # type: ignore[attr-defined]
        query["reason"] = reason
    address = reverse("signin") + (f"?{urlencode(query)}" if query else "")
    if request.htmx:  # type: ignore[attr-defined]
        # The page is still open, with what was typed into it: say so, do not take it away.
        response = render(request, "console/session_expired.html", {"address": address})
        response["HX-Retarget"] = "#modal-root"
        response["HX-Reswap"] = "innerHTML"
        return response
    return HttpResponseRedirect(address)


def _identify(request: HttpRequest) -> None:
    attributes: dict[str, object] = {
        "principal": None,
        "person": None,
        "account": None,
        "ctx": None,
        "role": {},
        "console_settings": preferences.read(None),
        "region": DEFAULT_REGION,
    }
    try:
        found = sessions.signed_in(request.session)
    except sessions.SessionEnded as ended:
        sessions.forget(request.session)
        attributes["sign_in_reason"] = ended.args[0]
        found = None
    if found is not None:
        attributes |= _signed_in(request, found)
    for name, value in attributes.items():
        setattr(request, name, value)


def _signed_in(request: HttpRequest, found: sessions.SignedIn) -> dict[str, object]:
    who = found.principal
    wishes = preferences.read(found.person)
    region = _region(request, wishes)
    if region != wishes["region"]:
        wishes = preferences.write(found.person, region=region)
    if found.ended:
        name = found.ended["display_name"] or found.ended["role_name"]
        flash.add(request, "info", _("The role session has ended"), name)
    return {
        "principal": who,
        "person": found.person,
        "account": Account.objects.get(pk=who.account_id),
        "ctx": context_of(request, who, region=region, offset=found.offset),
        "role": found.role,
        "console_settings": wishes,
        "region": region,
    }


def _region(request: HttpRequest, wishes: dict[str, str]) -> str:
    for name in (request.GET.get("region", ""), wishes["region"], wishes["default_region"]):
        if name in BY_NAME:
            return name
    return DEFAULT_REGION


def aws_errors(get_response: GetResponse) -> GetResponse:
    """AWS errors that a view let rise: a flash, a fragment, or a page; never without the code."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AwsError):
            return None
        if request.htmx:  # type: ignore[attr-defined]
            _flash_error(request, error)
            response = render(request, "components/flashbar.html", status=error.status)
            response["HX-Retarget"] = "#flashbar"
            response["HX-Reswap"] = "outerHTML"
            return response
        if request.method != "GET" and (back := _referer(request)):
            _flash_error(request, error)
            return redirect(back)
        return error_page(request, error)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def error_page(request: HttpRequest, error: AwsError) -> HttpResponse:
    """The whole page of an error that left nothing else to show."""
    is_denied = isinstance(error, Denied)
    template = "console/denied.html" if is_denied else "console/error.html"
    context = {"error": error, "why": denied_link(error)}
    # The JSON services answer a denial, or what is not there, with 400; a browser's page says it.
    is_missing = error.code.endswith("NotFoundException")
    status = 403 if is_denied else 404 if is_missing else error.status
    return render(request, template, context, status=status)


def denied_link(error: AwsError) -> str:
    """Where "why was I denied?" is answered, "" for other errors."""
    event_id = error.fields.get("event_id")
    if not isinstance(error, Denied) or event_id is None:
        return ""
    return reverse("cloudtrail:denied", args=[event_id])


def _flash_error(request: HttpRequest, error: AwsError) -> None:
    why = denied_link(error)
    flash.add(
        request,
        "error",
        _("You don't have permission to do this") if why else _("The request failed"),
        error.message,
        code=error.code,
        request_id=request.request_id,  # type: ignore[attr-defined]
        links=[(_("Why was I denied?"), why)] if why else [],
    )


def _referer(request: HttpRequest) -> str:
    """The page the form was on, when it is one of ours and another than the one that failed."""
    address = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return "" if parts.path == request.path else path
