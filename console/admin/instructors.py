"""Django's users are the instructors; a button makes one in one step."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from console.admin.forms import InstructorForm
from console.instructors import create_instructor

admin.site.unregister(User)


@admin.register(User)
class InstructorAdmin(UserAdmin):  # type: ignore[type-arg]
    change_list_template = "admin/auth/user/list.html"

    def get_urls(self) -> list[URLPattern]:
        create = self.admin_site.admin_view(sensitive_post_parameters()(self.create_instructor))
        own = [path("instructor/", create, name="auth_user_create_instructor")]
        return own + super().get_urls()

    def create_instructor(self, request: HttpRequest) -> HttpResponse:
        """Instructors may do everything here, so only such a one makes another."""
        if not request.user.is_superuser:
            raise PermissionDenied
        form = InstructorForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                instructor = create_instructor(**form.cleaned_data)
                done = _("The instructor was created.")
                self.log_addition(request, instructor, done)
                messages.success(request, done)
                return redirect("admin:auth_user_changelist")
            except ValidationError as error:
                form.add_error(None, error.messages)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Create instructor"),
            "form": form,
            "submit": _("Create instructor"),
        }
        status = 422 if form.errors else 200
        return render(request, "admin/form.html", context, status=status)
