"""The base of the forms that each edit one setting of a bucket."""

from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm


class SettingForm(AwsForm):
    """Reads the setting as it is, and puts what was typed.

    name: of the address and of templates/s3/_edit_<name>.html, where has_template; else the fields
    are drawn one below the other. tab: where the setting stands. about: a sentence below the title.
    item: the id of one, where a bucket has many; see `s3.forms.items`.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    about: ClassVar[str | Promise] = ""
    tab: ClassVar[str] = "properties"
    has_template: ClassVar[bool] = False
    is_simulated: ClassVar[bool] = False

    def __init__(
        self, data: QueryDict | None, *, ctx: Context, bucket: str, item: str = ""
    ) -> None:
        self.ctx, self.bucket, self.item = ctx, bucket, item
        super().__init__(data, initial=self.read() if data is None else {})

    @property
    def template(self) -> str:
        return f"s3/_edit_{self.name.replace('-', '_')}.html" if self.has_template else ""

    @property
    def next_url(self) -> str:
        """The page after this one, once it is saved."""
        return reverse("s3:bucket-detail", args=[self.bucket]) + f"?tab={self.tab}"

    def read(self) -> dict[str, Any]:
        """The fields' values now."""
        raise NotImplementedError

    def put(self) -> None:
        """Calls the operations."""
        raise NotImplementedError

    def save(self) -> bool:
        """All of it, or nothing and an error here."""
        with self.aws_errors(), together(self.ctx):
            self.put()
        return self.is_valid()
