"""What the commands for scripts share."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError


class LabCommand(BaseCommand):
    """Works on the database of a running lab; says so in one sentence when there is none."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError):
            raise CommandError(
                "The lab's database does not answer: start the lab first (make run), and set "
                "LAB_DATA or DATABASE_URL as it does."
            ) from None
