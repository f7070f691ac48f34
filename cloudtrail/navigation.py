"""CloudTrail in the shell: menu entry, side navigation."""

from django.utils.translation import gettext_lazy as _

from console.navigation import MANAGEMENT, Link, Navigation, Section

NAVIGATION = Navigation(
    service="cloudtrail",
    title="CloudTrail",
    home="cloudtrail:home",
    category=MANAGEMENT,
    description=_("Track user activity and API usage"),
    sections=(
        Section(
            "",
            (
                Link(_("Event history"), "cloudtrail:event-list"),
                Link(_("Why was I denied?"), "cloudtrail:decode"),
            ),
        ),
    ),
    features=(
        (_("Event history"), "cloudtrail:event-list"),
        (_("Why was I denied?"), "cloudtrail:decode"),
    ),
)
