"""Settings of which a bucket has many: event notifications, tiering configurations."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from s3 import operations, reading
from s3.errors import NoSuchConfiguration
from s3.forms.settings import SettingForm
from s3.notifications import DESTINATIONS

# Kind of event → its events, as AWS's page groups them.
EVENT_GROUPS = (
    (
        gettext_lazy("Object creation"),
        (
            ("s3:ObjectCreated:*", gettext_lazy("All object create events")),
            ("s3:ObjectCreated:Put", gettext_lazy("Put")),
            ("s3:ObjectCreated:Post", gettext_lazy("Post")),
            ("s3:ObjectCreated:Copy", gettext_lazy("Copy")),
            (
                "s3:ObjectCreated:CompleteMultipartUpload",
                gettext_lazy("Multipart upload completed"),
            ),
        ),
    ),
    (
        gettext_lazy("Object removal"),
        (
            ("s3:ObjectRemoved:*", gettext_lazy("All object removal events")),
            ("s3:ObjectRemoved:Delete", gettext_lazy("Permanently deleted")),
            ("s3:ObjectRemoved:DeleteMarkerCreated", gettext_lazy("Delete marker created")),
        ),
    ),
    (
        gettext_lazy("Object restore"),
        (
            ("s3:ObjectRestore:*", gettext_lazy("All restore object events")),
            ("s3:ObjectRestore:Post", gettext_lazy("Restore initiated")),
            ("s3:ObjectRestore:Completed", gettext_lazy("Restore completed")),
            ("s3:ObjectRestore:Delete", gettext_lazy("Restored object expired")),
        ),
    ),
    (
        gettext_lazy("Object tagging and ACL"),
        (
            ("s3:ObjectTagging:*", gettext_lazy("All object tagging events")),
            ("s3:ObjectTagging:Put", gettext_lazy("Object tags added")),
            ("s3:ObjectTagging:Delete", gettext_lazy("Object tags deleted")),
            ("s3:ObjectAcl:Put", gettext_lazy("Object ACL updated")),
        ),
    ),
    (
        gettext_lazy("Replication"),
        (
            ("s3:Replication:*", gettext_lazy("All replication events")),
            (
                "s3:Replication:OperationFailedReplication",
                gettext_lazy("Object failed replication"),
            ),
            (
                "s3:Replication:OperationMissedThreshold",
                gettext_lazy("Replication exceeded 15 minutes"),
            ),
            (
                "s3:Replication:OperationReplicatedAfterThreshold",
                gettext_lazy("Replicated after 15 minutes"),
            ),
            ("s3:Replication:OperationNotTracked", gettext_lazy("Replication no longer tracked")),
        ),
    ),
    (
        gettext_lazy("Lifecycle"),
        (
            ("s3:LifecycleExpiration:*", gettext_lazy("All lifecycle expiration events")),
            ("s3:LifecycleExpiration:Delete", gettext_lazy("Expired object deleted")),
            (
                "s3:LifecycleExpiration:DeleteMarkerCreated",
                gettext_lazy("Expiration created a delete marker"),
            ),
            ("s3:LifecycleTransition", gettext_lazy("Lifecycle transition")),
        ),
    ),
    (
        gettext_lazy("Other"),
        (
            ("s3:IntelligentTiering", gettext_lazy("Intelligent-Tiering archive")),
            ("s3:ReducedRedundancyLostObject", gettext_lazy("Reduced Redundancy object lost")),
        ),
    ),
)
LAMBDA, TOPIC, QUEUE = (
    "LambdaFunctionConfigurations",
    "TopicConfigurations",
    "QueueConfigurations",
)
DESTINATION_LABELS = {
    LAMBDA: gettext_lazy("Lambda function"),
    TOPIC: gettext_lazy("SNS topic"),
    QUEUE: gettext_lazy("SQS queue"),
}
ARCHIVE, DEEP_ARCHIVE = "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"


class ItemForm(SettingForm):
    """`item`: the id of the one that is edited, "" for a new one."""

    @classmethod
    def word(cls, item: str) -> str:
        """What has to be typed before one is deleted."""
        return "delete"

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        """Deletes one. Raises NoSuchConfiguration."""
        raise NotImplementedError


class NotificationForm(ItemForm):
    name = "notification"
    title = gettext_lazy("Event notification")
    about = gettext_lazy(
        "The lab has no queues, topics and functions: messages are listed with the bucket's events "
        "under the ARN that they would go to."
    )
    is_simulated = True
    has_template = True
    event_name = forms.CharField(
        label=gettext_lazy("Event name"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Up to 255 characters. Without one, S3 makes one."),
    )
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Only of objects whose key begins with this."),
    )
    suffix = forms.CharField(
        label=gettext_lazy("Suffix"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Only of objects whose key ends with this."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Event types"),
        choices=[choice for _title, group in EVENT_GROUPS for choice in group],
        error_messages={"required": gettext_lazy("Choose at least one event type.")},
    )
    destination = forms.ChoiceField(
        label=gettext_lazy("Destination"),
        choices=list(DESTINATION_LABELS.items()),
        initial=QUEUE,
        widget=forms.RadioSelect,
    )
    arn = forms.CharField(label="ARN", max_length=2048)

    @property
    def groups(self) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
        """(title, [(event, label, is ticked)])"""
        ticked = set(self["events"].value() or ())
        return [
            (title, [(event, label, event in ticked) for event, label in group])
            for title, group in EVENT_GROUPS
        ]

    def read(self) -> dict[str, Any]:
        if not self.item:
            return {}
        known = reading.notifications(self.ctx, self.bucket)
        found = next((one for one in notification_rows(known) if one["id"] == self.item), None)
        if found is None:
            raise NoSuchConfiguration
        return {
            "event_name": found["id"],
            "prefix": found["prefix"],
            "suffix": found["suffix"],
            "events": found["events"],
            "destination": found["member"],
            "arn": found["arn"],
        }

    def put(self) -> None:
        known = without(reading.notifications(self.ctx, self.bucket), self.item)
        member = self.cleaned_data["destination"]
        wanted = {**known, member: [*known.get(member, ()), self._configuration(member)]}
        operations.put_bucket_notification_configuration(
            self.ctx, bucket=self.bucket, notification_configuration=wanted
        )

    def _configuration(self, member: str) -> dict[str, Any]:
        cleaned = self.cleaned_data
        wanted = {DESTINATIONS[member]: cleaned["arn"], "Events": cleaned["events"]}
        if cleaned["event_name"]:
            wanted["Id"] = cleaned["event_name"]
        rules = [
            {"Name": name, "Value": cleaned[name]} for name in ("prefix", "suffix") if cleaned[name]
        ]
        return {**wanted, **({"Filter": {"Key": {"FilterRules": rules}}} if rules else {})}

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        known = reading.notifications(ctx, bucket)
        if all(one["id"] != item for one in notification_rows(known)):
            raise NoSuchConfiguration
        operations.put_bucket_notification_configuration(
            ctx, bucket=bucket, notification_configuration=without(known, item)
        )


def without(known: dict[str, Any], item: str) -> dict[str, Any]:
    """A notification configuration less the one of an id."""
    left = dict(known)
    for member in DESTINATIONS:
        if member in left:
            left[member] = [one for one in left[member] if one.get("Id") != item]
    return {name: value for name, value in left.items() if value or name not in DESTINATIONS}


def notification_rows(known: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for member, label in DESTINATION_LABELS.items():
        for one in known.get(member, ()):
            rules = one.get("Filter", {}).get("Key", {}).get("FilterRules", ())
            filters = {rule["Name"].lower(): rule["Value"] for rule in rules}
            rows.append(
                {
                    "id": one.get("Id", ""),
                    "events": one["Events"],
                    "prefix": filters.get("prefix", ""),
                    "suffix": filters.get("suffix", ""),
                    "member": member,
                    "destination": label,
                    "arn": one[DESTINATIONS[member]],
                }
            )
    return rows


class TieringForm(ItemForm):
    name = "tiering"
    title = gettext_lazy("Intelligent-Tiering Archive configuration")
    about = gettext_lazy(
        "After how many days without access objects in Intelligent-Tiering move to the archive "
        "tiers. The lab keeps the configuration; its objects stay where they are."
    )
    is_simulated = True
    has_template = True
    config_id = forms.CharField(label=gettext_lazy("Configuration name"), max_length=64)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=(
            ("Enabled", gettext_lazy("Enabled")),
            ("Disabled", gettext_lazy("Disabled")),
        ),
        initial="Enabled",
        widget=forms.RadioSelect,
    )
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Only of objects whose key begins with this."),
    )
    archive_days = forms.IntegerField(
        label=gettext_lazy("Archive Access tier"),
        required=False,
        help_text=gettext_lazy("Days without access: 90 to 730. Empty for none."),
    )
    deep_days = forms.IntegerField(
        label=gettext_lazy("Deep Archive Access tier"),
        required=False,
        help_text=gettext_lazy("Days without access: 180 to 730. Empty for none."),
    )

    def read(self) -> dict[str, Any]:
        if not self.item:
            return {}
        answer = operations.get_bucket_intelligent_tiering_configuration(
            self.ctx, bucket=self.bucket, id=self.item
        )
        known = answer["IntelligentTieringConfiguration"]
        days = {one["AccessTier"]: one["Days"] for one in known["Tierings"]}
        return {
            "config_id": known["Id"],
            "status": known["Status"],
            "prefix": known.get("Filter", {}).get("Prefix", ""),
            "archive_days": days.get(ARCHIVE),
            "deep_days": days.get(DEEP_ARCHIVE),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        has_days = cleaned.get("archive_days") is not None or cleaned.get("deep_days") is not None
        if not has_days and not self.errors:
            self.add_error("archive_days", _("Choose at least one archive tier."))
        return cleaned

    def put(self) -> None:
        cleaned = self.cleaned_data
        days = {ARCHIVE: cleaned["archive_days"], DEEP_ARCHIVE: cleaned["deep_days"]}
        wanted: dict[str, Any] = {
            "Id": cleaned["config_id"],
            "Status": cleaned["status"],
            "Tierings": [
                {"AccessTier": tier, "Days": count}
                for tier, count in days.items()
                if count is not None
            ],
        }
        if cleaned["prefix"]:
            wanted["Filter"] = {"Prefix": cleaned["prefix"]}
        operations.put_bucket_intelligent_tiering_configuration(
            self.ctx,
            bucket=self.bucket,
            id=cleaned["config_id"],
            intelligent_tiering_configuration=wanted,
        )
        if self.item and self.item != cleaned["config_id"]:
            self.delete(self.ctx, self.bucket, self.item)

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        operations.delete_bucket_intelligent_tiering_configuration(ctx, bucket=bucket, id=item)
