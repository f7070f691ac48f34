"""Block Public Access of whole accounts.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from s3.models import AccountBlock


def of(account_id: str) -> dict[str, bool]:
    """{"BlockPublicAcls": bool, …}; {} where it was never put."""
    found = AccountBlock.objects.filter(account_id=account_id).values_list("blocks", flat=True)
    blocks: dict[str, bool] = found.first() or {}
    return blocks
