"""A call as a resource of Terraform's AWS provider, where one stands for what the call makes."""

import json
import re
from typing import Any

from console.show_code.calls import Call, Secret
from console.show_code.documents import document_in
from console.show_code.terraform_resources import RESOURCES, Resource

INDENT = "  "
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def resource(call: Call) -> str:
    """A resource block, after the variables for its secrets; "" where there is none."""
    entry = RESOURCES.get(call.action)
    if entry is None or not call.parameters.keys() >= set(entry.label):
        return ""
    arguments = {
        argument: _value(call.parameters[member], argument)
        for argument, member in entry.arguments.items()
        if member in call.parameters
    }
    width = max((len(argument) for argument in arguments), default=0)
    lines = [f"{INDENT}{name.ljust(width)} = {_hcl(arguments[name], 1)}\n" for name in arguments]
    block = f'resource "{entry.type}" "{_label(entry, call)}" {{\n{"".join(lines)}}}'
    variables = [
        f'variable "{str(value).lower()}" {{\n{INDENT}sensitive = true\n}}\n\n'
        for value in arguments.values()
        if isinstance(value, Secret)
    ]
    return "".join([*variables, block])


def _label(entry: Resource, call: Call) -> str:
    """Terraform's own name of the block: letters, digits, _ and -."""
    named = [str(call.parameters[member]).rsplit("/", 1)[-1] for member in entry.label]
    text = re.sub(r"[^A-Za-z0-9_-]+", "_", "_".join(named)).strip("_")
    if not text:
        return "this"
    return text if _NAME.fullmatch(text) else f"_{text}"


def _value(value: Any, argument: str) -> Any:
    """AWS's [{"Key": …, "Value": …}] is a map there; what AWS takes one by one is a set."""
    if argument == "tags":
        return {tag["Key"]: tag.get("Value", "") for tag in value}
    if argument in ("users", "groups", "roles") and isinstance(value, str):
        return [value]
    return value


def _hcl(value: Any, depth: int) -> str:
    if isinstance(value, Secret):
        return f"var.{value.lower()}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        document = document_in(value)
        return _string(value) if document is None else f"jsonencode({_hcl(document, depth)})"
    if value is None:
        return "null"
    pad = INDENT * (depth + 1)
    if isinstance(value, dict):
        inner = [f"{pad}{_key(key)} = {_hcl(item, depth + 1)}\n" for key, item in value.items()]
        return "{\n" + "".join(inner) + INDENT * depth + "}" if inner else "{}"
    if all(isinstance(item, str) for item in value) and len(value) <= 1:
        return "[" + ", ".join(_hcl(item, depth) for item in value) + "]"
    return (
        "[\n"
        + "".join(f"{pad}{_hcl(item, depth + 1)},\n" for item in value)
        + (INDENT * depth + "]")
    )


def _key(key: str) -> str:
    return key if _NAME.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    """A quoted HCL string: JSON's escapes, and ${ and %{ doubled so that they stay text."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("${", "$${").replace("%{", "%%{")
