"""AWS Signature Version 4, checked: in the Authorization header and in the query (presigned).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import posixpath
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote

from aws import clock
from aws.errors import OptInRequired
from aws.identity import (
    Credentials,
    ExpiredKey,
    SuspendedAccount,
    UnknownKey,
    lookup_credentials,
)
from aws.wire import errors
from aws.wire.request import WireRequest

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
MAX_EXPIRES = timedelta(days=7)
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says about its signature, before anything is believed.

    scope: date/region/service/aws4_request. expires: of a presigned address. payload_hash: hex,
    UNSIGNED-PAYLOAD or STREAMING-…; "" where the body itself is to be hashed.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str
    moment: datetime
    session_token: str
    is_presigned: bool
    expires: timedelta | None
    payload_hash: str

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature is right. signing_key: for the chunks of a streaming body."""

    credentials: Credentials
    signature: Signature
    signing_key: bytes


def read(request: WireRequest, dialect: str) -> Signature | None:
    """The signature of a request, None when it has none. Raises the dialect's errors."""
    header = request.headers.get("authorization", "")
    if header:
        return _from_header(request, header, dialect)
    parameters = dict(request.query_parameters)
    if "X-Amz-Algorithm" in parameters or "X-Amz-Signature" in parameters:
        return _from_query(parameters, dialect)
    return None


def verify(request: WireRequest, signature: Signature, dialect: str) -> Signed:
    """Checks time, key and signature, in that order. Raises the dialect's errors."""
    _check_time(signature, dialect)
    if signature.terminator != "aws4_request" or signature.date != f"{signature.moment:%Y%m%d}":
        raise errors.INCOMPLETE[dialect](
            reason="Credential should be scoped to a valid date and aws4_request."
        )
    credentials = _find(signature, dialect)
    key = signing_key(
        credentials.secret_access_key, signature.date, signature.region, signature.service
    )
    expected = sign(key, signature, canonical_request(request, signature))
    if not hmac.compare_digest(expected, signature.signature):
        raise errors.WRONG[dialect]()
    _check_payload(request, signature)
    return Signed(credentials, signature, key)


def canonical_request(request: WireRequest, signature: Signature) -> str:
    """The text that is signed. S3 signs the path as sent; others normalize and encode again."""
    is_s3 = signature.service == "s3"
    path = request.path if is_s3 else _normalized(request.path)
    return "\n".join(
        (
            request.method,
            _s3_path(path) if is_s3 else quote(path, safe="/-_.~"),
            _canonical_query(request, signature),
            "".join(
                f"{name}:{' '.join(request.headers.get(name, '').split())}\n"
                for name in signature.signed_headers
            ),
            ";".join(signature.signed_headers),
            signature.payload_hash or hashlib.sha256(request.body).hexdigest(),
        )
    )


def sign(key: bytes, signature: Signature, canonical: str) -> str:
    text = "\n".join(
        (
            ALGORITHM,
            signature.moment.strftime("%Y%m%dT%H%M%SZ"),
            signature.scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1024)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _from_header(request: WireRequest, header: str, dialect: str) -> Signature:
    algorithm, _, rest = header.partition(" ")
    _check_algorithm(algorithm, dialect)
    fields = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        fields[name] = value
    missing = [
        name for name in ("Credential", "SignedHeaders", "Signature") if not fields.get(name)
    ]
    date = request.headers.get("x-amz-date") or request.headers.get("date", "")
    if missing or not date:
        lacks = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        needs_date = (
            ""
            if date
            else (
                " Authorization header requires existence of either a 'X-Amz-Date' or a "
                "'Date' header."
            )
        )
        raise errors.INCOMPLETE[dialect](reason=f"{lacks}{needs_date}".strip())
    return _signature(
        dialect,
        credential=fields["Credential"],
        signed_headers=fields["SignedHeaders"],
        signature=fields["Signature"],
        date=date,
        session_token=request.headers.get("x-amz-security-token", ""),
        expires=None,
        payload_hash=request.headers.get("x-amz-content-sha256", ""),
        is_presigned=False,
    )


def _from_query(parameters: dict[str, str], dialect: str) -> Signature:
    _check_algorithm(parameters.get("X-Amz-Algorithm", ""), dialect)
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")
    for name in (*names, "X-Amz-Expires") if dialect == errors.S3 else names:
        if not parameters.get(name):
            raise errors.INCOMPLETE[dialect](
                reason=f"AWS query-string parameters must include {name}."
            )
    return _signature(
        dialect,
        credential=parameters["X-Amz-Credential"],
        signed_headers=parameters["X-Amz-SignedHeaders"],
        signature=parameters["X-Amz-Signature"],
        date=parameters["X-Amz-Date"],
        session_token=parameters.get("X-Amz-Security-Token", ""),
        expires=_expires(parameters.get("X-Amz-Expires", "900"), dialect),
        payload_hash=UNSIGNED if dialect == errors.S3 else EMPTY_HASH,
        is_presigned=True,
    )


def _check_algorithm(algorithm: str, dialect: str) -> None:
    if algorithm == ALGORITHM:
        return
    if algorithm.startswith("AWS4-ECDSA"):
        raise errors.INCOMPLETE[dialect](
            reason="Signature Version 4A is not supported here; sign with AWS4-HMAC-SHA256."
        )
    raise errors.INCOMPLETE[dialect](
        reason=f"Unsupported AWS 'algorithm': '{algorithm[:50]}'. Use {ALGORITHM}."
    )


def _signature(
    dialect: str, *, credential: str, signed_headers: str, date: str, **rest: object
) -> Signature:
    parts = credential.rsplit("/", 4)
    headers = tuple(signed_headers.lower().split(";"))
    moment = _moment(date)
    if len(parts) != 5 or moment is None or list(headers) != sorted(set(headers)):
        raise errors.INCOMPLETE[dialect](
            reason="Credential must have exactly 5 slash-delimited elements, "
            "keyid/date/region/service/term, the date must be valid, and SignedHeaders sorted."
        )
    if "host" not in headers:
        raise errors.INCOMPLETE[dialect](reason="'Host' must be a 'SignedHeader'.")
    key, day, region, service, terminator = parts
    return Signature(
        access_key_id=key,
        date=day,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=headers,
        moment=moment,
        **rest,  # type: ignore[arg-type]
    )


def _moment(text: str) -> datetime | None:
    for form in ("%Y%m%dT%H%M%SZ", "%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _expires(text: str, dialect: str) -> timedelta:
    expires = timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 9 else timedelta()
    if not timedelta() < expires <= MAX_EXPIRES:
        raise errors.INCOMPLETE[dialect](
            reason="X-Amz-Expires must be between 1 and 604800 seconds."
        )
    return expires


def _check_time(signature: Signature, dialect: str) -> None:
    """Signatures live in real time, whatever an account's clock says: the client's is real."""
    now, moment = clock.real_now(), signature.moment
    end = moment + (signature.expires or SKEW)
    if moment - SKEW <= now <= end:
        return
    if dialect == errors.S3:
        raise (
            errors.S3AccessDenied("Request has expired")
            if signature.is_presigned
            else errors.RequestTimeTooSkewed()
        )
    text, reference = f"{moment:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%dT%H%M%SZ}"
    if dialect == errors.EC2:
        raise errors.EXPIRED_KEY[dialect]()
    sentence = (
        f"Signature not yet current: {text} is still later than {now + SKEW:%Y%m%dT%H%M%SZ} "
        f"({reference} + 15 min.)"
        if moment > now
        else f"Signature expired: {text} is now earlier than {now - SKEW:%Y%m%dT%H%M%SZ} "
        f"({reference} - 15 min.)"
    )
    raise errors.WRONG[dialect](sentence)


def _find(signature: Signature, dialect: str) -> Credentials:
    try:
        return lookup_credentials(signature.access_key_id, signature.session_token)
    except UnknownKey:
        raise errors.UNKNOWN_KEY[dialect]() from None
    except ExpiredKey:
        raise errors.EXPIRED_KEY[dialect]() from None
    except SuspendedAccount as suspended:
        raise OptInRequired(account_id=suspended.args[0]) from None


def _check_payload(request: WireRequest, signature: Signature) -> None:
    """A hash that the client signed has to be the body's. Streams are checked while read."""
    signed = signature.payload_hash
    if signature.is_presigned or not signed or signed == UNSIGNED or signed.startswith(STREAMING):
        return
    if signature.service == "s3":
        return  # the data plane hashes the body while it stores it
    if not hmac.compare_digest(hashlib.sha256(request.body).hexdigest(), signed.lower()):
        raise errors.XAmzContentSHA256Mismatch()


def _normalized(path: str) -> str:
    """RFC 3986: no dot segments, no doubled slashes, the trailing slash kept."""
    normal = posixpath.normpath(path) if path else "/"
    normal = "/" + normal.lstrip("/")
    return normal + "/" if path.endswith("/") and normal != "/" else normal


def _s3_path(path: str) -> str:
    """Each character encoded once, however the client did it."""
    return quote(unquote(path, errors="surrogateescape"), safe="/-_.~", errors="surrogateescape")


def _canonical_query(request: WireRequest, signature: Signature) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query_parameters
        if not (signature.is_presigned and name == "X-Amz-Signature")
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
