"""A call as an AWS CLI command for a POSIX shell.

Lists and structures: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
"""

import json
import re
import shlex
from typing import Any

import botocore.model
from botocore import xform_name
from django.conf import settings

from console.show_code.calls import Call, Secret

# S3's API has its own name in the CLI; `aws s3` is the file copier.
CLI_NAMES = {"s3": "s3api"}
# What the CLI asks for instead of members, or besides them.
EXTRA_OPTIONS = {
    "iam:CreateVirtualMFADevice": ["--outfile mfa.png", "--bootstrap-method QRCodePNG"],
}
# The CLI has words of its own for some of their members: --count, --ingress.
AS_JSON = {
    "ec2:CreateNetworkAclEntry",
    "ec2:DeleteNetworkAclEntry",
    "ec2:ReplaceNetworkAclEntry",
    "ec2:RunInstances",
}
_SHORTHAND = re.compile(r"[\w.:/@+-]+")
# The CLI would read these as the address of the value.
_PARAMETER_FILE = re.compile(r"(file|fileb|https?)://")


def command(call: Call) -> str:
    """One option a line, joined by backslashes."""
    name = CLI_NAMES.get(call.service.model, call.service.model)
    lines = [f"aws {name} {xform_name(call.model.name, '-')}"]
    is_mistaken = any(_is_mistaken(value) for value in call.parameters.values())
    if is_mistaken or call.action in AS_JSON:
        lines.append(f"--cli-input-json {shlex.quote(_json(call.parameters))}")
    else:
        members = call.model.input_shape.members if call.model.input_shape else {}
        lines += [_option(members[name], name, value) for name, value in call.parameters.items()]
    lines += EXTRA_OPTIONS.get(call.action, [])
    if call.model.has_streaming_output:
        lines.append("answer.bin")
    if not call.service.is_global:
        lines.append(f"--region {call.region}")
    lines.append(f"--endpoint-url {shlex.quote(settings.LAB_API_URL)}")
    return " \\\n    ".join(lines)


def _is_mistaken(value: Any) -> bool:
    return isinstance(value, str) and bool(_PARAMETER_FILE.match(value))


def _option(shape: botocore.model.Shape, member: str, value: Any) -> str:
    option = f"--{xform_name(member, '-')}"
    if isinstance(value, bool):
        return option if value else f"--no-{option[2:]}"
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list):
        return " ".join([option, *_items(value)])
    text = _argument(value)
    # Otherwise a value with a leading dash would be taken for an option.
    return f"{option}={text}" if str(value).startswith("-") else f"{option} {text}"


def _items(values: list[Any]) -> list[str]:
    """A list: words, or Key=…,Value=… where nothing needs escaping, or else JSON."""
    if values and all(_is_word(value) for value in values):
        return [shlex.quote(value) for value in values]
    if values and all(_is_flat(value) for value in values):
        return [",".join(f"{key}={inner}" for key, inner in value.items()) for value in values]
    return [shlex.quote(_json(values))]


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value[0] not in "-[{" and value.isprintable()


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(inner, str) and _SHORTHAND.fullmatch(inner) for inner in value.values()
    )


def _argument(value: Any) -> str:
    if isinstance(value, Secret):
        return f'"${value}"'
    if isinstance(value, dict | list):
        return shlex.quote(_json(value))
    return shlex.quote(str(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
