"""The console's addresses. A service's pages live under its name: /iam/…, /cloudtrail/…"""

from django.urls import include, path
from django.views.generic import RedirectView

from console.views import account as account_page
from console.views import coverage, home, search, services, settings

handler403 = "console.views.errors.forbidden"
handler404 = "console.views.errors.not_found"
handler500 = "console.views.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    path("console/home", home.home, name="home"),
    path("console/home/widgets", home.widgets_edit, name="widgets"),
    path("console/coverage", coverage.coverage_list, name="coverage"),
    path("services", services.service_list, name="services"),
    path("search", search.search, name="search"),
    path("settings", settings.settings_page, name="settings"),
    path("settings/preferences", settings.preferences_edit, name="preferences"),
    path("settings/favorites", settings.favorites_edit, name="favorites"),
    path("settings/language", settings.language_edit, name="language"),
    path("account", account_page.account, name="account"),
    path("account/edit", account_page.account_edit, name="account-edit"),
    path("account/contact", account_page.contact_edit, name="contact-edit"),
    path("cloudtrail/", include("cloudtrail.urls")),
    path("iam/", include("iam.urls")),
]
