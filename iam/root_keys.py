"""An access key of an account's root with a given id and secret: for scripts that set labs up.

AWS has no such call, since nobody there may choose a key.
"""

import re

from django.db import IntegrityError, transaction

from aws.accounts import AccountError
from aws.models import Account
from iam import quotas
from iam.models import AccessKey

_ID = re.compile(r"[A-Z0-9]{16,128}")
_SECRET = re.compile(r"[A-Za-z0-9/+=_-]{16,128}")


def give_root_key(account: Account, access_key_id: str, secret_access_key: str) -> AccessKey:
    """Raises AccountError with the sentence to show."""
    if not _ID.fullmatch(access_key_id):
        raise AccountError("An access key ID has 16 to 128 capital letters and digits.")
    if not _SECRET.fullmatch(secret_access_key):
        raise AccountError("A secret access key has 16 to 128 letters, digits and /+=_-.")
    if AccessKey.objects.filter(account=account, user=None).count() >= quotas.ACCESS_KEYS_PER_USER:
        raise AccountError(f"Root has {quotas.ACCESS_KEYS_PER_USER} access keys already.")
    key = AccessKey(account=account, access_key_id=access_key_id, created_at=account.now)
    key.set_secret(secret_access_key)
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        raise AccountError("This access key ID is taken.") from None
    return key
