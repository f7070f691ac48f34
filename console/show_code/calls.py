"""An API call as the event history kept it, with its parameters in AWS's shape again."""

import re
from dataclasses import dataclass
from typing import Any

import botocore.model

from aws.events import HIDDEN, camel
from aws.models import Event
from aws.services import SERVICES, Service


class Secret(str):
    """A value that the history hides. The text is what to fill in: PASSWORD."""

    __slots__ = ()


@dataclass(frozen=True)
class Call:
    """parameters: AWS member name → value; Secret where the value was hidden."""

    service: Service
    model: botocore.model.OperationModel
    region: str
    parameters: dict[str, Any]

    @property
    def action(self) -> str:
        return f"{self.service.prefix}:{self.model.name}"


def call_of(event: Event) -> Call | None:
    """None if the event is no call of AWS's API, or its parameters were too large to keep."""
    service = SERVICES.get(event.event_source.split(".", 1)[0])
    if service is None or event.event_name not in service.service_model.operation_names:
        return None
    model = service.service_model.operation_model(event.event_name)
    written = event.request_parameters or {}
    if written.get("omitted") is True:
        return None
    parameters = _restored(model.input_shape, written, "") if model.input_shape else {}
    return Call(service, model, event.region, parameters)


def _restored(shape: botocore.model.Shape | None, value: Any, name: str) -> Any:
    """The inverse of `aws.events.readable`, hidden values excepted."""
    if value == HIDDEN:
        return Secret(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper())
    if isinstance(shape, botocore.model.StructureShape) and isinstance(value, dict):
        names = {camel(member): member for member in shape.members}
        return {
            names[key]: _restored(shape.members[names[key]], inner, names[key])
            for key, inner in value.items()
            if key in names
        }
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list):
        return [_restored(shape.member, inner, name) for inner in value]
    if isinstance(shape, botocore.model.MapShape) and isinstance(value, dict):
        return {key: _restored(shape.value, inner, str(key)) for key, inner in value.items()}
    return value
