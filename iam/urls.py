"""IAM's pages: /iam/…"""

from django.urls import path
from django.views.generic import RedirectView

from iam.views import (
    account,
    dashboard,
    groups,
    policies,
    roles,
    security_credentials,
    users,
)

app_name = "iam"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="iam:home")),
    path("home", dashboard.home, name="home"),
    path("alias", dashboard.alias_edit, name="alias-edit"),
    path("users", users.user_list, name="user-list"),
    path("users/create", users.user_create, name="user-create"),
    path("users/delete", users.user_delete, name="user-delete"),
    path("users/<str:user_name>", users.user_detail, name="user-detail"),
    path("users/<str:user_name>/groups", users.user_groups, name="user-groups"),
    path("users/<str:user_name>/console", users.console_access, name="user-console"),
    path("users/<str:user_name>/keys/create", users.key_create, name="user-key-create"),
    path("users/<str:user_name>/keys/<str:key>", users.key_update, name="user-key-update"),
    path("groups", groups.group_list, name="group-list"),
    path("groups/create", groups.group_create, name="group-create"),
    path("groups/delete", groups.group_delete, name="group-delete"),
    path("groups/<str:group_name>", groups.group_detail, name="group-detail"),
    path("groups/<str:group_name>/users", groups.group_users, name="group-users"),
    path("roles", roles.role_list, name="role-list"),
    path("roles/create", roles.role_create, name="role-create"),
    path("roles/delete", roles.role_delete, name="role-delete"),
    path("roles/<str:role_name>", roles.role_detail, name="role-detail"),
    path("roles/<str:role_name>/trust", roles.role_trust, name="role-trust"),
    path("roles/<str:role_name>/revoke", roles.role_revoke, name="role-revoke"),
    path("policies", policies.policy_list, name="policy-list"),
    path("policies/create", policies.policy_create, name="policy-create"),
    path("policies/delete", policies.policy_delete, name="policy-delete"),
    path("policies/<path:arn>/edit", policies.policy_edit, name="policy-edit"),
    path("policies/<path:arn>/version", policies.version_update, name="policy-version"),
    path("policies/<path:arn>", policies.policy_detail, name="policy-detail"),
    path("<str:kind>/<str:name>/permissions", policies.permissions_add, name="permissions-add"),
    path("<str:kind>/<str:name>/detach", policies.permissions_remove, name="permissions-remove"),
    path("<str:kind>/<str:name>/inline", policies.inline_edit, name="inline-edit"),
    path("<str:kind>/<str:name>/tags", policies.tags_edit, name="tags-edit"),
    path("account_settings", account.settings, name="account-settings"),
    path("credential_report", account.credential_report, name="credential-report"),
    path("credential_report.csv", account.credential_report_csv, name="credential-report-csv"),
    path("security_credentials", security_credentials.own, name="security-credentials"),
    path(
        "security_credentials/password",
        security_credentials.password_change,
        name="password-change",
    ),
    path("security_credentials/keys", security_credentials.key_create, name="own-key-create"),
    path("security_credentials/keys/<str:key>", security_credentials.key_update, name="own-key"),
    path("mfa/add", security_credentials.mfa_add, name="mfa-add"),
    path("mfa/remove", security_credentials.mfa_remove, name="mfa-remove"),
]
