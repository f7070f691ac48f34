"""Which operation a request means: by method, host, path, query and a header or two.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings

from aws.services import SERVICES
from aws.wire.request import WireRequest
from s3.errors import InvalidURI, MethodNotAllowed

SERVICE, BUCKET, OBJECT = 0, 1, 2
# Older names of the same requests, and requests that are told apart below.
_OTHERS = {
    "GetBucketLifecycle",
    "PutBucketLifecycle",
    "GetBucketNotification",
    "PutBucketNotification",
    "ListDirectoryBuckets",
    "WriteGetObjectResponse",
    "UploadPart",
    "UploadPartCopy",
    "CopyObject",
    "ListParts",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "ListObjectAnnotations",
}
_BY_UPLOAD = {
    "GET": "ListParts",
    "PUT": "UploadPart",
    "POST": "CompleteMultipartUpload",
    "DELETE": "AbortMultipartUpload",
}
POST_OBJECT = "PostObject"
PREFLIGHT = "Preflight"
EXPORT = "Export"
# Of no AWS operation, see `s3.wire.export`.
EXPORT_PARAMETER = "groundschool-export"


@dataclass(frozen=True, slots=True)
class Route:
    """operation: AWS's name, or one of the three above. bucket, key: "" for none.

    is_by_host: the bucket stood in the host's name.
    """

    operation: str
    bucket: str
    key: str
    is_by_host: bool = False


def resolve(request: WireRequest, query: Mapping[str, str]) -> Route:
    """Raises InvalidURI, MethodNotAllowed."""
    bucket, key, is_by_host = _names(request)
    level = OBJECT if key else BUCKET if bucket else SERVICE
    return Route(_operation(request, query, level), bucket, key, is_by_host)


def _names(request: WireRequest) -> tuple[str, str, bool]:
    try:
        path = unquote_to_bytes(request.path).decode().removeprefix("/")
    except UnicodeDecodeError:
        raise InvalidURI(URI=request.path) from None
    if "\x00" in path:
        raise InvalidURI(URI=request.path)
    bucket = bucket_of_host(request.headers.get("host", ""))
    if bucket:
        return bucket, path, True
    bucket, _, key = path.partition("/")
    return bucket, key, False


@lru_cache(maxsize=4096)
def bucket_of_host(host: str) -> str:
    """ "name" of name.s3.ap-northeast-2.localhost:4566 and name.localhost; else "".

    "point-111122223333" of point-111122223333.s3-accesspoint.ap-northeast-2.localhost.
    """
    if host.partition(":")[0].lower() in _lab_hosts():
        return ""
    domain = re.escape(settings.LAB_DOMAIN.lower())
    match = re.fullmatch(
        r"(?P<bucket>(?!s3[.-]|s3$)[a-z0-9][a-z0-9.-]*?)"
        rf"(?:\.s3(?:-accesspoint\.[a-z0-9-]+|[.-][a-z0-9-]+)?)?\.{domain}",
        host.partition(":")[0].lower(),
    )
    return match["bucket"] if match else ""


def is_shared_host(host: str) -> bool:
    """Whether pages of several buckets come from this host, or the console's."""
    return not bucket_of_host(host)


def _lab_hosts() -> set[str | None]:
    """Names that are no bucket's, though they may look like it: api.school.example."""
    addresses = (settings.LAB_CONSOLE_URL, settings.LAB_API_URL, settings.LAB_PUBLIC_URL)
    return {urlsplit(address).hostname for address in addresses}


def _operation(request: WireRequest, query: Mapping[str, str], level: int) -> str:
    method = request.method
    if method == "OPTIONS" and level:
        return PREFLIGHT
    if level == OBJECT:
        found = _of_object(request, query)
        if found:
            return found
    if level == BUCKET and method == "POST" and request.content_type == "multipart/form-data":
        return POST_OBJECT
    if level == BUCKET and method == "GET" and EXPORT_PARAMETER in query:
        return EXPORT
    plain, by_subresource = _table().get((method, level), ("", {}))
    for name in query:
        if name in by_subresource:
            return _with_id(by_subresource[name], query)
    if not plain:
        raise MethodNotAllowed(Method=method, ResourceType=("SERVICE", "BUCKET", "OBJECT")[level])
    return plain


def _of_object(request: WireRequest, query: Mapping[str, str]) -> str:
    is_copy = "x-amz-copy-source" in request.headers
    if "uploadId" in query and request.method in _BY_UPLOAD:
        found = _BY_UPLOAD[request.method]
        return "UploadPartCopy" if found == "UploadPart" and is_copy else found
    return "CopyObject" if is_copy and request.method == "PUT" and not _is_sub(query) else ""


def _is_sub(query: Mapping[str, str]) -> bool:
    return any(name in _table()["PUT", OBJECT][1] for name in query)


def _with_id(name: str, query: Mapping[str, str]) -> str:
    """Get…Configuration with an id lists without one."""
    if "id" not in query and f"List{name[3:]}s" in SERVICES["s3"].service_model.operation_names:
        return f"List{name[3:]}s"
    return name


@cache
def _table() -> dict[tuple[str, int], tuple[str, dict[str, str]]]:
    """(method, level) → (operation without a subresource, {subresource: operation})."""
    table: dict[tuple[str, int], tuple[str, dict[str, str]]] = {}
    service = SERVICES["s3"].service_model
    for name in service.operation_names:
        if name in _OTHERS or (name.startswith("List") and name.endswith("Configurations")):
            continue
        http = service.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        level = OBJECT if "{Key+}" in path else BUCKET if "{Bucket}" in path else SERVICE
        plain, by_subresource = table.get((http["method"], level), ("", {}))
        subresource = query.partition("&")[0].partition("=")[0]
        if subresource:
            by_subresource[subresource] = name
        else:
            plain = name
        table[http["method"], level] = plain, by_subresource
    return table
