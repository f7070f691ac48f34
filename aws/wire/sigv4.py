"""AWS Signature Version 4, checked: in the Authorization header and in the query (presigned).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote

from aws import clock
from aws.errors import AwsError, OptInRequired
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
# Access key id and session token → credentials.
Lookup = Callable[[str, str], Credentials]
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
DATE_FORM = "%Y%m%dT%H%M%SZ"
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
# Paths that are written in only one way.
_PLAIN_PATH = re.compile(r"[\w/.~-]*", re.ASCII)
_ACCESS_KEY_ID = re.compile(r"\w{1,128}", re.ASCII)
# S3 takes the payload's hash for signed either way: it is a line of the canonical request.
_NEED_NOT_BE_SIGNED = {"x-amz-content-sha256"}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says about its signature, before anything is believed.

    scope: date/region/service/aws4_request. expires: of a presigned address. payload_hash: S3's,
    which checks it while it reads the body: hex, UNSIGNED-PAYLOAD or STREAMING-…; "" elsewhere,
    where the body itself is hashed.
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
    parameters = dict(request.query_parameters)
    is_presigned = "X-Amz-Algorithm" in parameters or "X-Amz-Signature" in parameters
    if header and is_presigned and dialect == errors.S3:
        raise errors.OneMechanismOnly
    if header:
        return _from_header(request, header, dialect)
    return _from_query(parameters, dialect) if is_presigned else None


def verify(
    request: WireRequest, signature: Signature, dialect: str, lookup: Lookup = lookup_credentials
) -> Signed:
    """Checks time, key and signature, in that order. Raises the dialect's errors."""
    _check_headers(request, signature, dialect)
    _check_time(signature, dialect)
    _check_scope(signature, dialect)
    credentials = _find(signature, dialect, lookup)
    key = signing_key(
        credentials.secret_access_key, signature.date, signature.region, signature.service
    )
    canonical = canonical_request(request, signature)
    expected = sign(key, ALGORITHM, signature, _sha256(canonical))
    if not hmac.compare_digest(expected.encode(), signature.signature.encode()):
        raise _wrong(dialect, signature, canonical)
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
                f"{name}:{_header_value(request.headers.get(name, ''))}\n"
                for name in signature.signed_headers
            ),
            ";".join(signature.signed_headers),
            signature.payload_hash or hashlib.sha256(request.body).hexdigest(),
        )
    )


def sign(key: bytes, algorithm: str, signature: Signature, *lines: str) -> str:
    """lines: what follows the scope in the string to sign."""
    text = _string_to_sign(algorithm, signature, *lines)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _string_to_sign(algorithm: str, signature: Signature, *lines: str) -> str:
    return "\n".join((algorithm, _stamp(signature.moment), signature.scope, *lines))


def _stamp(moment: datetime) -> str:
    """DATE_FORM, at a third of strftime's cost."""
    return (
        f"{moment.year:04}{moment.month:02}{moment.day:02}"
        f"T{moment.hour:02}{moment.minute:02}{moment.second:02}Z"
    )


def _sha256(canonical: str) -> str:
    return hashlib.sha256(canonical.encode(errors="surrogateescape")).hexdigest()


@lru_cache(maxsize=1024)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _from_header(request: WireRequest, header: str, dialect: str) -> Signature:
    algorithm, _, rest = header.partition(" ")
    _check_algorithm(algorithm, dialect, is_presigned=False)
    fields: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        # Given twice it is none: the service was found by one of them.
        fields[name] = value if name not in fields else ""
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
        payload_hash=(
            request.headers.get("x-amz-content-sha256", "") if dialect == errors.S3 else ""
        ),
        is_presigned=False,
    )


def _from_query(parameters: dict[str, str], dialect: str) -> Signature:
    _check_algorithm(parameters.get("X-Amz-Algorithm", ""), dialect, is_presigned=True)
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")
    for name in (*names, "X-Amz-Expires") if dialect == errors.S3 else names:
        if not parameters.get(name):
            raise _incomplete(dialect, True, f"AWS query-string parameters must include {name}.")
    return _signature(
        dialect,
        credential=parameters["X-Amz-Credential"],
        signed_headers=parameters["X-Amz-SignedHeaders"],
        signature=parameters["X-Amz-Signature"],
        date=parameters["X-Amz-Date"],
        session_token=parameters.get("X-Amz-Security-Token", ""),
        expires=_expires(parameters.get("X-Amz-Expires", "900"), dialect),
        payload_hash=UNSIGNED if dialect == errors.S3 else "",
        is_presigned=True,
    )


def _check_algorithm(algorithm: str, dialect: str, *, is_presigned: bool) -> None:
    if algorithm == ALGORITHM:
        return
    reason = f"Unsupported AWS 'algorithm': '{algorithm[:50]}'. Use {ALGORITHM}."
    if algorithm.startswith("AWS4-ECDSA"):
        reason = f"Signature Version 4A is not supported here; sign with {ALGORITHM}."
    raise _incomplete(dialect, is_presigned, reason)


def _incomplete(dialect: str, is_presigned: bool, reason: str) -> AwsError:
    if dialect == errors.S3 and is_presigned:
        return errors.AuthorizationQueryParametersError(reason)
    return errors.INCOMPLETE[dialect](reason=reason)


def _signature(
    dialect: str,
    *,
    credential: str,
    signed_headers: str,
    date: str,
    is_presigned: bool,
    **rest: object,
) -> Signature:
    parts = credential.rsplit("/", 4)
    headers = tuple(signed_headers.lower().split(";"))
    moment = _moment(date)
    if len(parts) != 5 or moment is None or list(headers) != sorted(set(headers)):
        raise _incomplete(
            dialect,
            is_presigned,
            "Credential must have exactly 5 slash-delimited elements, "
            "keyid/date/region/service/term, the date must be valid, and SignedHeaders sorted.",
        )
    if "host" not in headers:
        raise _incomplete(dialect, is_presigned, "'Host' must be a 'SignedHeader'.")
    key, day, region, service, terminator = parts
    return Signature(
        access_key_id=key,
        date=day,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=headers,
        moment=moment,
        is_presigned=is_presigned,
        **rest,  # type: ignore[arg-type]
    )


def _moment(text: str) -> datetime | None:
    if match := _DATE.fullmatch(text):
        numbers: list[int] = [int(part) for part in match.groups()]
        try:
            return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc, arg-type]
        except ValueError:
            return None
    for form in ("%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _expires(text: str, dialect: str) -> timedelta:
    expires = timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 9 else timedelta()
    if not timedelta() < expires <= MAX_EXPIRES:
        raise _incomplete(dialect, True, "X-Amz-Expires must be between 1 and 604800 seconds.")
    return expires


def _check_scope(signature: Signature, dialect: str) -> None:
    reason = ""
    if signature.terminator != "aws4_request" or signature.date != _stamp(signature.moment)[:8]:
        reason = "Credential should be scoped to a valid date and aws4_request."
    elif (signature.service == "s3") != (dialect == errors.S3):
        reason = f'incorrect service "{signature.service[:50]}".'
    if reason:
        raise _incomplete(dialect, signature.is_presigned, reason)


def _check_headers(request: WireRequest, signature: Signature, dialect: str) -> None:
    """Whoever holds a presigned address must not add to it: every x-amz- header is signed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    unsigned = sorted(
        name
        for name in request.headers.keys() - set(signature.signed_headers)
        if name.startswith("x-amz-") and name not in _NEED_NOT_BE_SIGNED
    )
    if not unsigned:
        return
    if dialect == errors.S3:
        raise errors.HeadersNotSigned(HeadersNotSigned=", ".join(unsigned))
    raise _incomplete(dialect, signature.is_presigned, f"'{unsigned[0]}' must be a 'SignedHeader'.")


def _check_time(signature: Signature, dialect: str) -> None:
    """Signatures live in real time, whatever an account's clock says: the client's is real."""
    now, moment = clock.real_now(), signature.moment
    if -SKEW <= now - moment <= (signature.expires or SKEW):
        return
    if dialect == errors.S3:
        raise _s3_time(signature, now)
    if dialect == errors.EC2:
        raise errors.EXPIRED_KEY[dialect]()
    text, reference = moment.strftime(DATE_FORM), now.strftime(DATE_FORM)
    sentence = (
        f"Signature not yet current: {text} is still later than {now + SKEW:{DATE_FORM}} "
        f"({reference} + 15 min.)"
        if moment > now
        else f"Signature expired: {text} is now earlier than {now - SKEW:{DATE_FORM}} "
        f"({reference} - 15 min.)"
    )
    raise errors.WRONG[dialect](sentence)


def _s3_time(signature: Signature, now: datetime) -> AwsError:
    server_time = clock.isoformat(now)
    if signature.expires is None:
        return errors.RequestTimeTooSkewed(
            RequestTime=signature.moment.strftime(DATE_FORM),
            ServerTime=server_time,
            MaxAllowedSkewMilliseconds=int(SKEW.total_seconds() * 1000),
        )
    seconds = {"X-Amz-Expires": int(signature.expires.total_seconds())}
    if signature.moment > now:
        return errors.S3AccessDenied("Request is not yet valid", ServerTime=server_time, **seconds)
    end = clock.isoformat(signature.moment + signature.expires)
    return errors.S3AccessDenied(
        "Request has expired", Expires=end, ServerTime=server_time, **seconds
    )


def _find(signature: Signature, dialect: str, lookup: Lookup) -> Credentials:
    key = signature.access_key_id
    try:
        if not _ACCESS_KEY_ID.fullmatch(key):
            raise UnknownKey
        return lookup(key, signature.session_token)
    except UnknownKey:
        more = {"AWSAccessKeyId": key[:128]} if dialect == errors.S3 else {}
        raise errors.UNKNOWN_KEY[dialect](**more) from None
    except ExpiredKey:
        raise errors.EXPIRED_KEY[dialect]() from None
    except SuspendedAccount as suspended:
        raise OptInRequired(account_id=suspended.args[0]) from None


def _wrong(dialect: str, signature: Signature, canonical: str) -> AwsError:
    """S3 shows what it would have signed: a client's author can compare."""
    if dialect != errors.S3:
        return errors.WRONG[dialect]()
    return errors.WRONG[dialect](
        AWSAccessKeyId=signature.access_key_id,
        StringToSign=_string_to_sign(ALGORITHM, signature, _sha256(canonical)),
        SignatureProvided=signature.signature,
        CanonicalRequest=canonical.encode(errors="surrogateescape").decode(errors="replace"),
    )


def _normalized(path: str) -> str:
    """RFC 3986: no dot segments, no doubled slashes, the trailing slash kept."""
    normal = posixpath.normpath(path) if path else "/"
    normal = "/" + normal.lstrip("/")
    return normal + "/" if path.endswith("/") and normal != "/" else normal


def _s3_path(path: str) -> str:
    """Each character encoded once, however the client did it."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return quote(unquote(path, errors="surrogateescape"), safe="/-_.~", errors="surrogateescape")


def _header_value(value: str) -> str:
    """Runs of spaces are one space. WSGI reads headers as Latin-1; clients sign their bytes."""
    text = " ".join(filter(None, value.split(" ")))
    if text.isascii():
        return text
    return text.encode("latin-1", "replace").decode(errors="surrogateescape")


def _canonical_query(request: WireRequest, signature: Signature) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query_parameters
        if not (signature.is_presigned and name == "X-Amz-Signature")
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
