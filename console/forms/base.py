"""Forms that give an AWS error back beside what was typed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore import xform_name
from django import forms

from aws.context import Context
from aws.errors import AwsError, Denied
from aws.paging import everything

T = TypeVar("T")


class AwsForm(forms.Form):
    """aws_error: what the operation answered, for the alert above the buttons.

    Check shape here and nothing else; whether a name is taken or a policy malformed, operations
    decide.
    """

    aws_error: AwsError | None = None

    def submit(
        self, operation: Callable[..., dict[str, Any]], ctx: Context, **arguments: Any
    ) -> dict[str, Any] | None:
        """Calls the operation; None, and an error in the form, when AWS would refuse."""
        with self.aws_errors():
            return operation(ctx, **arguments)
        return None

    @contextmanager
    def aws_errors(self) -> Iterator[None]:
        """Turns an AWS error inside into an error of the form: `is_valid()` is False after."""
        try:
            yield
        except AwsError as error:
            self.add_aws_error(error)

    def add_aws_error(self, error: AwsError) -> None:
        """Beside the field that the message names, else above the buttons."""
        self.aws_error = error
        self.add_error(self._field_of(error), error.message)

    def _field_of(self, error: AwsError) -> str | None:
        """AWS's validation sentences name the member: "… at 'userName' failed …"."""
        named = error.message.partition(" at '")[2].partition("'")[0].partition(".")[0]
        name = xform_name(named[:1].upper() + named[1:]) if named else ""
        return name if name in self.fields else None

    def choices(self, name: str, pairs: Sequence[tuple[str, Any]]) -> None:
        """Gives a choice field its choices."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - a mistake of the form's author
        field.choices = list(pairs)

    def allowed(self, read: Callable[[], T], default: T) -> T:
        """What `read` answers; the default where the principal may not read it."""
        try:
            return read()
        except Denied:
            return default

    def optional(
        self, operation: Callable[..., dict[str, Any]], ctx: Context, member: str
    ) -> list[Any]:
        """All items of a list, none where the principal may not list them."""
        return self.allowed(lambda: everything(operation, ctx, member, max_items=1000), [])
