"""The accounts, users and roles that trust policies name.

A trust policy may name somebody of any account, so this looks into all of them, and says no more
than whether a name is right, as AWS does.
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from aws.models import Account
from iam.models import Role, User

_ACCOUNT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/[^/]+")
_FEDERATED = re.compile(r"arn:aws:sts::(\d{12}):federated-user/[^/]+")


def unknown(names: Iterable[str]) -> set[str]:
    """Of the names under "AWS" in a Principal element, those that nobody has.

    A unique id stands for what has been deleted, and is unknown.
    """
    found = _Wanted(names)
    return found.names - found.known()


def follow(old: str, new: str) -> None:
    """Writes another name into every trust policy that names an ARN.

    AWS keeps a unique id behind the ARN, so that a renamed user stays trusted, and a new user or
    role under a deleted one's name is not: the deleted one's id stands there then.
    """
    before, after = json.dumps(old), json.dumps(new)
    for role in Role.objects.filter(assume_role_policy_document__contains=before):
        role.assume_role_policy_document = role.assume_role_policy_document.replace(before, after)
        role.save(update_fields=["assume_role_policy_document"])


class _Wanted:
    """names, sorted by where to look them up: one statement for each kind."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names) - {"*"}
        self.accounts: dict[str, set[str]] = defaultdict(set)
        self.users: set[tuple[str, str]] = set()
        self.roles: set[tuple[str, str]] = set()
        self.sessions: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in self.names:
            self._file(name)

    def _file(self, name: str) -> None:
        if match := _ACCOUNT.fullmatch(name) or _FEDERATED.fullmatch(name):
            self.accounts[match[1]].add(name)
        elif match := _ENTITY.fullmatch(name):
            (self.users if match[2] == "user" else self.roles).add((match[1], match[3]))
        elif match := _SESSION.fullmatch(name):
            self.roles.add((match[1], match[2]))
            self.sessions[match[1], match[2]].add(name)

    def known(self) -> set[str]:
        known: set[str] = set()
        for pk in Account.objects.filter(pk__in=self.accounts).values_list("pk", flat=True):
            known |= self.accounts[pk]
        known |= {user.arn for user in _rows(User, self.users)}
        for role in _rows(Role, self.roles):
            known |= {role.arn} | self.sessions[role.account_id, role.role_name]
        return known


def _rows(model: Any, wanted: set[tuple[str, str]]) -> Iterator[Any]:
    """The users or roles among (account id, name) pairs."""
    accounts, names = {account for account, _ in wanted}, {name for _, name in wanted}
    found = model.objects.filter(account_id__in=accounts, **{f"{model.NAME}__in": names})
    return (row for row in found if (row.account_id, row.name) in wanted)
