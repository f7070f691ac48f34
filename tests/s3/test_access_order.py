"""AWS's order of S3's decisions, as a table: identity policies, bucket policy, access control
lists, ownership and Block Public Access, in the bucket's account and out of it.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from aws.context import Context
from aws.errors import Denied
from aws.identity import ANONYMOUS
from aws.models import Account
from s3 import operations
from s3.grants import ALL_USERS, AUTHENTICATED_USERS, grant
from s3.models import AccountBlock, Bucket, ObjectVersion
from s3.owners import canonical_id
from tests import factories
from tests.factories import allow, ctx_for

OWN, OTHER = "111122223333", "444455556666"
BUCKET, KEY = "decided", "a.txt"
ARNS = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
ENFORCED, WRITER = "BucketOwnerEnforced", "ObjectWriter"
READ = "s3:GetObject"
YES = allow(READ)
EVERYBODY = ("Allow", "*")
GUEST = f"arn:aws:iam::{OWN}:user/guest"
STRANGER = f"arn:aws:iam::{OTHER}:user/stranger"


@dataclass(frozen=True)
class Row:
    """who: guest, root (the bucket's account), stranger, stranger-root, anonymous. identity: a
    policy of the user's. boundary: of the user's, too. policy: (effect, principal) of the bucket's
    statements about GetObject, with conditions where three. lists: the bucket's and the object's
    grants. blocks, account_blocks: the settings that are on. owner: the object's account."""

    who: str
    allowed: bool
    identity: str = ""
    boundary: str = ""
    policy: tuple[Any, ...] = ()
    lists: tuple[Any, ...] = ()
    ownership: str = ENFORCED
    blocks: tuple[str, ...] = ()
    account_blocks: tuple[str, ...] = ()
    owner: str = ""


DENY_READ = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": READ, "Resource": "*"},
        ],
    }
)
TO_ALL = (ALL_USERS, "READ")
TO_SIGNED = (AUTHENTICATED_USERS, "READ")
TO_OTHER = (canonical_id(OTHER), "READ")
TO_OWN = (canonical_id(OWN), "FULL_CONTROL")
SMALL_NETWORK = {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}
ALL_NETWORKS = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}

TABLE = {
    # In the bucket's account, one yes is enough, and one no is the end.
    "nothing": Row("guest", False),
    "identity alone": Row("guest", True, identity=YES),
    "the bucket's policy alone": Row("guest", True, policy=(("Allow", {"AWS": GUEST}),)),
    "the bucket's policy, by the account": Row("guest", False, policy=(("Allow", {"AWS": OWN}),)),
    "the account in the policy, and identity": Row(
        "guest", True, identity=YES, policy=(("Allow", {"AWS": OWN}),)
    ),
    "the bucket's policy for somebody else": Row(
        "guest", False, policy=(("Allow", {"AWS": STRANGER}),)
    ),
    "everybody": Row("guest", True, policy=(EVERYBODY,)),
    "identity denies, policy allows": Row(
        "guest", False, identity=DENY_READ, policy=(("Allow", {"AWS": GUEST}),)
    ),
    "identity allows, policy denies": Row(
        "guest", False, identity=YES, policy=(("Deny", {"AWS": GUEST}),)
    ),
    "policy allows and denies": Row("guest", False, policy=(EVERYBODY, ("Deny", "*"))),
    "a boundary without it bounds identity": Row(
        "guest", False, identity=YES, boundary=allow("s3:PutObject")
    ),
    "a boundary without it does not bound the policy that names the user": Row(
        "guest", True, boundary=allow("s3:PutObject"), policy=(("Allow", {"AWS": GUEST}),)
    ),
    "a boundary that denies": Row(
        "guest", False, boundary=DENY_READ, policy=(("Allow", {"AWS": GUEST}),)
    ),
    "a condition that holds": Row("guest", True, policy=(("Allow", "*", SMALL_NETWORK),)),
    "root": Row("root", True),
    "root, denied by the policy": Row("root", False, policy=(("Deny", "*"),)),
    # Elsewhere, both sides have to say yes.
    "elsewhere, nothing": Row("stranger", False),
    "elsewhere, identity alone": Row("stranger", False, identity=YES),
    "elsewhere, policy alone": Row("stranger", False, policy=(("Allow", {"AWS": STRANGER}),)),
    "elsewhere, policy for everybody alone": Row("stranger", False, policy=(EVERYBODY,)),
    "elsewhere, both": Row("stranger", True, identity=YES, policy=(("Allow", {"AWS": STRANGER}),)),
    "elsewhere, both, by the account": Row(
        "stranger", True, identity=YES, policy=(("Allow", {"AWS": OTHER}),)
    ),
    "elsewhere, identity denies": Row(
        "stranger", False, identity=DENY_READ, policy=(("Allow", {"AWS": STRANGER}),)
    ),
    "elsewhere, the policy is for the bucket's account": Row(
        "stranger", False, identity=YES, policy=(("Allow", {"AWS": OWN}),)
    ),
    "elsewhere, root": Row("stranger-root", False),
    "elsewhere, root by the policy": Row(
        "stranger-root", True, policy=(("Allow", {"AWS": OTHER}),)
    ),
    # Nobody.
    "anonymous, nothing": Row("anonymous", False),
    "anonymous, everybody": Row("anonymous", True, policy=(EVERYBODY,)),
    "anonymous, the account alone": Row("anonymous", False, policy=(("Allow", {"AWS": OWN}),)),
    "anonymous, denied": Row("anonymous", False, policy=(EVERYBODY, ("Deny", "*"))),
    # Access control lists count where ownership lets them.
    "a list for everybody": Row("anonymous", True, lists=(TO_ALL,), ownership=WRITER),
    "a list, enforced away": Row("anonymous", False, lists=(TO_ALL,)),
    "a list for who signs, and nobody": Row(
        "anonymous", False, lists=(TO_SIGNED,), ownership=WRITER
    ),
    "a list for who signs, and somebody": Row(
        "stranger", True, identity=YES, lists=(TO_SIGNED,), ownership=WRITER
    ),
    "a list for another account": Row(
        "stranger", True, identity=YES, lists=(TO_OTHER,), ownership=WRITER
    ),
    "a list for another account, whose user may not": Row(
        "stranger", False, lists=(TO_OTHER,), ownership=WRITER
    ),
    "a list for another account, enforced away": Row(
        "stranger", False, identity=YES, lists=(TO_OTHER,)
    ),
    "a list allows, the policy denies": Row(
        "anonymous", False, lists=(TO_ALL,), policy=(("Deny", "*"),), ownership=WRITER
    ),
    "a list for the owner gives its users nothing": Row(
        "guest", False, lists=(TO_OWN,), ownership=WRITER
    ),
    # An object of another account: its own account decides, the bucket's can only deny.
    "another's object, identity in the bucket's account": Row(
        "guest", False, identity=YES, ownership=WRITER, owner=OTHER
    ),
    "another's object, the bucket's policy allows": Row(
        "guest", False, identity=YES, policy=(EVERYBODY,), ownership=WRITER, owner=OTHER
    ),
    "another's object, its list lets the bucket's owner": Row(
        "guest", True, identity=YES, lists=(TO_OWN,), ownership=WRITER, owner=OTHER
    ),
    "another's object, by its owner": Row(
        "stranger", True, identity=YES, ownership=WRITER, owner=OTHER
    ),
    "another's object, by its owner, whom the bucket denies": Row(
        "stranger", False, identity=YES, policy=(("Deny", "*"),), ownership=WRITER, owner=OTHER
    ),
    # Block Public Access.
    "restricted: everybody, nobody": Row(
        "anonymous", False, policy=(EVERYBODY,), blocks=("RestrictPublicBuckets",)
    ),
    "restricted by the account": Row(
        "anonymous", False, policy=(EVERYBODY,), account_blocks=("RestrictPublicBuckets",)
    ),
    "restricted: everybody, in the account": Row(
        "guest", True, policy=(EVERYBODY,), blocks=("RestrictPublicBuckets",)
    ),
    "restricted: a public policy keeps named strangers out, too": Row(
        "stranger",
        False,
        identity=YES,
        policy=(EVERYBODY, ("Allow", {"AWS": STRANGER})),
        blocks=("RestrictPublicBuckets",),
    ),
    "restricted: a policy that is not public": Row(
        "stranger",
        True,
        identity=YES,
        policy=(("Allow", {"AWS": STRANGER}),),
        blocks=("RestrictPublicBuckets",),
        account_blocks=("RestrictPublicBuckets",),
    ),
    "restricted: a network that is small is not public": Row(
        "anonymous",
        True,
        policy=(("Allow", "*", SMALL_NETWORK),),
        blocks=("RestrictPublicBuckets",),
    ),
    "restricted: every network is public": Row(
        "anonymous",
        False,
        policy=(("Allow", "*", ALL_NETWORKS),),
        blocks=("RestrictPublicBuckets",),
    ),
    "ignored: a list for everybody": Row(
        "anonymous", False, lists=(TO_ALL,), ownership=WRITER, blocks=("IgnorePublicAcls",)
    ),
    "ignored by the account: a list for who signs": Row(
        "stranger",
        False,
        identity=YES,
        lists=(TO_SIGNED,),
        ownership=WRITER,
        account_blocks=("IgnorePublicAcls",),
    ),
    "ignored: a list for one account is not public": Row(
        "stranger",
        True,
        identity=YES,
        lists=(TO_OTHER,),
        ownership=WRITER,
        blocks=("IgnorePublicAcls",),
        account_blocks=("IgnorePublicAcls",),
    ),
    "blocking what is put does not touch what is there": Row(
        "anonymous",
        True,
        policy=(EVERYBODY,),
        lists=(TO_ALL,),
        ownership=WRITER,
        blocks=("BlockPublicAcls", "BlockPublicPolicy"),
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_order(case: str, account: Account, other_account: Account) -> None:
    row = TABLE[case]
    ctx = _caller(row, account, other_account)
    _bucket(row, account)
    try:
        operations.get_object(ctx, bucket=BUCKET, key=KEY)
    except Denied:
        is_allowed = False
    else:
        is_allowed = True
    assert is_allowed == row.allowed


def _caller(row: Row, account: Account, other_account: Account) -> Context:
    if row.who == "anonymous":
        return Context(account_id="anonymous", principal=ANONYMOUS, source_ip="127.0.0.1")
    if row.who.endswith("root"):
        return ctx_for(account if row.who == "root" else other_account)
    home = account if row.who == "guest" else other_account
    bound = factories.policy(home, "bound", documents=[row.boundary]) if row.boundary else None
    user = factories.user(
        home,
        row.who,
        policies=[row.identity] if row.identity else [],
        permissions_boundary=bound.policy_arn if bound else "",
    )
    return ctx_for(user)


def _bucket(row: Row, account: Account) -> None:
    owner = ctx_for(account)
    found: Bucket = factories.bucket(account, BUCKET)
    operations.put_object(owner, bucket=BUCKET, key=KEY, body=b"hello")
    grants = [grant(grantee, permission) for grantee, permission in row.lists]
    ObjectVersion.objects.filter(bucket=found).update(grants=grants, owner_id=row.owner)
    found.policy = _policy(row)
    found.object_ownership = row.ownership
    found.public_access_block = dict.fromkeys(row.blocks, True)
    found.save()
    if row.account_blocks:
        AccountBlock.objects.create(account=account, blocks=dict.fromkeys(row.account_blocks, True))


def _policy(row: Row) -> str:
    if not row.policy:
        return ""
    statements = []
    for effect, principal, *conditions in row.policy:
        statement = {"Effect": effect, "Principal": principal, "Action": READ, "Resource": ARNS}
        statements.append(statement | ({"Condition": conditions[0]} if conditions else {}))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
