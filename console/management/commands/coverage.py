"""Writes docs/coverage.md, or checks that it is up to date."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console import coverage


class Command(BaseCommand):
    help = "Writes docs/coverage.md: which operations of AWS's API the lab offers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when the file is out of date"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        text = coverage.write(coverage.collect())
        path = coverage.PATH
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == known:
            self.stdout.write(f"{path.name} is up to date.")
        elif check:
            raise CommandError(
                f"docs/{path.name} is out of date. Run `{coverage.COMMAND}` and commit the file."
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path}.")
