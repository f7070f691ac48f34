"""Identifiers in AWS's shapes, from the system's random source."""

import secrets

# IAM ids and access keys use base32's letters (AWS: "unique identifiers", IAM user guide).
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def resource_id(prefix: str) -> str:
    """ "i" → "i-0a1b…": the prefix and 17 hex digits."""
    return f"{prefix}-{secrets.randbits(68):017x}"


def unique_id(prefix: str) -> str:
    """ "AIDA" → 21 characters, as IAM's UserId, RoleId, GroupId, PolicyId."""
    return prefix + _base32(17)


def access_key_id(prefix: str = "AKIA") -> str:
    """20 characters. AKIA: long-term key; ASIA: temporary key."""
    return prefix + _base32(16)


def secret_access_key() -> str:
    """40 characters of base64's alphabet."""
    return secrets.token_urlsafe(30).replace("-", "+").replace("_", "/")


def account_id() -> str:
    """12 digits, never beginning with 0, which shells and spreadsheets like to drop."""
    return str(secrets.randbelow(9 * 10**11) + 10**11)


def _base32(length: int) -> str:
    return "".join(secrets.choice(BASE32) for _ in range(length))
