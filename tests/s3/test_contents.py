"""A list's own text says what the writer of every other answer would say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aws.services import operation_model
from aws.wire.writers import XmlWriter
from s3 import rows
from s3.contents import Contents
from s3.listing import Entry

CHECKSUM = '{"ChecksumCRC32": "AAAA", "ChecksumSHA256": "BBBB", "ChecksumType": "FULL_OBJECT"}'
RESTORE = '{"ready_at": "2000-01-01T00:00:00+00:00", "expires_at": "2999-01-01T00:00:00+00:00"}'
MOMENT = datetime(2026, 11, 24, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("with_owner", [True, False])
@pytest.mark.parametrize("entry", [
    Entry("a", 1, "d41d8", MOMENT, "STANDARD", "", "{}", "{}", None),
    Entry("<&>\x01\r é", 0, "x-2", MOMENT, "GLACIER", "444455556666", CHECKSUM, RESTORE, None),
])  # fmt: skip
def test_both_say_the_same(bucket: str, entry: Entry, with_owner: bool) -> None:
    found = rows.find_bucket(bucket)
    assert found is not None
    contents = Contents(found, [entry, entry], str, with_owner=with_owner, with_restore=True)
    shape: Any = operation_model("s3", "ListObjectsV2").output_shape
    plain = XmlWriter().members(shape, {"Contents": list(contents)})
    assert contents.as_xml() == plain
