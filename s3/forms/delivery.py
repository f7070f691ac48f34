"""What a bucket tells of itself: access logs, data events, EventBridge; and two switches more."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from s3 import data_events, operations, reading
from s3.forms.properties import SWITCH
from s3.forms.settings import SettingForm
from s3.names import bucket_arn, object_arn

LOGGER = "logging.s3.amazonaws.com"
SIMPLE, BY_EVENT, BY_DELIVERY = "simple", "EventTime", "DeliveryTime"


class LoggingForm(SettingForm):
    name = "logging"
    title = gettext_lazy("Edit server access logging")
    about = gettext_lazy("Log requests for access to this bucket, a line for each.")
    has_template = True
    logging = forms.ChoiceField(
        label=gettext_lazy("Server access logging"), choices=SWITCH, widget=forms.RadioSelect
    )
    target_bucket = forms.CharField(
        label=gettext_lazy("Destination bucket"),
        required=False,
        max_length=255,
        help_text=gettext_lazy(
            "In the same Region and account. A bucket that logs into itself logs the logging, too."
        ),
    )
    target_prefix = forms.CharField(
        label=gettext_lazy("Destination prefix"), required=False, max_length=1024
    )
    key_format = forms.ChoiceField(
        label=gettext_lazy("Log object key format"),
        required=False,
        initial=SIMPLE,
        choices=(
            (SIMPLE, "[DestinationPrefix][YYYY]-[MM]-[DD]-[hh]-[mm]-[ss]-[String]"),
            (BY_EVENT, gettext_lazy("By account, Region, bucket and the day of the events")),
            (BY_DELIVERY, gettext_lazy("By account, Region, bucket and the day of delivery")),
        ),
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        known = operations.get_bucket_logging(self.ctx, bucket=self.bucket)
        enabled = known.get("LoggingEnabled", {})
        parts = enabled.get("TargetObjectKeyFormat", {}).get("PartitionedPrefix")
        return {
            "logging": "on" if enabled else "off",
            "target_bucket": enabled.get("TargetBucket", ""),
            "target_prefix": enabled.get("TargetPrefix", ""),
            "key_format": parts.get("PartitionDateSource", BY_EVENT) if parts else SIMPLE,
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("logging") == "on" and not cleaned.get("target_bucket"):
            self.add_error("target_bucket", _("Enter the name of a bucket."))
        return cleaned

    def put(self) -> None:
        status = self._status() if self.cleaned_data["logging"] == "on" else {}
        operations.put_bucket_logging(self.ctx, bucket=self.bucket, bucket_logging_status=status)
        if status:
            self._let_deliver(self.cleaned_data["target_bucket"])

    def _status(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen = cleaned["key_format"] or SIMPLE
        parts = {"PartitionedPrefix": {"PartitionDateSource": chosen}}
        return {
            "LoggingEnabled": {
                "TargetBucket": cleaned["target_bucket"],
                "TargetPrefix": cleaned["target_prefix"],
                "TargetObjectKeyFormat": {"SimplePrefix": {}} if chosen == SIMPLE else parts,
            }
        }

    def _let_deliver(self, target: str) -> None:
        """AWS's console adds the statement that lets S3 put logs to the target's policy."""
        text = reading.policy(self.ctx, target)
        if LOGGER in text:
            return
        document = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
        known = document["Statement"]
        statement = {
            "Sid": "S3ServerAccessLogsPolicy",
            "Effect": "Allow",
            "Principal": {"Service": LOGGER},
            "Action": "s3:PutObject",
            "Resource": object_arn(target, f"{self.cleaned_data['target_prefix']}*"),
            "Condition": {
                "ArnLike": {"aws:SourceArn": bucket_arn(self.bucket)},
                "StringEquals": {"aws:SourceAccount": self.ctx.account_id},
            },
        }
        document["Statement"] = [*(known if isinstance(known, list) else [known]), statement]
        operations.put_bucket_policy(self.ctx, bucket=target, policy=json.dumps(document, indent=4))


class DataEventsForm(SettingForm):
    name = "data-events"
    title = gettext_lazy("Edit AWS CloudTrail data events")
    about = gettext_lazy(
        "Records calls on the objects of this bucket: who read or wrote what. AWS charges for them "
        "and has a trail say so; the lab has a switch for each bucket."
    )
    selection = forms.ChoiceField(
        label=gettext_lazy("Data events"),
        required=False,
        choices=(
            ("", gettext_lazy("None")),
            ("All", gettext_lazy("Read and write")),
            ("ReadOnly", gettext_lazy("Read only")),
            ("WriteOnly", gettext_lazy("Write only")),
        ),
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        return {"selection": data_events.selection(self.ctx, self.bucket)}

    def put(self) -> None:
        data_events.select(self.ctx, self.bucket, self.cleaned_data["selection"])


class EventBridgeForm(SettingForm):
    name = "eventbridge"
    title = gettext_lazy("Edit Amazon EventBridge")
    about = gettext_lazy(
        "Sends every event of this bucket to EventBridge. The lab has no EventBridge: the messages "
        "are listed with the bucket's events."
    )
    is_simulated = True
    sends = forms.ChoiceField(
        label=gettext_lazy(
            "Send notifications to Amazon EventBridge for all events in this bucket"
        ),
        choices=(("off", gettext_lazy("Off")), ("on", gettext_lazy("On"))),
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        known = reading.notifications(self.ctx, self.bucket)
        return {"sends": "on" if "EventBridgeConfiguration" in known else "off"}

    def put(self) -> None:
        known = dict(reading.notifications(self.ctx, self.bucket))
        known.pop("EventBridgeConfiguration", None)
        if self.cleaned_data["sends"] == "on":
            known["EventBridgeConfiguration"] = {}
        operations.put_bucket_notification_configuration(
            self.ctx, bucket=self.bucket, notification_configuration=known
        )


class AccelerationForm(SettingForm):
    name = "acceleration"
    title = gettext_lazy("Edit transfer acceleration")
    about = gettext_lazy(
        "On AWS, data goes through the nearest edge location. A lab has none: the setting is kept, "
        "and nothing gets faster."
    )
    is_simulated = True
    acceleration = forms.ChoiceField(
        label=gettext_lazy("Transfer acceleration"),
        choices=(("Suspended", SWITCH[0][1]), ("Enabled", SWITCH[1][1])),
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        answer = operations.get_bucket_accelerate_configuration(self.ctx, bucket=self.bucket)
        return {"acceleration": answer.get("Status", "Suspended")}

    def put(self) -> None:
        wanted = {"Status": self.cleaned_data["acceleration"]}
        operations.put_bucket_accelerate_configuration(
            self.ctx, bucket=self.bucket, accelerate_configuration=wanted
        )


class RequesterPaysForm(SettingForm):
    name = "requester-pays"
    title = gettext_lazy("Edit requester pays")
    about = gettext_lazy(
        "The requester pays for requests and transfer, and has to say so with each request; "
        "anonymous requests are refused."
    )
    payer = forms.ChoiceField(
        label=gettext_lazy("Requester pays"),
        choices=(("BucketOwner", SWITCH[0][1]), ("Requester", SWITCH[1][1])),
        widget=forms.RadioSelect,
    )

    def read(self) -> dict[str, Any]:
        answer = operations.get_bucket_request_payment(self.ctx, bucket=self.bucket)
        return {"payer": answer.get("Payer", "BucketOwner")}

    def put(self) -> None:
        wanted = {"Payer": self.cleaned_data["payer"]}
        operations.put_bucket_request_payment(
            self.ctx, bucket=self.bucket, request_payment_configuration=wanted
        )
