"""`manage.py create_instructor`: a sign-in for the admin site."""

import json
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Makes an instructor: somebody who may use the admin site. No AWS principal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_: Any, username: str, password: str, email: str, **options: Any) -> None:
        instructor = User(username=username, email=email, is_staff=True, is_superuser=True)
        instructor.set_password(password)
        try:
            validate_password(password, instructor)
            instructor.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        instructor.save()
        created = {"username": username}
        said = f"Instructor {username} may sign in on /admin/."
        self.stdout.write(json.dumps(created, ensure_ascii=False) if options["json"] else said)
