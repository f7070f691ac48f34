"""MFA delete: what needs a code of the root user's device beside a signature.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
"""

from aws.context import Context
from aws.identity import verify_mfa
from s3.errors import AccessDenied
from s3.rows import BucketRow


def require_code(ctx: Context, bucket: BucketRow, text: str) -> None:
    """text: x-amz-mfa, "<serial number> <code>". A code counts once. Raises AccessDenied.

    Simplified: AWS asks for HTTPS as well.
    """
    if not text:
        raise AccessDenied("Mfa Authentication must be used for this request")
    if ctx.principal.kind != "root" or ctx.principal.account_id != bucket.account_id:
        raise AccessDenied("This operation may only be performed by the bucket owner")
    serial_number, _, code = text.strip().partition(" ")
    if not verify_mfa(ctx.principal, serial_number, code.strip()):
        raise AccessDenied
