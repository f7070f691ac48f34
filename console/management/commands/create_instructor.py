"""`manage.py create_instructor`: a sign-in for the admin site."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from console.instructors import create_instructor
from console.management.lab_command import LabCommand


class Command(LabCommand):
    help = "Makes an instructor: somebody who may use the admin site. No AWS principal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_: Any, username: str, password: str, email: str, **options: Any) -> None:
        try:
            create_instructor(username=username, password=password, email=email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        created = {"username": username}
        said = f"Instructor {username} may sign in on /admin/."
        self.stdout.write(json.dumps(created, ensure_ascii=False) if options["json"] else said)
