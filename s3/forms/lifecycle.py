"""A lifecycle rule of a bucket: a page whose boxes say what it does, and when."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from s3 import operations, reading
from s3.errors import NoSuchConfiguration
from s3.forms.items import ItemForm

Rule = dict[str, Any]
CLASSES = (
    ("", "–"),
    ("STANDARD_IA", "Standard-IA"),
    ("INTELLIGENT_TIERING", "Intelligent-Tiering"),
    ("ONEZONE_IA", "One Zone-IA"),
    ("GLACIER_IR", "Glacier Instant Retrieval"),
    ("GLACIER", "Glacier Flexible Retrieval"),
    ("DEEP_ARCHIVE", "Glacier Deep Archive"),
)
ROWS = range(5)
# Box → the members of a rule that it stands for.
BOXES = {
    "moves": ("Transitions",),
    "moves_noncurrent": ("NoncurrentVersionTransitions",),
    "expires": ("Expiration",),
    "expires_noncurrent": ("NoncurrentVersionExpiration",),
    "cleans": ("AbortIncompleteMultipartUpload",),
}


def _box(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _number(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False)


class LifecycleForm(ItemForm):
    name = "lifecycle"
    title = gettext_lazy("Lifecycle rule")
    about = gettext_lazy(
        "Rules run every minute, by the account's clock: where an instructor moves the clock "
        "ahead, what has become due is done within a minute."
    )
    tab = "management"
    has_template = True
    rule_id = forms.CharField(label=gettext_lazy("Lifecycle rule name"), max_length=255)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=(("Enabled", gettext_lazy("Enabled")), ("Disabled", gettext_lazy("Disabled"))),
        initial="Enabled",
        widget=forms.RadioSelect,
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Choose a rule scope"),
        choices=(
            ("filter", gettext_lazy("Limit the scope of this rule using one or more filters")),
            ("all", gettext_lazy("Apply to all objects in the bucket")),
        ),
        initial="filter",
        widget=forms.RadioSelect,
    )
    acknowledged = _box(
        gettext_lazy("I acknowledge that this rule will apply to all objects in the bucket.")
    )
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"), required=False, max_length=1024
    )
    tags = forms.CharField(
        label=gettext_lazy("Object tags"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A tag on each line: key=value. Objects need all of them."),
    )
    min_size = _number(gettext_lazy("Minimum object size (bytes)"))
    max_size = _number(gettext_lazy("Maximum object size (bytes)"))
    moves = _box(gettext_lazy("Transition current versions of objects between storage classes"))
    moves_noncurrent = _box(
        gettext_lazy("Transition noncurrent versions of objects between storage classes")
    )
    expires = _box(gettext_lazy("Expire current versions of objects"))
    expires_noncurrent = _box(gettext_lazy("Permanently delete noncurrent versions of objects"))
    cleans = _box(
        gettext_lazy("Delete expired object delete markers or incomplete multipart uploads")
    )
    expire_days = _number(gettext_lazy("Days after object creation"))
    noncurrent_days = _number(gettext_lazy("Days after objects become noncurrent"))
    noncurrent_kept = _number(gettext_lazy("Number of newer versions to retain"))
    deletes_markers = _box(gettext_lazy("Delete expired object delete markers"))
    aborts = _box(gettext_lazy("Delete incomplete multipart uploads"))
    abort_days = _number(gettext_lazy("Number of days"))

    def __init__(
        self, data: QueryDict | None, *, ctx: Context, bucket: str, item: str = ""
    ) -> None:
        super().__init__(data, ctx=ctx, bucket=bucket, item=item)
        for kind in ("move", "noncurrent_move"):
            for row in ROWS:
                self.fields[f"{kind}_class_{row}"] = forms.ChoiceField(
                    label=_("Storage class"), choices=CLASSES, required=False
                )
                self.fields[f"{kind}_days_{row}"] = _number(_("Days"))

    @property
    def move_rows(self) -> list[Any]:
        return [(self[f"move_class_{row}"], self[f"move_days_{row}"]) for row in ROWS]

    @property
    def noncurrent_move_rows(self) -> list[Any]:
        names = ("noncurrent_move_class", "noncurrent_move_days")
        return [tuple(self[f"{name}_{row}"] for name in names) for row in ROWS]

    def read(self) -> dict[str, Any]:
        return fields_of(find(self.ctx, self.bucket, self.item)) if self.item else {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") == "all" and not cleaned.get("acknowledged"):
            self.add_error("acknowledged", _("Tick this box to go on."))
        if not any(cleaned.get(box) for box in BOXES):
            self.add_error(None, _("At least one action needs to be specified in a rule"))
        needs = {"expires": "expire_days", "expires_noncurrent": "noncurrent_days"}
        for box, days in needs.items():
            if cleaned.get(box) and cleaned.get(days) is None and days not in self.errors:
                self.add_error(days, _("Enter a number of days."))
        if cleaned.get("expires") and cleaned.get("cleans") and cleaned.get("deletes_markers"):
            self.add_error(
                "deletes_markers",
                _("You can't delete expired object delete markers if you expire current versions."),
            )
        return cleaned

    def put(self) -> None:
        known = reading.lifecycle(self.ctx, self.bucket)
        rule = self._rule()
        if self.item:
            find(self.ctx, self.bucket, self.item)
            rules = [rule if one["ID"] == self.item else one for one in known]
        else:
            rules = [*known, rule]
        _put(self.ctx, self.bucket, rules)

    def _rule(self) -> Rule:
        cleaned = self.cleaned_data
        rule: Rule = {
            "ID": cleaned["rule_id"],
            "Status": cleaned["status"],
            "Filter": self._filter(),
        }
        if cleaned["moves"]:
            rule["Transitions"] = self._moves("move", "Days")
        if cleaned["moves_noncurrent"]:
            rule["NoncurrentVersionTransitions"] = self._moves("noncurrent_move", "NoncurrentDays")
        if cleaned["expires"]:
            rule["Expiration"] = {"Days": cleaned["expire_days"]}
        elif cleaned["cleans"] and cleaned["deletes_markers"]:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": True}
        if cleaned["expires_noncurrent"]:
            kept = cleaned["noncurrent_kept"]
            rule["NoncurrentVersionExpiration"] = {
                "NoncurrentDays": cleaned["noncurrent_days"],
                **({"NewerNoncurrentVersions": kept} if kept else {}),
            }
        if cleaned["cleans"] and cleaned["aborts"]:
            days = cleaned["abort_days"]
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
        return rule

    def _moves(self, kind: str, member: str) -> list[Rule]:
        chosen = [
            (self.cleaned_data[f"{kind}_class_{row}"], self.cleaned_data[f"{kind}_days_{row}"])
            for row in ROWS
        ]
        return [{member: days, "StorageClass": name} for name, days in chosen if name]

    def _filter(self) -> Rule:
        cleaned = self.cleaned_data
        if cleaned["scope"] == "all":
            return {"Prefix": ""}
        lines = [line.partition("=") for line in cleaned["tags"].splitlines() if line.strip()]
        tags = [{"Key": key.strip(), "Value": value.strip()} for key, _sign, value in lines]
        parts: Rule = {"Prefix": cleaned["prefix"]} if cleaned["prefix"] else {}
        if cleaned["min_size"] is not None:
            parts["ObjectSizeGreaterThan"] = cleaned["min_size"]
        if cleaned["max_size"] is not None:
            parts["ObjectSizeLessThan"] = cleaned["max_size"]
        if len(parts) + len(tags) > 1:
            return {"And": {**parts, **({"Tags": tags} if tags else {})}}
        return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        find(ctx, bucket, item)
        left = [one for one in reading.lifecycle(ctx, bucket) if one["ID"] != item]
        _put(ctx, bucket, left)


def find(ctx: Context, bucket: str, rule_id: str) -> Rule:
    """Raises NoSuchConfiguration."""
    for rule in reading.lifecycle(ctx, bucket):
        if rule["ID"] == rule_id:
            return rule
    raise NoSuchConfiguration(BucketName=bucket)


def set_status(ctx: Context, bucket: str, rule_id: str, status: str) -> None:
    """status: "Enabled" or "Disabled". Raises NoSuchConfiguration."""
    find(ctx, bucket, rule_id)
    rules = reading.lifecycle(ctx, bucket)
    _put(ctx, bucket, [{**one, "Status": status} if one["ID"] == rule_id else one for one in rules])


def _put(ctx: Context, bucket: str, rules: list[Rule]) -> None:
    if not rules:
        operations.delete_bucket_lifecycle(ctx, bucket=bucket)
        return
    operations.put_bucket_lifecycle_configuration(
        ctx, bucket=bucket, lifecycle_configuration={"Rules": rules}
    )


def conditions_of(rule: Mapping[str, Any]) -> Rule:
    """{"Prefix", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}, those it has."""
    found = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}
    found = dict(found.get("And") or found)
    if tag := found.pop("Tag", None):
        found["Tags"] = [tag]
    return {name: value for name, value in found.items() if value not in ("", None)}


def fields_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    conditions = conditions_of(rule)
    expiration = rule.get("Expiration") or {}
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    abort = rule.get("AbortIncompleteMultipartUpload") or {}
    tags = conditions.get("Tags", ())
    return {
        "rule_id": rule["ID"],
        "status": rule["Status"],
        "scope": "filter" if conditions else "all",
        "prefix": conditions.get("Prefix", ""),
        "tags": "\n".join(f"{tag['Key']}={tag['Value']}" for tag in tags),
        "min_size": conditions.get("ObjectSizeGreaterThan"),
        "max_size": conditions.get("ObjectSizeLessThan"),
        **{box: any(rule.get(one) for one in members) for box, members in BOXES.items()},
        "expires": "Days" in expiration or "Date" in expiration,
        "cleans": bool(abort or expiration.get("ExpiredObjectDeleteMarker")),
        "expire_days": expiration.get("Days"),
        "noncurrent_days": noncurrent.get("NoncurrentDays"),
        "noncurrent_kept": noncurrent.get("NewerNoncurrentVersions"),
        "deletes_markers": bool(expiration.get("ExpiredObjectDeleteMarker")),
        "aborts": bool(abort),
        "abort_days": abort.get("DaysAfterInitiation"),
        **dict(_moves_of(rule, "move", "Transitions", "Days")),
        **dict(
            _moves_of(rule, "noncurrent_move", "NoncurrentVersionTransitions", "NoncurrentDays")
        ),
    }


def _moves_of(
    rule: Mapping[str, Any], kind: str, member: str, days: str
) -> Iterator[tuple[str, Any]]:
    for row, one in zip(ROWS, rule.get(member) or (), strict=False):
        yield f"{kind}_class_{row}", one["StorageClass"]
        yield f"{kind}_days_{row}", one.get(days)
