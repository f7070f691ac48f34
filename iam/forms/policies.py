"""Customer managed policies and their versions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from console.forms import AwsForm
from iam.forms.permissions import tags_from


class PolicyForm(AwsForm):
    document = forms.CharField(label=_("Policy document"), strip=False)
    policy_name = forms.CharField(label=_("Policy name"), max_length=128)
    description = forms.CharField(label=_("Description"), required=False, max_length=1000)

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else []


class VersionForm(AwsForm):
    document = forms.CharField(label=_("Policy document"), strip=False)
    set_as_default = forms.BooleanField(
        label=_("Set this new version as the default"), required=False
    )
