"""Block Public Access of whole accounts."""


def of(account_id: str) -> dict[str, bool]:
    """{"BlockPublicAcls": bool, …}; {} is all off."""
    return {}
