"""The rules that a new password breaks, in the reader's language."""

from django.utils.translation import gettext as _

from aws.models import Account
from iam import passwords
from iam.errors import PasswordPolicyViolation
from iam.models import PasswordPolicy


def broken(error: PasswordPolicyViolation, policy: PasswordPolicy | None = None) -> list[str]:
    """A sentence for each rule that the error names. policy: None where AWS's default rules."""
    length = policy.minimum_password_length if policy else passwords.DEFAULT_MINIMUM_LENGTH
    sentences = {
        "length": _("The password is too short. Characters it needs at least: %(count)s")
        % {"count": length},
        "classes": _(
            "Use at least three of these: uppercase letters, lowercase letters, numbers, symbols."
        ),
        "name": _("The password must not be the name or the e-mail address of the account."),
        "uppercase": _("The password needs an uppercase letter (A-Z)."),
        "lowercase": _("The password needs a lowercase letter (a-z)."),
        "numbers": _("The password needs a number (0-9)."),
        "symbols": _("The password needs one of these symbols: %(symbols)s")
        % {"symbols": passwords.SYMBOLS},
        "reuse": _("This password was used before. Choose another one."),
    }
    return [sentences[rule] for rule in error.fields["rules"]]


def broken_by_root(password: str, *, name: str, email: str) -> list[str]:
    """Empty for a password that root may have."""
    try:
        passwords.check_root(password, name=name, email=email)
    except PasswordPolicyViolation as error:
        return broken(error)
    return []


def set_root_password(account: Account, password: str) -> list[str]:
    """Sets it unless it breaks a rule; answers what `broken_by_root` does."""
    if sentences := broken_by_root(password, name=account.name, email=account.email):
        return sentences
    passwords.set_root_password(account, password)
    return []


def as_aws(policy: PasswordPolicy | None) -> dict[str, int | bool] | None:
    """AWS's PasswordPolicy as far as a person who types a password needs it."""
    if policy is None:
        return None
    return {
        "MinimumPasswordLength": policy.minimum_password_length,
        "RequireUppercaseCharacters": policy.require_uppercase_characters,
        "RequireLowercaseCharacters": policy.require_lowercase_characters,
        "RequireNumbers": policy.require_numbers,
        "RequireSymbols": policy.require_symbols,
        "PasswordReusePrevention": policy.password_reuse_prevention or 0,
    }
