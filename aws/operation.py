"""The one door: every read or change of a resource is an operation, and these are its rules.

    @operation("iam:CreateUser")
    def create_user(ctx: Context, /, *, user_name: str, ...) -> Response:

Console views, the wire API, workers and resets call the decorated function. It checks the
arguments against AWS's model, opens one transaction, refuses to answer when nobody asked for
permission, honours DryRun and client tokens, and records the call in the event history.

Calls on data (S3's objects) keep their own transactions and stay out of the event history, as in
AWS, where data events cost extra and are off: `is_data`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec

import botocore.model
from botocore import xform_name
from django.db import transaction

from aws import client_tokens, events
from aws.context import Context
from aws.errors import AwsError, DryRunOperation, DryRunOperationException, InternalFailure
from aws.services import SERVICES, Service
from aws.validation import validate

P = ParamSpec("P")
Response = dict[str, Any]

READ_ONLY_PREFIXES = (
    "Decode",
    "Decrypt",
    "Describe",
    "Encrypt",
    "Generate",
    "Get",
    "Head",
    "List",
    "Lookup",
    "ReEncrypt",
    "Search",
    "Select",
    "Sign",
    "Simulate",
    "Verify",
)
_registry: dict[tuple[str, str], "Operation[Any]"] = {}
# Service → what stands before `answer_data` where the wire's own data plane does not.
data_doors: dict[str, Callable[[Context, "Operation[Any]", dict[str, Any]], dict[str, Any]]] = {}


class PermissionNotAsked(RuntimeError):
    """A programming error: an operation answered without asking `ctx.authorize`."""


class Operation(Generic[P]):
    """An operation of the registry. Call it as the function it wraps.

    service: "iam". name: "CreateUser". is_public: needs no permission, as AWS says of it.
    client_token: the argument that makes a repetition answer the first call's response.
    is_data: a call on data, see above.
    """

    def __init__(
        self,
        action: str,
        function: Callable[Concatenate[Context, P], Response],
        *,
        is_public: bool,
        client_token: str,
        is_data: bool = False,
    ) -> None:
        update_wrapper(self, function)
        self.action = action
        service, self.name = action.split(":", 1)
        self.service: Service = SERVICES[service]
        self.function = function
        self.is_public = is_public
        self.client_token = client_token
        self.is_data = is_data
        self.is_read_only = self.name.startswith(READ_ONLY_PREFIXES)

    def __repr__(self) -> str:
        return f"<Operation {self.action}>"

    @cached_property
    def model(self) -> botocore.model.OperationModel:
        return self.service.service_model.operation_model(self.name)

    @cached_property
    def members(self) -> dict[str, str]:
        """Argument name → AWS member name: {"user_name": "UserName"}."""
        shape = self.model.input_shape
        return {xform_name(member): member for member in shape.members} if shape else {}

    def __call__(self, ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        arguments = {name: value for name, value in kwargs.items() if value is not None}
        parameters = self._parameters(arguments)
        if self.is_data:
            validate(self.model, parameters)
            door = data_doors.get(self.service.prefix)
            return door(ctx, self, arguments) if door else self.answer_data(ctx, arguments)
        calls = len(ctx.calls)
        with _one_call(ctx):
            try:
                validate(self.model, parameters)
                response = self._answer(ctx, arguments, parameters)
            except AwsError as error:
                events.record(ctx, self, parameters, error=error)
                raise
            except Exception:
                events.record(ctx, self, parameters, error=InternalFailure())
                raise
            event_id = events.record(ctx, self, parameters, response=response)
            # One call stands for all that it made itself.
            ctx.calls[calls:] = [] if self.is_read_only else [event_id]
        return response

    def answer_data(self, ctx: Context, arguments: dict[str, Any]) -> Response:
        """A call on data whose arguments have been read by their shapes already."""
        asked, ctx.asked = ctx.asked, False
        try:
            function: Any = self.function
            response: Response = function(ctx, **arguments)
            self._require_asked(ctx)
        finally:
            ctx.asked = asked
        return response

    def _require_asked(self, ctx: Context) -> None:
        if not (ctx.asked or self.is_public):
            raise PermissionNotAsked(f"{self.action} answered without ctx.authorize()")

    def _parameters(self, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            return {self.members[name]: value for name, value in arguments.items()}
        except KeyError as error:
            raise TypeError(f"{self.action} has no parameter {error.args[0]!r}") from None

    def _answer(
        self, ctx: Context, arguments: dict[str, Any], parameters: dict[str, Any]
    ) -> Response:
        token = arguments.get(self.client_token, "") if self.client_token else ""
        with transaction.atomic():
            if token and (known := client_tokens.find(ctx, self.action, token, parameters)):
                return known
            function: Any = self.function
            response: Response = function(ctx, **arguments)
            self._require_asked(ctx)
            if arguments.get("dry_run"):
                # Everything the call did is undone by the rollback.
                is_json = self.service.protocol == "json"
                raise DryRunOperationException if is_json else DryRunOperation
            if token:
                client_tokens.keep(ctx, self.action, token, parameters, response)
        return response


@contextmanager
def _one_call(ctx: Context) -> Iterator[None]:
    """Gives each call its own "asked" and resources; the outermost writes the events."""
    asked, resources, calls = ctx.asked, ctx.resources, len(ctx.calls)
    ctx.asked, ctx.resources = False, []
    ctx.depth += 1
    try:
        yield
    except BaseException:
        # What this call or group did was rolled back, and with it what was read meanwhile.
        del ctx.calls[calls:]
        ctx.cache.clear()
        raise
    finally:
        ctx.asked, ctx.resources = asked, resources
        ctx.depth -= 1
        if ctx.depth == 0:
            events.flush(ctx)


@contextmanager
def together(ctx: Context) -> Iterator[None]:
    """Several calls as one: all of them or none. Their events, denials too, are written after."""
    with _one_call(ctx), transaction.atomic():
        yield


def operation(
    action: str, *, is_public: bool = False, client_token: str = "", is_data: bool = False
) -> Callable[[Callable[Concatenate[Context, P], Response]], Operation[P]]:
    """Registers a function as the AWS operation `action` ("iam:CreateUser")."""

    def register(function: Callable[Concatenate[Context, P], Response]) -> Operation[P]:
        wrapped = Operation(
            action, function, is_public=is_public, client_token=client_token, is_data=is_data
        )
        if (wrapped.service.prefix, wrapped.name) in _registry:
            raise ValueError(f"{action} is registered twice")
        _registry[wrapped.service.prefix, wrapped.name] = wrapped
        return wrapped

    return register


def find(service: str, name: str) -> Operation[Any] | None:
    """The operation of a service ("iam", "CreateUser"), or None where we do not offer it."""
    return _registry.get((service, name))


def offered(service: str = "") -> list[Operation[Any]]:
    """All operations, or a service's, in the order of their actions."""
    found = (op for op in _registry.values() if service in ("", op.service.prefix))
    return sorted(found, key=lambda op: op.action)
