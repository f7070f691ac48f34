"""The site's names, and its sign-in."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from console import rate_limits
from console.sign_in import TOO_MANY


class SignInForm(AdminAuthenticationForm):
    """Guesses are counted, as at the console's own sign-in."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        who = f"instructor:{self.cleaned_data.get('username', '')}"
        if not rate_limits.take_sign_in(self.request, who):
            raise ValidationError(TOO_MANY)
        cleaned: dict[str, Any] = super().clean()
        rate_limits.sign_in_was_right(self.request, who)
        return cleaned


admin.site.site_header = _("Groundschool for instructors")
admin.site.site_title = _("Groundschool for instructors")
admin.site.index_title = _("The lab")
admin.site.login_form = SignInForm
