"""Canonical user ids: how access control lists name accounts.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
"""

import hashlib
from functools import lru_cache

from aws.models import Account


@lru_cache(maxsize=4096)
def canonical_id(account_id: str) -> str:
    """64 hex digits that belong to one account for ever."""
    return hashlib.sha256(f"canonical user of {account_id}".encode()).hexdigest()


def account_of(canonical: str) -> str | None:
    """The account of a canonical user id, None for nobody's."""
    known = Account.objects.values_list("account_id", flat=True)
    return next((one for one in known.iterator() if canonical_id(one) == canonical), None)


def owner(account_id: str) -> dict[str, str]:
    """AWS stopped answering DisplayName in November 2025."""
    return {"ID": canonical_id(account_id)}
