"""Block Public Access of accounts: S3 Control."""

from collections.abc import Mapping

from aws.context import Context
from aws.operation import Response, operation
from s3 import account_blocks
from s3.errors import NoSuchPublicAccessBlockConfiguration
from s3.models import AccountBlock
from s3.operations.policies import BLOCKS


@operation("s3control:PutPublicAccessBlock")
def put_account_public_access_block(
    ctx: Context,
    /,
    *,
    account_id: str,
    public_access_block_configuration: Mapping[str, bool],
) -> Response:
    """Replaces the four settings of the account; one left out is off. They hold at once.

    account_id: the caller's own.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
    """
    ctx.authorize("s3:PutAccountPublicAccessBlock", resource_account=account_id)
    wanted = {name: bool(public_access_block_configuration.get(name)) for name in BLOCKS}
    AccountBlock.objects.update_or_create(
        account_id=account_id, defaults={"blocks": wanted}, create_defaults={"blocks": wanted}
    )
    return {}


@operation("s3control:GetPublicAccessBlock")
def get_account_public_access_block(ctx: Context, /, *, account_id: str) -> Response:
    """Answers {"PublicAccessBlockConfiguration": {"BlockPublicAcls": bool, …}}.

    Raises NoSuchPublicAccessBlockConfiguration where it was never put: all four are off.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    """
    ctx.authorize("s3:GetAccountPublicAccessBlock", resource_account=account_id)
    blocks = account_blocks.of(account_id)
    if not blocks:
        raise NoSuchPublicAccessBlockConfiguration(AccountId=account_id)
    return {"PublicAccessBlockConfiguration": blocks}


@operation("s3control:DeletePublicAccessBlock")
def delete_account_public_access_block(ctx: Context, /, *, account_id: str) -> Response:
    """Turns all four off.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html
    """
    ctx.authorize("s3:PutAccountPublicAccessBlock", resource_account=account_id)
    AccountBlock.objects.filter(account_id=account_id).delete()
    return {}
