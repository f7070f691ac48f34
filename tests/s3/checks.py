"""Refusals, as every S3 test asks for them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, status: int) -> "Iterator[pytest.ExceptionInfo[ClientError]]":
    """`with refused("NoSuchKey", 404) as error:` – the call inside answers this error."""
    with pytest.raises(ClientError) as error:
        yield error
    response = error.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (
        code,
        status,
    )
