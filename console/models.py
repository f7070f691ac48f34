"""What the console remembers of a person: language, looks, favourites, widgets."""

from typing import Any, ClassVar

from django.db import models

from aws.models import AccountOwned


class Preferences(AccountOwned):
    """One row per console user, whose it stays in a role. principal: "root" or "user/<id>"."""

    principal = models.CharField(max_length=80)
    values = models.JSONField(default=dict)

    DEFAULTS: ClassVar[dict[str, Any]] = {
        "language": "",
        "mode": "auto",
        "density": "comfortable",
        "default_region": "",
        "region": "",
        "favorites": [],
        "favorites_display": "full",
        "recents": [],
        "remember_recents": True,
        "roles": [],
        "nav_open": True,
        "widgets": None,
    }

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.UniqueConstraint("account", "principal", name="preferences_of_principal")
        ]

    def __str__(self) -> str:
        return f"preferences of {self.principal} in {self.account_id}"
