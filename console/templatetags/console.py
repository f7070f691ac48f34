"""Template tags and filters of the console's pages: `{% load console %}`."""

from datetime import datetime
from functools import cache
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aws import clock
from aws.errors import Denied
from console import show_code as shown_code
from console.listing import Listing

register = template.Library()

EMPTY = "–"
# Status types of Cloudscape → icon.
STATUS_ICONS = {
    "success": "status-positive",
    "error": "status-negative",
    "warning": "status-warning",
    "info": "status-info",
    "stopped": "status-stopped",
    "pending": "status-pending",
    "in-progress": "status-in-progress",
    "loading": "status-in-progress",
    "not-started": "status-not-started",
}
_UNITS = ((86_400 * 365, "year"), (86_400, "day"), (3600, "hour"), (60, "minute"))


# --- Icons, status, values ----------------------------------------------------------------------
@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, without a name of its own. size: "", "small", "big" or "large"."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" icon-{size}" if size else "",
        static("icons/cloudscape.svg"),
        name,
    )


@register.simple_tag
def status(kind: str, text: Any) -> SafeString:
    """A status indicator: icon and text in the colour of its kind."""
    return format_html(
        '<span class="status status-{}">{}<span>{}</span></span>',
        kind,
        icon(STATUS_ICONS.get(kind, "status-info")),
        text,
    )


@register.inclusion_tag("components/copy.html")
def copy(value: Any) -> dict[str, Any]:
    """A value with a button that copies it; a dash where there is none."""
    return {"value": value}


@register.inclusion_tag("components/secret.html")
def secret(value: Any) -> dict[str, Any]:
    """A masked value with Show and Copy."""
    return {"value": value}


@register.inclusion_tag("components/simulated.html")
def simulated() -> dict[str, Any]:
    """The label of what does not really happen."""
    return {}


@register.inclusion_tag("components/info.html")
def info(section: str = "") -> dict[str, Any]:
    """A link that opens the help panel. section: id of a heading in it."""
    return {"section": section or "help-panel"}


@register.inclusion_tag("components/show_code.html", takes_context=True)
def show_code(context: template.Context) -> dict[str, Any]:
    """The link to the code of what this request has changed; nothing when it changed nothing."""
    request = context.get("request")
    link = shown_code.link(request) if request is not None and request.ctx is not None else None
    return {"link": link}


# --- Forms --------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    description: str = "",
    constraint: str = "",
    optional: bool = False,
    info: str = "",
    placeholder: str = "",
    widget: str = "",
) -> dict[str, Any]:
    """A labelled control by its widget. widget: "radio" shows a choice as radio buttons."""
    described = _described_by(bound, description=description, constraint=constraint)
    is_group = widget == "radio" or isinstance(
        bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple
    )
    return {
        "field": bound,
        "control": "" if is_group else _control(bound, described, placeholder),
        "choices": _choices(bound) if is_group else (),
        "choice_type": "checkbox"
        if isinstance(bound.field, forms.MultipleChoiceField)
        else "radio",
        "is_group": is_group,
        "description": description or bound.help_text,
        "constraint": constraint,
        "optional": optional,
        "info": info,
        "described": described,
        "id": bound.id_for_label or bound.html_name,
    }


@register.inclusion_tag("components/check.html")
def check(bound: BoundField, description: str = "") -> dict[str, Any]:
    """A checkbox with its label beside it."""
    described = _described_by(bound, description=description)
    attributes = _aria(bound, described)
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attributes),
        "description": description or bound.help_text,
        "id": bound.id_for_label,
    }


@register.inclusion_tag("components/aws_errors.html")
def aws_errors(form: Any) -> dict[str, Any]:
    """What AWS refused, and errors that belong to no field, above the buttons."""
    error = getattr(form, "aws_error", None)
    from console.middleware import denied_link

    shown = list(form.non_field_errors()) if form.is_bound else []
    is_field_error = error is not None and error.message not in shown
    return {
        "errors": shown,
        "code": error.code if error is not None and not is_field_error else "",
        "is_denied": isinstance(error, Denied),
        "why": denied_link(error) if error is not None else "",
        "has_field_errors": form.is_bound and bool(form.errors) and not shown,
    }


def _control(bound: BoundField, described: str, placeholder: str) -> SafeString:
    attributes = _aria(bound, described)
    widget = bound.field.widget
    if isinstance(widget, forms.Select):
        attributes["class"] = "select"
    elif isinstance(widget, forms.Textarea):
        attributes["class"] = "textarea"
    elif not isinstance(widget, forms.CheckboxInput):
        attributes["class"] = "input"
    if placeholder:
        attributes["placeholder"] = placeholder
    return bound.as_widget(attrs=attributes)


def _aria(bound: BoundField, described: str) -> dict[str, str | bool]:
    attributes: dict[str, str | bool] = {"aria-describedby": described} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


def _described_by(bound: BoundField, **texts: str) -> str:
    """The ids of the texts about a control, as components/field.html names them."""
    name = bound.id_for_label or bound.html_name
    if bound.help_text:
        texts["description"] = texts.get("description") or str(bound.help_text)
    ids = [f"{name}-{part}" for part, text in texts.items() if text]
    return " ".join([*ids, *([f"{name}-errors"] if bound.errors else [])])


def _choices(bound: BoundField) -> list[dict[str, Any]]:
    value = bound.value()
    chosen = {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
    return [
        {"value": choice, "label": label, "checked": str(choice) in chosen}
        for choice, label in bound.field.choices  # type: ignore[attr-defined]
    ]


# --- Tables -------------------------------------------------------------------------------------
@register.inclusion_tag("components/sort_header.html")
def sort_header(table: Listing, column: str, label: str) -> dict[str, Any]:
    """A <th> that sorts by a column: ascending first, then descending."""
    direction = {column: "ascending", f"-{column}": "descending"}.get(table.sort, "")
    return {
        "label": label,
        "direction": direction,
        "url": table.url(sort=f"-{column}" if direction == "ascending" else column),
    }


# --- Values -------------------------------------------------------------------------------------
@register.filter
def or_dash(value: Any) -> Any:
    """The value; a dash for None, "" and empty lists. 0 and False are values."""
    return EMPTY if value is None or value == "" or value == [] else value


@register.filter
def aws_time(moment: datetime | None) -> str:
    """November 23, 2026, 14:05 (UTC+09:00), or 2026년 11월 23일, 14:05 (UTC+09:00)."""
    if not moment:
        return EMPTY
    local = timezone.localtime(moment)
    offset = local.strftime("%z")
    clock_time = f"{local:%H:%M} (UTC{offset[:3]}:{offset[3:5]})"
    if get_language() == "ko":
        return f"{local.year}년 {local.month}월 {local.day}일, {clock_time}"
    return f"{_ENGLISH_MONTHS[local.month - 1]} {local.day}, {local.year}, {clock_time}"


@register.filter
def ago(moment: datetime | None) -> str:
    """2 minutes ago. The account's own clock can be ahead: pass `|ago` real or account times."""
    if not moment:
        return EMPTY
    seconds = int((clock.real_now() - moment).total_seconds())
    for length, unit in _UNITS:
        if seconds >= length:
            return _ago(unit, seconds // length)
    return _("Just now")


@register.filter
def days_ago(moment: datetime | None) -> str:
    """Today, 1 day ago, 12 days ago: ages of keys and passwords."""
    if not moment:
        return EMPTY
    days = (clock.real_now() - moment).days
    return _ago("day", days) if days > 0 else _("Today")


def _ago(unit: str, count: int) -> str:
    texts = {
        "year": ngettext("%(count)s year ago", "%(count)s years ago", count),
        "day": ngettext("%(count)s day ago", "%(count)s days ago", count),
        "hour": ngettext("%(count)s hour ago", "%(count)s hours ago", count),
        "minute": ngettext("%(count)s minute ago", "%(count)s minutes ago", count),
    }
    return texts[unit] % {"count": count}


_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
