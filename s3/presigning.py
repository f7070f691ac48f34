"""Presigned URLs and upload forms for the console's principal.

A console session has no access key, so its own session signs under one that nobody ever sees. What
is signed may be used by whoever has it, until it expires; whether it may be done is asked at each
use, so that it dies with the principal, or with the permission.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings

from aws import clock
from aws.context import Context
from aws.identity import issue_credentials
from aws.wire.sigv4 import ALGORITHM, DATE_FORM, signing_key
from s3 import rows

# AWS's console shares for no longer, and its uploads of 160 GB take their time.
MAX_LIFETIME = timedelta(hours=12)
# Of what the browser follows at once: downloads and previews.
AT_ONCE = timedelta(minutes=5)


class Signer:
    """Signs requests to one bucket, all by the same credentials.

    lifetime: of each signature, at most MAX_LIFETIME; of a role no longer than its session.
    """

    def __init__(self, ctx: Context, bucket: str, lifetime: timedelta = AT_ONCE) -> None:
        self.lifetime = min(lifetime, MAX_LIFETIME)
        issued = issue_credentials(ctx.principal, self.lifetime)
        self._credentials = Credentials(
            issued.access_key_id, issued.secret_access_key, issued.session_token
        )
        found = rows.find_bucket(bucket)
        self._region = found.bucket_region if found else ctx.region
        self._bucket = bucket

    def url(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """headers: those that the request has to carry, as they are here."""
        address = object_url(self._bucket, key)
        if query:
            address += f"?{urlencode(query, quote_via=quote)}"
        request = AWSRequest(method, address, headers=dict(headers or {}))
        seconds = int(self.lifetime.total_seconds())
        S3SigV4QueryAuth(self._credentials, "s3", self._region, expires=seconds).add_auth(request)
        signed: str = request.url
        return signed

    def form(self, prefix: str, redirect_url: str) -> dict[str, str]:
        """The fields of an HTML form that uploads one file under a prefix.

        redirect_url: of the page that the browser goes to when the file is stored.
        AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
        """
        now = clock.real_now()
        day = now.strftime("%Y%m%d")
        fields = {
            "key": prefix + "${filename}",
            "success_action_redirect": redirect_url,
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": (
                f"{self._credentials.access_key}/{day}/{self._region}/s3/aws4_request"
            ),
            "x-amz-date": now.strftime(DATE_FORM),
            "x-amz-security-token": self._credentials.token,
        }
        conditions: list[Any] = [{"bucket": self._bucket}, ["starts-with", "$key", prefix]]
        conditions += [{name: value} for name, value in fields.items() if name != "key"]
        expiration = (now + self.lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
        policy = json.dumps({"expiration": expiration, "conditions": conditions})
        encoded = base64.b64encode(policy.encode()).decode()
        key = signing_key(self._credentials.secret_key, day, self._region, "s3")
        signature = hmac.new(key, encoded.encode(), hashlib.sha256).hexdigest()
        return {**fields, "policy": encoded, "x-amz-signature": signature}


def bucket_url(bucket: str) -> str:
    return f"{settings.LAB_API_URL.rstrip('/')}/{bucket}"


def object_url(bucket: str, key: str) -> str:
    """Path style: a browser finds it where names under LAB_DOMAIN do not resolve."""
    return f"{bucket_url(bucket)}/{quote(key, safe='/-_.~')}"
