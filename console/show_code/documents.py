"""JSON documents inside parameters: policies are text in the API and structures to a reader."""

import json
from typing import Any


def document_in(text: str) -> dict[str, Any] | None:
    """The JSON object that a text holds; None for anything else."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
