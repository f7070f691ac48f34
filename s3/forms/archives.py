"""Initiate restore: archived objects become readable for some days."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from s3 import restores
from s3.forms.actions import ActionForm
from s3.forms.objects import CLASS_LABELS

TIER_LABELS = {
    "Bulk": _("Bulk retrieval"),
    "Standard": _("Standard retrieval"),
    "Expedited": _("Expedited retrieval"),
}


class RestoreArchivedForm(ActionForm):
    name = "restore"
    kind = "restore-archived"
    title = _("Initiate restore")
    about = _(
        "A copy of each archived object becomes readable for some days. The object itself stays "
        "in the archive."
    )
    submit_label = _("Initiate restore")
    template = "s3/_action_restore.html"
    days = forms.IntegerField(
        label=_("Number of days that the restored copy is available"), min_value=1, initial=1
    )
    tier = forms.ChoiceField(
        label=_("Retrieval tier"),
        choices=list(TIER_LABELS.items()),
        initial="Standard",
        widget=forms.RadioSelect,
    )

    def parameters(self) -> dict[str, Any]:
        return {"days": self.cleaned_data["days"], "tier": self.cleaned_data["tier"]}

    @property
    def delays(self) -> list[tuple[Any, Any, str, str]]:
        """(storage class, tier, how long AWS takes at most, how long the lab does)"""
        return [
            (
                CLASS_LABELS[name],
                TIER_LABELS[tier],
                duration(longest),
                duration(restores.delay(name, tier)),
            )
            for (name, tier), (longest, _classroom) in restores.DELAYS.items()
        ]


def duration(span: timedelta) -> str:
    """In the largest unit that it fills."""
    seconds = int(span.total_seconds())
    if seconds >= 3600:
        number = seconds // 3600
        return ngettext("%(number)s hour", "%(number)s hours", number) % {"number": number}
    if seconds >= 60:
        number = seconds // 60
        return ngettext("%(number)s minute", "%(number)s minutes", number) % {"number": number}
    if seconds:
        return ngettext("%(number)s second", "%(number)s seconds", seconds) % {"number": seconds}
    return gettext("at once")
