"""Bucket policies to begin with.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from s3.names import bucket_arn

Statement = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """statement: of a bucket's ARN and its account's id."""

    name: str
    title: Promise
    about: Promise
    statement: Callable[[str, str], Statement]

    def document(self, bucket: str, account_id: str) -> str:
        statement = self.statement(bucket_arn(bucket), account_id)
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _public_read(arn: str, _account: str) -> Statement:
    return {
        "Sid": "PublicReadGetObject",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
    }


def _another_account(arn: str, account: str) -> Statement:
    return {
        "Sid": "AnotherAccountReads",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [arn, f"{arn}/*"],
    }


def _address(arn: str, _account: str) -> Statement:
    return {
        "Sid": "OnlyFromHere",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "127.0.0.0/8"]}},
    }


def _secure(arn: str, _account: str) -> Statement:
    return {
        "Sid": "OnlyOverTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _encrypted(arn: str, _account: str) -> Statement:
    return {
        "Sid": "OnlyWithKMS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{arn}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }


EXAMPLES = {
    example.name: example
    for example in (
        Example(
            "public-read",
            _("Everybody reads the objects"),
            _("For static websites. Block Public Access has to be off for the bucket."),
            _public_read,
        ),
        Example(
            "another-account",
            _("Another account lists and reads"),
            _("Put the other account's ID in. Its users need a policy of their own as well."),
            _another_account,
        ),
        Example(
            "addresses",
            _("Only from certain addresses"),
            _("Denies everybody, you too, from anywhere else: put your own network in first."),
            _address,
        ),
        Example(
            "tls",
            _("Only over HTTPS"),
            _("Denies requests without TLS. A lab without TLS is locked out by it."),
            _secure,
        ),
        Example(
            "kms",
            _("Only objects encrypted with KMS"),
            _("Denies uploads that do not ask for SSE-KMS."),
            _encrypted,
        ),
    )
}
