"""The operation decorator of this service: `aws.operation` where the region is prepared first."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from aws import operation as kernel
from aws.context import Context
from aws.operation import Operation, Response
from ec2 import default_vpc

P = ParamSpec("P")


def operation(
    action: str, *, is_public: bool = False, client_token: str = ""
) -> Callable[[Callable[Concatenate[Context, P], Response]], Operation[P]]:
    """Registers a function as the AWS operation `action` ("ec2:CreateVpc")."""

    def register(function: Callable[Concatenate[Context, P], Response]) -> Operation[P]:
        @wraps(function)
        def in_region(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> Response:
            default_vpc.prepare(ctx)
            return function(ctx, *args, **kwargs)

        register_with = kernel.operation(action, is_public=is_public, client_token=client_token)
        return register_with(in_region)

    return register


__all__ = ["Response", "operation"]
