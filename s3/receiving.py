"""Takes in an object's bytes: hashed, checked and stored while they arrive, 1 MiB at a time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from s3 import checksums, store
from s3.cipher import Sealer
from s3.errors import BadDigest, EntityTooLarge, InvalidDigest, InvalidRequest

# Above, a file is quicker than the row (measured: tests/bench/s3.py).
INLINE_BYTES = 16 * 1024
MAX_PUT_BYTES = 5 * 1024**3


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Received:
    """content or file holds the bytes. md5: hex. checksum: {"ChecksumCRC32": base64}.

    encryption: what opens sealed bytes, {} for plain. size: of the plain bytes.
    """

    content: bytes | None
    file: str | None
    size: int
    md5: str
    checksum: dict[str, str]
    encryption: dict[str, str]

    def discard(self) -> None:
        if self.file is not None:
            store.delete(self.file)


def receive(
    body: Readable | bytes,
    settings: Mapping[str, Any],
    *,
    inline: bool = True,
    default: str = "",
    always: str = "",
    key: bytes | None = None,
) -> Received:
    """Reads a body to its end.

    settings: an operation's arguments: content_md5, checksum_algorithm, checksum_crc32 …; a
    body whose `announced` names a trailer has it in `trailers` at its end. inline: small bytes
    may stay in the row. default: the checksum to compute where the client asked for none;
    always: one to compute in any case. key: of SSE-C, to seal the bytes with.
    Raises BadDigest, InvalidDigest, InvalidRequest, EntityTooLarge.
    """
    wanted_md5 = _wanted_md5(settings)
    algorithm = wanted_algorithm(settings, getattr(body, "announced", "")) or default
    md5 = hashlib.md5(usedforsecurity=False)
    names = [name for name in dict.fromkeys((algorithm, always)) if name]
    hashers = {name: checksums.new(name) for name in names}
    reader = _Reader(body, [md5, *hashers.values()])
    sealer = Sealer(key) if key else None
    encryption = sealer.encryption if sealer else {}

    def received(content: bytes | None) -> Received:
        digests = {name: checksums.encoded(hasher.digest()) for name, hasher in hashers.items()}
        _check_md5(wanted_md5, md5.digest())
        _check_checksum(reader, settings, algorithm, digests)
        checksum = {checksums.member(name): digest for name, digest in digests.items()}
        return Received(content, None, reader.size, md5.hexdigest(), checksum, encryption)

    piece = reader.read()
    if inline and len(piece) <= INLINE_BYTES:
        return received(sealer.seal(piece) if sealer else piece)
    with store.NewFile() as file:
        while piece:
            file.write(sealer.seal(piece) if sealer else piece)
            piece = reader.read()
        found = received(None)
        found.file = file.keep()
    return found


def wanted_algorithm(settings: Mapping[str, Any], announced: str = "") -> str:
    """The algorithm that a request names, in one way or another; "" for none.

    announced: the trailer that a chunked body has said will come.
    Raises InvalidRequest.
    """
    given = [
        name
        for name in checksums.ALGORITHMS
        if settings.get(checksums.argument(name)) is not None
        or announced.lower() == checksums.header(name)
    ]
    if len(given) > 1:
        raise InvalidRequest(
            reason="Expecting a single x-amz-checksum- header. Multiple checksum Types are not "
            "allowed."
        )
    named = str(settings.get("checksum_algorithm") or "").upper()
    if named and named not in checksums.ALGORITHMS:
        raise InvalidRequest(
            reason="Checksum algorithm provided is unsupported. Please try again with any of the "
            f"valid types: [{', '.join(sorted(checksums.ALGORITHMS))}]"
        )
    if given and named and given[0] != named:
        raise InvalidRequest(reason="Value for x-amz-sdk-checksum-algorithm header is invalid.")
    return given[0] if given else named


class _Reader:
    """Reads whole pieces of 1 MiB and feeds the hashers, which release the GIL."""

    def __init__(self, body: Readable | bytes, hashers: list[checksums.Hasher]) -> None:
        self._body = body
        self._hashers = hashers
        self._at = 0
        self.size = 0

    @property
    def trailers(self) -> Mapping[str, str]:
        return getattr(self._body, "trailers", {})

    def read(self) -> bytes:
        piece = self._piece()
        for hasher in self._hashers:
            hasher.update(piece)
        self.size += len(piece)
        if self.size > MAX_PUT_BYTES:
            raise EntityTooLarge(MaxSizeAllowed=MAX_PUT_BYTES, ProposedSize=self.size)
        return piece

    def _piece(self) -> bytes:
        if isinstance(self._body, bytes | bytearray | memoryview):
            piece = bytes(self._body[self._at : self._at + store.PIECE])
            self._at += len(piece)
            return piece
        pieces, left = [], store.PIECE
        while left > 0 and (piece := self._body.read(left)):
            pieces.append(piece)
            left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _wanted_md5(settings: Mapping[str, Any]) -> bytes | None:
    text = settings.get("content_md5")
    if text is None:
        return None
    digest = checksums.decoded(text, 16)
    if digest is None:
        raise InvalidDigest(**{"Content-MD5": text})
    return digest


def _check_md5(wanted: bytes | None, computed: bytes) -> None:
    if wanted is not None and wanted != computed:
        raise BadDigest(
            algorithm="Content-MD5",
            ExpectedDigest=checksums.encoded(wanted),
            CalculatedDigest=checksums.encoded(computed),
        )


def _check_checksum(
    reader: _Reader, settings: Mapping[str, Any], algorithm: str, digests: Mapping[str, str]
) -> None:
    if not algorithm:
        return
    given = settings.get(checksums.argument(algorithm))
    if given is None:
        given = reader.trailers.get(checksums.header(algorithm))
    if given is None or given == digests[algorithm]:
        return
    if checksums.decoded(given, checksums.SIZES[algorithm]) is None:
        name = checksums.header(algorithm)
        raise InvalidRequest(reason=f"Value for {name} header is invalid.")
    raise BadDigest(algorithm=algorithm)
