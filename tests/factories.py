"""Rows for tests: plain functions with keyword overrides. They go around the operations, so that
a test of one operation does not depend on the others."""

import json
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from aws import accounts, clock, ids
from aws.arn import iam_arn
from aws.context import Context
from aws.identity import Principal
from aws.models import Account
from iam import mfa, sessions
from iam.credentials import root_principal, session_principal, user_principal
from iam.models import (
    AccessKey,
    Attachment,
    Group,
    InlinePolicy,
    LoginProfile,
    MFADevice,
    Policy,
    Role,
    User,
)
from kms import policies as key_policies
from kms.models import Key
from s3.models import Bucket, Job

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
PASSWORD = "Correct-horse-battery-9"  # noqa: S105 - of people who exist in tests only


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> str:
    """A policy document with one statement; more: Effect, Condition, …"""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def account(**overrides: Any) -> Account:
    values = {"name": "Account", "email": f"{ids.account_id()}@example.com", "password": PASSWORD}
    return accounts.create_account(**(values | overrides))


def user(
    owner: Account,
    user_name: str = "user",
    *,
    policy_arns: Iterable[str] = (),
    policies: Iterable[str] = (),
    password: str = "",
    **overrides: Any,
) -> User:
    """policy_arns: managed policies to attach. policies: inline documents."""
    row = User.objects.create(
        account=owner, user_name=user_name, user_id=ids.unique_id("AIDA"), **overrides
    )
    grant(row, policy_arns=policy_arns, policies=policies)
    if password:
        LoginProfile.objects.create(account=owner, user=row, password=make_password(password))
    return row


def group(owner: Account, group_name: str = "group", *, users: Iterable[User] = ()) -> Group:
    row = Group.objects.create(account=owner, group_name=group_name, group_id=ids.unique_id("AGPA"))
    row.users.set(users)
    return row


def role(
    owner: Account,
    role_name: str = "role",
    *,
    trust: str = "",
    policy_arns: Iterable[str] = (),
    policies: Iterable[str] = (),
    **overrides: Any,
) -> Role:
    """trust: policy document; by default the account itself may assume the role."""
    row = Role.objects.create(
        account=owner,
        role_name=role_name,
        role_id=ids.unique_id("AROA"),
        assume_role_policy_document=trust or trust_policy(f"arn:aws:iam::{owner.pk}:root"),
        **overrides,
    )
    grant(row, policy_arns=policy_arns, policies=policies)
    return row


def policy(
    owner: Account, policy_name: str = "policy", *, documents: Iterable[str] = (), **overrides: Any
) -> Policy:
    """A customer managed policy. documents: its versions, the last one is the default."""
    texts = list(documents) or [allow("s3:GetObject")]
    row = Policy.objects.create(
        account=owner,
        policy_name=policy_name,
        policy_id=ids.unique_id("ANPA"),
        policy_arn=iam_arn(owner.pk, f"policy/{policy_name}"),
        last_version=len(texts),
        **overrides,
    )
    for number, text in enumerate(texts, start=1):
        row.versions.create(number=number, document=text, is_default=number == len(texts))
    return row


def bucket(owner: Account, name: str = "samples", **overrides: Any) -> Bucket:
    values = {"bucket_region": "ap-northeast-2", "created_at": owner.now}
    return Bucket.objects.create(account=owner, name=name, **(values | overrides))


def s3_job(who: User, **overrides: Any) -> Job:
    """A job of the S3 console that has ended."""
    values = {"kind": "size", "bucket": "samples", "state": Job.State.COMPLETE}
    caller = {"arn": principal_of(who).arn}
    return Job.objects.create(account=who.account, caller=caller, **(values | overrides))


def kms_key(owner: Account, key_id: str = "", **overrides: Any) -> Key:
    """A symmetric key under the default policy, without key material."""
    values = {
        "region": "ap-northeast-2",
        "state": Key.ENABLED,
        "key_spec": "SYMMETRIC_DEFAULT",
        "key_usage": "ENCRYPT_DECRYPT",
        "policy": key_policies.default(owner.pk),
        "created_at": owner.now,
    }
    key_id = key_id or str(uuid.uuid4())
    return Key.objects.create(account=owner, key_id=key_id, **(values | overrides))


def trust_policy(principal: str, **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def grant(
    owner: User | Group | Role, *, policy_arns: Iterable[str] = (), policies: Iterable[str] = ()
) -> None:
    kind = {User: "user", Group: "group", Role: "role"}[type(owner)]
    for arn in policy_arns:
        Attachment.objects.create(account=owner.account, policy_arn=arn, **{kind: owner})
    for number, document in enumerate(policies, start=1):
        InlinePolicy.objects.create(
            account=owner.account,
            policy_name=f"inline-{number}",
            document=document,
            **{kind: owner},
        )


def access_key(owner: User | Account, **overrides: Any) -> tuple[str, str]:
    """(access key id, secret access key) of a user, or of an account's root."""
    secret = ids.secret_access_key()
    user = owner if isinstance(owner, User) else None
    key = AccessKey(
        account_id=owner.account_id,
        user=user,
        access_key_id=ids.access_key_id(),
        **overrides,
    )
    key.set_secret(secret)
    key.save()
    return key.access_key_id, secret


def mfa_device(owner: User | Account, *, seed: bytes = b"", **overrides: Any) -> MFADevice:
    """An enabled authenticator app of a user, or of an account's root."""
    is_user = isinstance(owner, User)
    account_id, name = owner.account_id, overrides.pop("name", ids.unique_id("device"))
    values: dict[str, Any] = {
        "account_id": account_id,
        "name": name,
        "serial_number": iam_arn(account_id, f"mfa/{name}"),
        "user": owner if is_user else None,
        "is_root": not is_user,
        "enabled_at": clock.real_now(),
    }
    device = MFADevice(**(values | overrides))
    device.set_seed(seed or mfa.new_seed())
    device.save()
    return device


def principal_of(who: User | Role | Account) -> Principal:
    if isinstance(who, Account):
        return root_principal(who.account_id)
    if isinstance(who, Role):
        return session_principal(session(who, kind="assumed-role", session_name="session"))[0]
    return user_principal(
        who.account_id, who.pk, who.user_name, who.user_id, who.path, dict(who.tags)
    )


def ctx_for(who: User | Role | Account | Principal, **overrides: Any) -> Context:
    """The context of an API call by a user, role session, root, or a given principal."""
    principal = who if isinstance(who, Principal) else principal_of(who)
    owner = Account.objects.get(pk=principal.account_id)
    values: dict[str, Any] = {
        "account_id": principal.account_id,
        "principal": principal,
        "source_ip": "127.0.0.1",
        "user_agent": "tests",
        "clock_offset": owner.clock_offset,
    }
    return Context(**(values | overrides))


def session(who: User | Role | Account, **overrides: Any) -> sessions.Session:
    """A console or GetSessionToken session."""
    owner = who if isinstance(who, Account) else who.account
    now = clock.now(owner.clock_offset)
    values: dict[str, Any] = {
        "kind": "root" if isinstance(who, Account) else "user",
        "account_id": owner.account_id,
        "entity_pk": None if isinstance(who, Account) else who.pk,
        "session_name": "",
        "issued_at": now,
        "expires_at": now + timedelta(hours=12),
        "machine_issued_at": clock.real_now(),
    }
    return sessions.start(**(values | overrides))


def console_session(client: Client, who: User | Account, **overrides: Any) -> None:
    """Signs a test browser in, as the sign-in page would."""
    from console.sessions import remember

    store = client.session
    remember(store, session(who, **overrides))
    store.save()
    client.cookies["groundschool-session"] = store.session_key or ""
