"""A call as a Python snippet with boto3."""

import json
from typing import Any

from botocore import xform_name
from django.conf import settings

from console.show_code.calls import Call, Secret
from console.show_code.documents import document_in

INDENT = "    "
SHORT = 60


def snippet(call: Call) -> str:
    """Runs as it stands; secrets come from environment variables."""
    arguments = [
        f"{INDENT}{name}={_literal(value, 1)},\n" for name, value in call.parameters.items()
    ]
    body = "".join(arguments)
    method = f"{call.service.prefix}.{xform_name(call.model.name)}"
    run = f"response = {method}(\n{body})" if body else f"response = {method}()"
    options = [f"{INDENT}{json.dumps(call.service.model)},"]
    options.append(f"{INDENT}endpoint_url={json.dumps(settings.LAB_API_URL)},")
    options.append(f"{INDENT}region_name={json.dumps(call.region)},")
    client = "\n".join([f"{call.service.prefix} = boto3.client(", *options, ")"])
    imports = [
        *(["import json"] if "json.dumps(" in body else []),
        *(["import os"] if "os.environ[" in body else []),
    ]
    head = [*imports, "", "import boto3"] if imports else ["import boto3"]
    return "\n".join([*head, "", client, run])


def _literal(value: Any, depth: int) -> str:
    """Python source of a value; lists and dicts on one line where they are short."""
    if isinstance(value, Secret):
        return f'os.environ["{value}"]'
    if isinstance(value, str):
        document = document_in(value)
        return repr(value) if document is None else f"json.dumps({_literal(document, depth)})"
    if isinstance(value, dict):
        items = [f"{key!r}: {_literal(item, depth + 1)}" for key, item in value.items()]
        return _collection("{", items, "}", depth)
    if isinstance(value, list):
        return _collection("[", [_literal(item, depth + 1) for item in value], "]", depth)
    return repr(value)


def _collection(opening: str, items: list[str], closing: str, depth: int) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= SHORT and "\n" not in line:
        return line
    pad = INDENT * (depth + 1)
    lines = "".join(f"{pad}{item},\n" for item in items)
    return f"{opening}\n{lines}{INDENT * depth}{closing}"
