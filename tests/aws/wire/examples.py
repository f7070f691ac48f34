"""AWS's published examples of signatures, and requests as the wire sees them.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import io
from datetime import UTC, datetime
from typing import Any

from aws.identity import Credentials, Principal, UnknownKey
from aws.wire.request import WireRequest
from aws.wire.sigv4 import EMPTY_HASH

S3_KEY, S3_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
IAM_KEY, IAM_SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
S3_MOMENT = datetime(2013, 5, 24, tzinfo=UTC)
IAM_MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
S3_CREDENTIAL = f"{S3_KEY}/20130524/us-east-1/s3/aws4_request"
HOST = "examplebucket.s3.amazonaws.com"
CHUNK_HOST = "s3.amazonaws.com"
CHUNK_PATH = "/examplebucket/chunkObject.txt"
PIECES = [b"a" * 65_536, b"a" * 1024, b""]


def lookup(access_key_id: str, session_token: str = "") -> Credentials:
    """For settings.AWS_CREDENTIALS."""
    secrets = {S3_KEY: S3_SECRET, IAM_KEY: IAM_SECRET}
    if access_key_id not in secrets:
        raise UnknownKey
    root = Principal(kind="root", account_id="1" * 12, arn="arn", user_id="1" * 12, name="root")
    return Credentials(
        access_key_id=access_key_id, secret_access_key=secrets[access_key_id], principal=root
    )


def request(
    method: str = "GET", address: str = "/", body: bytes = b"", **headers: str
) -> WireRequest:
    """headers: x_amz_date="…" is X-Amz-Date."""
    path, _, query = address.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        named.setdefault("content-length", str(len(body)))
    return WireRequest(method, path, query, named, io.BytesIO(body))


def s3_request(
    method: str,
    address: str,
    signature: str,
    *,
    signed: str,
    credential: str = S3_CREDENTIAL,
    **headers: str,
) -> WireRequest:
    """signed: names beside host, x-amz-content-sha256 and x-amz-date, which every example has."""
    values: dict[str, Any] = {
        "host": HOST,
        "x_amz_date": "20130524T000000Z",
        "x_amz_content_sha256": EMPTY_HASH,
        **headers,
    }
    names = sorted({"host", "x-amz-content-sha256", "x-amz-date", *signed.split()})
    values["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={';'.join(names)},"
        f"Signature={signature}"
    )
    return request(method, address, **values)


GET_OBJECT = s3_request(
    "GET",
    "/test.txt",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    signed="range",
    range="bytes=0-9",
)
PUT_OBJECT = s3_request(
    "PUT",
    "/test%24file.text",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    signed="date x-amz-storage-class",
    date="Fri, 24 May 2013 00:00:00 GMT",
    x_amz_storage_class="REDUCED_REDUNDANCY",
    x_amz_content_sha256="44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
)
GET_LIFECYCLE = s3_request(
    "GET",
    "/?lifecycle",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    signed="",
)
LIST_OBJECTS = s3_request(
    "GET",
    "/?max-keys=2&prefix=J",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    signed="",
)
PRESIGNED = request(
    "GET",
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    host=HOST,
)
CHUNKED = s3_request(
    "PUT",
    CHUNK_PATH,
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    signed="content-encoding content-length x-amz-decoded-content-length x-amz-storage-class",
    host=CHUNK_HOST,
    content_encoding="aws-chunked",
    content_length="66824",
    x_amz_content_sha256="STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    x_amz_decoded_content_length="66560",
    x_amz_storage_class="REDUCED_REDUNDANCY",
)
CHUNK_SIGNATURES = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
WITH_TRAILER = s3_request(
    "PUT",
    CHUNK_PATH,
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    signed="content-encoding x-amz-decoded-content-length x-amz-storage-class x-amz-trailer",
    host=CHUNK_HOST,
    content_encoding="aws-chunked",
    x_amz_content_sha256="STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    x_amz_decoded_content_length="66560",
    x_amz_storage_class="REDUCED_REDUNDANCY",
    x_amz_trailer="x-amz-checksum-crc32c",
)
TRAILER_CHUNK_SIGNATURES = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
LIST_USERS = request(
    "GET",
    "/?Action=ListUsers&Version=2010-05-08",
    host="iam.amazonaws.com",
    content_type="application/x-www-form-urlencoded; charset=utf-8",
    x_amz_date="20150830T123600Z",
    authorization="AWS4-HMAC-SHA256 "
    "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date, "
    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
)


def chunks(signatures: list[str], trailers: str = "\r\n") -> bytes:
    """The body of an example, without a signature where the list is empty."""
    marks = [f";chunk-signature={text}" for text in signatures] or [""] * len(PIECES)
    body = b""
    for piece, mark in zip(PIECES, marks, strict=True):
        body += f"{len(piece):x}{mark}\r\n".encode() + piece + (b"\r\n" if piece else b"")
    return body + trailers.encode()
