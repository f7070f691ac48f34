"""AWS managed policies: read-only documents with AWS's own ARNs, the same for every account."""


def document(policy_arn: str) -> str | None:
    """The JSON text of an AWS managed policy, or None when it is not one (that the lab has)."""
    return None
