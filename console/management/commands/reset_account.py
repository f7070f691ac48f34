"""`manage.py reset_account`: an empty account again."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from aws import accounts
from aws.models import Account
from console.management.lab_command import LabCommand


class Command(LabCommand):
    help = "Deletes all that an account has. Its id, root sign-in and alias stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account_id", help="12 digits")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_: Any, account_id: str, yes: bool, **__: Any) -> None:
        account = Account.objects.filter(pk=account_id).first()
        if account is None:
            raise CommandError(f"There is no account {account_id}.")
        if not (yes or self._is_sure(account)):
            raise CommandError("Nothing was changed.")
        accounts.reset_account(account)
        self.stdout.write(f"Account {account_id} is empty.")

    def _is_sure(self, account: Account) -> bool:
        try:
            typed = input(f"Type {account.pk} to delete all that {account} has: ")
        except EOFError:  # a script without --yes
            return False
        return typed.strip() == account.pk
