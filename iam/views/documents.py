"""Policy documents as operations answer them, for people to read."""

import json
from typing import Any
from urllib.parse import unquote


def pretty(document: str | dict[str, Any]) -> str:
    """A policy document as operations answer it (URL-encoded JSON), indented for people.

    A document that a person wrote keeps its own layout: only one-line JSON is laid out.
    """
    text = document if isinstance(document, dict) else unquote(document)
    if isinstance(text, str) and "\n" in text.strip():
        return text
    return json.dumps(json.loads(text) if isinstance(text, str) else text, indent=4)
