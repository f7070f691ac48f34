"""Loads every app's operations, so that the registry is full before the first call."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AwsConfig(AppConfig):
    name = "aws"
    verbose_name = _("AWS accounts")

    def ready(self) -> None:
        autodiscover_modules("operations")
