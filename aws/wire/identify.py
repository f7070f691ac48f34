"""Which service and operation a request means, before anything in it is believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from botocore.model import OperationModel

from aws.errors import AwsError, InvalidAction, MissingAction, UnknownOperationException
from aws.services import SERVICES, Service
from aws.wire.request import WireRequest

CBOR = "smithy-rpc-v2-cbor"
_CBOR_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)")
_SCOPE = re.compile(r"[ ,]Credential=[^,/]{1,128}/\d{8}/[^/,]*/(?P<service>[^/,]+)/")


class MethodNotAllowed(AwsError):
    status = 405
    message = "The specified method is not allowed against this resource."


@dataclass(frozen=True, slots=True)
class Target:
    """labels: parts of the path of a REST protocol, such as {"Bucket": …, "Key": …}."""

    service: Service
    protocol: str
    operation: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> OperationModel:
        """Raises InvalidAction or UnknownOperationException for a name AWS does not have."""
        names = self.service.service_model.operation_names
        if self.operation not in names:
            if self.protocol in ("json", CBOR):
                raise UnknownOperationException("")
            version = self.service.service_model.metadata["apiVersion"]
            raise InvalidAction(operation=self.operation[:100], version=version)
        return self.service.service_model.operation_model(self.operation)


def service_of(request: WireRequest) -> Service | None:
    """The service that the signature's scope, the target or the form's Version names."""
    if name := signed_service(request):
        if name == "s3" and _is_s3_control(request):
            return SERVICES["s3control"]
        return _by_signing_name().get(name)
    if target := request.headers.get("x-amz-target", ""):
        return _by_target_prefix().get(target.rpartition(".")[0].rpartition(".")[2])
    if match := _cbor_path(request):
        return _by_target_prefix().get(match["service"])
    form = request.form if request.path == "/" else {}
    if "Action" in form:
        return _by_version().get(form.get("Version", ""))
    return SERVICES.get("s3")


def protocol_of(request: WireRequest, service: Service) -> str:
    """The protocol of a request, among those that the service speaks; in doubt its first."""
    if CBOR in service.protocols and _cbor_path(request):
        return CBOR
    if "json" in service.protocols and request.headers.get("x-amz-target"):
        return "json"
    is_form = request.content_type.endswith("form-urlencoded") or "Action=" in request.query
    if "query" in service.protocols and is_form:
        return "query"
    return service.protocol


def target_of(request: WireRequest, service: Service) -> Target:
    """The operation. Raises MissingAction, UnknownOperationException, MethodNotAllowed."""
    protocol = protocol_of(request, service)
    if protocol in ("query", "ec2"):
        action = request.form.get("Action", "")
        if not action:
            raise MissingAction
        return Target(service, protocol, action)
    if protocol in ("json", CBOR):
        match = _cbor_path(request)
        named = match["operation"] if match else request.headers.get("x-amz-target", "")
        return Target(service, protocol, named.rpartition(".")[2])
    return _rest_target(request, service, protocol)


def _is_s3_control(request: WireRequest) -> bool:
    """A bucket may have the path's name, so the header that only S3 Control knows is asked for."""
    return request.path.startswith("/v20180820/") and "x-amz-account-id" in request.headers


def _cbor_path(request: WireRequest) -> "re.Match[str] | None":
    """A key in a bucket may look the same, so the protocol's own header has to be there."""
    if request.headers.get("smithy-protocol") != "rpc-v2-cbor":
        return None
    return _CBOR_PATH.fullmatch(request.path)


def signed_service(request: WireRequest) -> str:
    """The service in the scope of the request's signature, "" for none."""
    if match := _SCOPE.search(request.headers.get("authorization", "")):
        return match["service"]
    for name, value in request.query_parameters:
        if name == "X-Amz-Credential" and value.count("/") >= 4:
            return value.rsplit("/", 2)[-2]
    return ""


def _rest_target(request: WireRequest, service: Service, protocol: str) -> Target:
    query = dict(request.query_parameters)
    for route in _routes(service):
        if route.method == request.method and route.accepts(query):
            match = route.path.fullmatch(request.path)
            if match:
                labels = {
                    route.labels[name]: unquote(value) for name, value in match.groupdict().items()
                }
                return Target(service, protocol, route.operation, labels)
    raise MethodNotAllowed


@dataclass(frozen=True, slots=True)
class _Route:
    """labels: group name → the model's label. needs: query parameters that pick the operation."""

    operation: str
    method: str
    path: re.Pattern[str]
    labels: Mapping[str, str]
    needs: Mapping[str, str]

    def accepts(self, query: Mapping[str, str]) -> bool:
        return all(
            name in query and (not value or query[name] == value)
            for name, value in self.needs.items()
        )


@cache
def _routes(service: Service) -> list[_Route]:
    """The most particular first: more literal query parameters, then longer paths."""
    routes = []
    for name in service.service_model.operation_names:
        model = service.service_model.operation_model(name)
        path, _, query = model.http["requestUri"].partition("?")
        labels: dict[str, str] = {}
        needs = {
            part.partition("=")[0]: part.partition("=")[2] for part in query.split("&") if part
        }
        pattern = _path_pattern(path, labels)
        routes.append(_Route(name, model.http["method"], re.compile(pattern), labels, needs))
    return sorted(routes, key=lambda route: (-len(route.needs), -len(route.labels)))


def _path_pattern(path: str, labels: dict[str, str]) -> str:
    """/{Bucket}/{Key+} → a regular expression; the label names go into `labels`."""

    def group(match: re.Match[str]) -> str:
        group_name = f"label{len(labels)}"
        labels[group_name] = match["name"]
        return f"(?P<{group_name}>{'.+' if match['greedy'] else '[^/]+'})"

    parts = re.split(r"(\{[^}]+\})", path)
    pattern = "".join(
        re.sub(r"\{(?P<name>[^}+]+)(?P<greedy>\+?)\}", group, part)
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )
    return pattern if pattern.endswith("/") else f"{pattern}/?"


@cache
def _by_signing_name() -> dict[str, Service]:
    return {service.signing_name or service.prefix: service for service in SERVICES.values()}


@cache
def _by_target_prefix() -> dict[str, Service]:
    """Also the service of a CBOR path, which carries the same name."""
    return {
        service.target_prefix: service for service in SERVICES.values() if service.target_prefix
    }


@cache
def _by_version() -> dict[str, Service]:
    """Unsigned query requests name no service but a version, and each service has its own."""
    return {service.api_version: service for service in SERVICES.values()}
