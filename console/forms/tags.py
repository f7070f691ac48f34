"""The tag editor's rows: fields tag-key-N and tag-value-N; see components/tag_editor.html."""

from typing import Any

from console.forms.base import AwsForm

TAG_ROWS = 50


class TagsForm(AwsForm):
    """Rows of key and value; empty rows are left out. initial_tags: {key: value}."""

    def __init__(self, *args: Any, initial_tags: dict[str, str] | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.initial_tags = initial_tags or {}

    @property
    def tags(self) -> list[dict[str, str]]:
        return tags_from(self.data)

    @property
    def rows(self) -> list[dict[str, str]]:
        """What the editor shows: typed rows after an error, else the resource's tags."""
        if self.is_bound:
            return self.tags
        return [{"Key": key, "Value": value} for key, value in sorted(self.initial_tags.items())]


def tags_from(data: Any, kind: str = "tag") -> list[dict[str, str]]:
    """The tag editor's rows of a posted form, those without key and value left out.

    kind: of the editor, where it edits other pairs than tags.
    """
    rows = (
        (
            data.get(f"{kind}-key-{number}", "").strip(),
            data.get(f"{kind}-value-{number}", "").strip(),
        )
        for number in range(TAG_ROWS + 1)
    )
    return [{"Key": key, "Value": value} for key, value in rows if key or value]
