"""Accounts, as instructors see and steer them. Rows are changed by `aws.accounts` only."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from aws import accounts
from aws.models import Account, Event
from console.admin.actions import ACTIONS, Refused
from console.admin.forms import CreateForm
from console.templatetags.console import EMPTY, aws_time
from iam.models import User


class StatusFilter(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("Status")


class CreatedFilter(admin.DateFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("Created")


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "id_shown",
        "name_shown",
        "email_shown",
        "alias_shown",
        "status_shown",
        "users",
        "last_activity",
        "created",
    )
    list_filter = (("status", StatusFilter), ("created_at", CreatedFilter))
    search_fields = ("account_id", "name", "email", "alias")
    search_help_text = gettext_lazy("Account ID, name, email address or alias")
    ordering = ("-created_at",)
    list_per_page = 50
    actions = None
    fields = readonly_fields = (
        "id_shown",
        "name_shown",
        "email_shown",
        "alias_shown",
        "status_shown",
        "users",
        "last_activity",
        "now",
        "password_used",
        "password_changed",
        "created",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        users = User.objects.filter(account=OuterRef("pk")).order_by().values("account")
        events = Event.objects.filter(account_id=OuterRef("pk")).order_by("-event_time")
        count = users.annotate(n=Count("pk")).values("n")
        last = events.values("event_time")[:1]
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.annotate(
            user_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
            active_at=Subquery(last, output_field=DateTimeField()),
        )

    # --- Columns ---------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("Account ID"), ordering="account_id")
    def id_shown(self, account: Account) -> str:
        return account.account_id

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def name_shown(self, account: Account) -> str:
        return account.name

    @admin.display(description=gettext_lazy("Email address"), ordering="email")
    def email_shown(self, account: Account) -> str:
        return account.email

    @admin.display(description=gettext_lazy("Account alias"), ordering="alias")
    def alias_shown(self, account: Account) -> str:
        return account.alias or EMPTY

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def status_shown(self, account: Account) -> str:
        return account.get_status_display()

    @admin.display(description=gettext_lazy("Users"), ordering="user_count")
    def users(self, account: Account) -> int:
        count: int = account.user_count  # type: ignore[attr-defined]
        return count

    @admin.display(description=gettext_lazy("Last activity"), ordering="active_at")
    def last_activity(self, account: Account) -> str:
        return _short(account.active_at)  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("Time in the account"))
    def now(self, account: Account) -> str:
        return aws_time(account.now)

    @admin.display(description=gettext_lazy("Root password last used"))
    def password_used(self, account: Account) -> str:
        return aws_time(account.password_last_used)

    @admin.display(description=gettext_lazy("Root password last changed"))
    def password_changed(self, account: Account) -> str:
        return aws_time(account.password_last_changed)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, account: Account) -> str:
        return _short(account.created_at)

    # --- Who may -----------------------------------------------------------------------------
    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Nobody, by Django's own form: the buttons ask `may_act`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    def may_act(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aws.change_account")

    # --- Pages -----------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(sensitive_post_parameters()(self.act))
        names = "|".join(ACTIONS)
        own = [
            re_path(rf"^(?P<account_id>\d{{12}})/(?P<name>{names})/$", act, name="aws_account_act")
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = Account.objects.filter(pk=object_id).first()
        fitting = [one for one in ACTIONS.values() if account and one.fits(account)]
        shown = fitting if self.may_act(request) else []
        context = {"account_actions": shown, "title": _("Account")}
        return super().change_view(request, object_id, form_url, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Accounts")})

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A new account with its root user, as the sign-up makes it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = CreateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                account = accounts.create_account(**form.cleaned_data)
                self.log_addition(request, account, _("The account was created."))
                messages.success(request, _("The account was created."))
                return redirect("admin:aws_account_change", account.pk)
            except accounts.AccountError as error:
                form.add_error(None, error.args[0])
        context = {
            "title": _("Create account"),
            "form": form,
            "submit": _("Create account"),
        }
        return self._form_page(request, context)

    def act(self, request: HttpRequest, account_id: str, name: str) -> HttpResponse:
        """GET explains an action and asks; POST does it."""
        if not self.may_act(request):
            raise PermissionDenied
        account = Account.objects.filter(pk=account_id).first()
        action = ACTIONS.get(name)
        if account is None or action is None or not action.fits(account):
            raise Http404
        form = action.form(request.POST if request.method == "POST" else None, account)
        if request.method == "POST" and form.is_valid():
            try:
                page = action.run(request, account, form)
                self.log_change(request, account, str(action.done))
                if page is None:
                    messages.success(request, str(action.done))
                return page or redirect("admin:aws_account_change", account.pk)
            except Refused as refused:
                form.add_error(None, refused.args[0])
        context = {
            "title": action.title,
            "explains": action.explains,
            "account": account,
            "form": form,
            "submit": action.title,
        }
        return self._form_page(request, context)

    def _form_page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        form = context["form"]
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        status = 422 if form.errors else 200
        return render(request, "admin/form.html", context, status=status)


def _short(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else EMPTY
