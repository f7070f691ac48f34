"""The console's addresses. A service's pages live under its name: /iam/…, /cloudtrail/…"""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from console.views import account as account_page
from console.views import (
    coverage,
    home,
    recovery,
    search,
    services,
    settings,
    signin,
    signup,
    switch_role,
)

handler403 = "console.views.errors.forbidden"
handler404 = "console.views.errors.not_found"
handler500 = "console.views.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    path("signin", signin.user, name="signin"),
    path("signin/root", signin.root, name="signin-root"),
    path("signin/root/forgot", recovery.forgot, name="signin-forgot"),
    path("signin/root/recover", recovery.recover, name="signin-recover"),
    path("signin/mfa", signin.mfa, name="signin-mfa"),
    path("signin/mfa/resync", signin.mfa_resync, name="signin-mfa-resync"),
    path("signin/change-password", signin.change_password, name="signin-change-password"),
    path("signout", signin.sign_out, name="signout"),
    path("signup", signup.start, name="signup"),
    path("signup/verify", signup.verify, name="signup-verify"),
    path("signup/verify/again", signup.resend, name="signup-resend"),
    path("signup/password", signup.password, name="signup-password"),
    path("signup/plan", signup.plan, name="signup-plan"),
    path("signup/contact", signup.contact, name="signup-contact"),
    path("signup/billing", signup.billing, name="signup-billing"),
    path("signup/done", signup.done, name="signup-done"),
    path("switch-role", switch_role.switch_role, name="switch-role"),
    path("switch-back", switch_role.switch_back, name="switch-back"),
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
    path("kms/", include("kms.urls")),
    path("s3/", include("s3.urls")),
    path("admin/", admin.site.urls),
    path("<slug:account>/console", signin.console_address, name="signin-address"),
]
