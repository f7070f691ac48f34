"""x-amz-id-2."""

import base64
import hashlib


def host_id_of(request_id: str) -> str:
    return base64.b64encode(hashlib.sha512(request_id.encode()).digest()[:56]).decode()
