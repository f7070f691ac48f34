"""Console passwords: the account's rules, who signs in with which, and when one has to change.

Times are the account's, so that a fast-forwarded clock expires passwords.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

import secrets
import string
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import salted_hmac

from aws.context import Context
from aws.models import Account
from iam.attempts import Attempts
from iam.errors import (
    InvalidUserType,
    LimitExceeded,
    PasswordPolicyViolation,
    WrongOldPassword,
)
from iam.models import LoginProfile, PasswordPolicy, UsedPassword, User

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
DEFAULT_MINIMUM_LENGTH = 8
DEFAULT_CLASSES = 3
MAX_REMEMBERED = 24
GENERATED_LENGTH = 16
# Own password changes: a stolen session or key must not try the old password for ever.
CHANGES = Attempts("password-change", limit=10, seconds=300)
_CLASSES = {
    "uppercase": (string.ascii_uppercase, "one uppercase letter"),
    "lowercase": (string.ascii_lowercase, "one lowercase letter"),
    "numbers": (string.digits, "one number"),
    "symbols": (SYMBOLS, f"one of the following symbols: {SYMBOLS}"),
}


def policy_of(account_id: str) -> PasswordPolicy | None:
    """The account's own policy, or None where AWS's default rules."""
    return PasswordPolicy.objects.filter(account_id=account_id).first()


# --- The rules ----------------------------------------------------------------------------------
def check(password: str, policy: PasswordPolicy | None, *, name: str = "", email: str = "") -> None:
    """Raises PasswordPolicyViolation with a sentence for each rule that the password breaks.

    name, email: the account's, which AWS's default policy forbids as a password. The error's
    `fields["rules"]` lists the rules as words: "length", "classes", "name", or a character class.
    """
    broken = dict(_broken_rules(password, policy, {name.lower(), email.lower()} - {""}))
    if broken:
        sentences = [PasswordPolicyViolation.message, *broken.values()]
        raise PasswordPolicyViolation(" ".join(sentences), rules=list(broken))


def check_root(password: str, *, name: str, email: str) -> None:
    """Root's password always follows AWS's default policy. Raises PasswordPolicyViolation."""
    check(password, None, name=name, email=email)


def _broken_rules(
    password: str, policy: PasswordPolicy | None, forbidden: set[str]
) -> Iterator[tuple[str, str]]:
    minimum = policy.minimum_password_length if policy else DEFAULT_MINIMUM_LENGTH
    if len(password) < minimum:
        yield "length", f"Password should have a minimum length of {minimum}."
    missing = [name for name, (letters, _) in _CLASSES.items() if not set(password) & set(letters)]
    if policy is None:
        if len(_CLASSES) - len(missing) < DEFAULT_CLASSES:
            yield (
                "classes",
                "Password should have at least three of: uppercase letters, lowercase letters, "
                f"numbers, and the symbols {SYMBOLS}.",
            )
        if password.lower() in forbidden:
            yield "name", "Password should not be the name or the e-mail address of the account."
        return
    required = {
        "uppercase": policy.require_uppercase_characters,
        "lowercase": policy.require_lowercase_characters,
        "numbers": policy.require_numbers,
        "symbols": policy.require_symbols,
    }
    for name in missing:
        if required[name]:
            yield name, f"Password should have at least {_CLASSES[name][1]}."


def generate(policy: PasswordPolicy | None = None) -> str:
    """A random password that the policy takes: one of every class, and long enough."""
    length = max(GENERATED_LENGTH, policy.minimum_password_length if policy else 0)
    classes = [letters for letters, _ in _CLASSES.values()]
    letters = [secrets.choice(characters) for characters in classes]
    letters += [secrets.choice("".join(classes)) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


# --- Setting one --------------------------------------------------------------------------------
def set_password(profile: LoginProfile, password: str, *, now: datetime, must_change: bool) -> None:
    """Saves a new or known login profile with a password that the account's policy takes.

    must_change: the user has to choose another one at the next sign-in. Raises
    PasswordPolicyViolation.
    """
    user, account = profile.user, profile.account
    policy = policy_of(account.account_id)
    check(password, policy, name=account.name, email=account.email)
    _check_reuse(user, password, policy)
    profile.password = make_password(password)
    profile.last_changed, profile.password_reset_required = now, must_change
    changed = ["password", "last_changed", "password_reset_required"]
    profile.save(update_fields=None if profile.pk is None else changed)
    _remember(user, password, now)


def _check_reuse(user: User, password: str, policy: PasswordPolicy | None) -> None:
    remembered = policy.password_reuse_prevention if policy else None
    if not remembered:
        return
    fresh = _fingerprint(user, password)
    used = user.used_passwords.order_by("-created_at", "-pk")[:remembered]
    for known in used.values_list("password", flat=True):
        # After a change of the hasher's own settings an old fingerprint has to be made again.
        is_comparable = known.split("$")[:2] == fresh.split("$")[:2]
        if known == fresh or (not is_comparable and check_password(password, known)):
            raise PasswordPolicyViolation(
                "Policy constraint violation with password reuse prevention during password "
                f"change: the last {remembered} passwords cannot be used again.",
                rules=["reuse"],
            )


def _remember(user: User, password: str, now: datetime) -> None:
    UsedPassword.objects.create(
        account_id=user.account_id,
        user=user,
        password=_fingerprint(user, password),
        created_at=now,
    )
    kept = user.used_passwords.order_by("-created_at", "-pk")[:MAX_REMEMBERED]
    user.used_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def _fingerprint(user: User, password: str) -> str:
    """A hash with a salt of the user's own, so that one slow hash is held against all 24."""
    return make_password(password, salt=salted_hmac("iam.used-password", user.user_id).hexdigest())


# --- Signing in ---------------------------------------------------------------------------------
def authenticate(account: Account | None, user_name: str, password: str) -> LoginProfile | None:
    """The login profile of an IAM user, if the password is right.

    An unknown account, user or password takes as long as a wrong password and answers the same.
    The caller still asks for MFA, `is_hard_expired` and `must_change`, then notes the sign-in.
    """
    profile = None
    if account is not None:
        profiles = LoginProfile.objects.filter(account=account, user__user_name=user_name)
        profile = profiles.select_related("user", "account").first()
    is_right = _matches(password, profile.password if profile else "")
    return profile if is_right else None


def authenticate_root(email: str, password: str) -> Account | None:
    """The account whose root has this e-mail address and password; as slow for an unknown one."""
    account = Account.objects.filter(email__iexact=email).first()
    is_right = _matches(password, account.password if account else "")
    return account if is_right else None


def _matches(password: str, encoded: str) -> bool:
    if not encoded:
        make_password(password)
        return False
    return check_password(password, encoded)


def note_sign_in(holder: LoginProfile | Account) -> None:
    """After every factor was right: "password last used", for root in the account's row."""
    if isinstance(holder, Account):
        Account.objects.filter(pk=holder.pk).update(password_last_used=holder.now)
    else:
        LoginProfile.objects.filter(pk=holder.pk).update(last_used=holder.account.now)


# --- Expiry ------------------------------------------------------------------------------------
def expires_at(profile: LoginProfile, policy: PasswordPolicy | None) -> datetime | None:
    """When the password expires, in account time; None for never."""
    if policy is None or not policy.max_password_age:
        return None
    return profile.last_changed + timedelta(days=policy.max_password_age)


def is_expired(profile: LoginProfile, policy: PasswordPolicy | None, now: datetime) -> bool:
    expiry = expires_at(profile, policy)
    return expiry is not None and expiry <= now


def must_change(profile: LoginProfile, policy: PasswordPolicy | None, now: datetime) -> bool:
    """Whether sign-in leads to the page that asks for a new password first."""
    return profile.password_reset_required or is_expired(profile, policy, now)


def is_hard_expired(profile: LoginProfile, policy: PasswordPolicy | None, now: datetime) -> bool:
    """Whether an administrator has to reset the password before its user can sign in again."""
    return policy is not None and policy.hard_expiry and is_expired(profile, policy, now)


# --- Root ----------------------------------------------------------------------------------------
def change_root_password(ctx: Context, /, *, old_password: str, new_password: str) -> None:
    """The root user's own password; no API of AWS's changes it.

    Raises InvalidUserType for anyone else, WrongOldPassword, PasswordPolicyViolation.
    """
    if ctx.principal.kind != "root":
        raise InvalidUserType("Only the root user can change the root user's password")
    account = Account.objects.get(pk=ctx.account_id)
    require_old_password(ctx, old_password, account.password)
    check_root(new_password, name=account.name, email=account.email)
    set_root_password(account, new_password)


def set_root_password(account: Account, password: str) -> None:
    """For who has shown to be root, or may act for it. `check_root` comes first."""
    account.password = make_password(password)
    account.password_last_changed = account.now
    account.save(update_fields=["password", "password_last_changed"])


def require_old_password(ctx: Context, password: str, encoded: str) -> None:
    """Raises WrongOldPassword; after ten wrong ones in five minutes, LimitExceeded."""
    if not CHANGES.take(ctx.principal.arn):
        raise LimitExceeded("Too many wrong passwords. Try again in a few minutes.")
    if not _matches(password, encoded):
        raise WrongOldPassword
    CHANGES.forget(ctx.principal.arn)
