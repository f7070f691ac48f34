"""`manage.py create_account`: an AWS account with its root user, for scripts."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from aws import accounts
from console.management.lab_command import LabCommand
from iam import passwords
from iam.errors import PasswordPolicyViolation
from iam.root_keys import give_root_key


class Command(LabCommand):
    help = "Makes an AWS account with its root user, as the sign-up does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="account name, 1 to 50 characters")
        parser.add_argument("--email", required=True, help="e-mail address of the root user")
        parser.add_argument("--password", required=True, help="password of the root user")
        parser.add_argument("--account-id", default="", help="12 digits; drawn when left out")
        parser.add_argument(
            "--root-access-key", default="", metavar="ID:SECRET", help="an access key of root"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(
        self,
        *_: Any,
        name: str,
        email: str,
        password: str,
        account_id: str,
        root_access_key: str,
        **options: Any,
    ) -> None:
        key_id, _colon, secret = root_access_key.partition(":")
        try:
            passwords.check_root(password, name=name, email=email)
            with transaction.atomic():
                account = accounts.create_account(
                    name=name, email=email, password=password, account_id=account_id
                )
                if root_access_key:
                    give_root_key(account, key_id, secret)
        except (accounts.AccountError, PasswordPolicyViolation) as error:
            raise CommandError(error.args[0]) from None
        created = {"account_id": account.account_id, "name": name, "email": email}
        if key_id:
            created["root_access_key_id"] = key_id
        said = f"Account {account.account_id} is ready."
        self.stdout.write(json.dumps(created, ensure_ascii=False) if options["json"] else said)
