"""A replication rule of a bucket: what of it is copied where, and as which role."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from iam.operations import create_role, list_roles, put_role_policy
from s3 import operations, reading
from s3.errors import NoSuchConfiguration
from s3.forms.items import ItemForm
from s3.forms.objects import STORAGE_CLASSES
from s3.names import bucket_arn
from s3.replicas import destination_of, is_on, prefix_of, tags_of

Rule = dict[str, Any]
SERVICE = "s3.amazonaws.com"
POLICY_NAME = "s3-replication"
NEW_ROLE = "new"
ENABLED, DISABLED = "Enabled", "Disabled"


def _box(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class ReplicationForm(ItemForm):
    name = "replication"
    title = gettext_lazy("Replication rule")
    about = gettext_lazy(
        "New objects are copied to another bucket, of any Region or account, within seconds. Both "
        "buckets keep versions."
    )
    tab = "management"
    has_template = True
    rule_id = forms.CharField(label=gettext_lazy("Replication rule name"), max_length=255)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=((ENABLED, gettext_lazy("Enabled")), (DISABLED, gettext_lazy("Disabled"))),
        initial=ENABLED,
        widget=forms.RadioSelect,
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=0,
        initial=0,
        help_text=gettext_lazy(
            "Where several rules copy to one bucket, the one with the highest number counts."
        ),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Choose a rule scope"),
        choices=(
            ("filter", gettext_lazy("Limit the scope of this rule using one or more filters")),
            ("all", gettext_lazy("Apply to all objects in the bucket")),
        ),
        initial="all",
        widget=forms.RadioSelect,
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
    place = forms.ChoiceField(
        label=gettext_lazy("Destination"),
        choices=(
            ("own", gettext_lazy("Choose a bucket in this account")),
            ("other", gettext_lazy("Specify a bucket in another account")),
        ),
        initial="own",
        widget=forms.RadioSelect,
    )
    destination = forms.CharField(label=gettext_lazy("Destination bucket"), max_length=63)
    account = forms.RegexField(
        r"\d{12}", label=gettext_lazy("Account ID of the destination"), required=False
    )
    takes_over = _box(
        gettext_lazy("Change object ownership to the owner of the destination bucket")
    )
    role = forms.ChoiceField(
        label=gettext_lazy("IAM role"),
        help_text=gettext_lazy("S3 replicates as this role. It has to trust s3.amazonaws.com."),
    )
    encrypted = _box(
        gettext_lazy("Replicate objects encrypted with AWS Key Management Service (AWS KMS)")
    )
    kms_key = forms.CharField(
        label=gettext_lazy("AWS KMS key for the replicas"), required=False, max_length=2048
    )
    storage_class = forms.ChoiceField(
        label=gettext_lazy("Storage class of the replicas"),
        required=False,
        choices=(
            ("", gettext_lazy("That of the source object")),
            *((name, label) for name, label, *_rest in STORAGE_CLASSES),
        ),
    )
    timed = _box(gettext_lazy("Replication Time Control (RTC): within 15 minutes"))
    measured = _box(gettext_lazy("Replication metrics and notifications"))
    markers = _box(gettext_lazy("Delete marker replication"))
    syncs = _box(gettext_lazy("Replica modification sync"))

    def __init__(
        self, data: QueryDict | None, *, ctx: Context, bucket: str, item: str = ""
    ) -> None:
        super().__init__(data, ctx=ctx, bucket=bucket, item=item)
        self.choices("role", [(NEW_ROLE, _("Create new role")), *self._roles()])

    @property
    def next_url(self) -> str:
        """A new rule leads to the question about what was there before."""
        if self.item:
            return super().next_url
        return reverse("s3:replicate-existing", args=[self.bucket])

    def _roles(self) -> list[tuple[str, str]]:
        """Those that trust S3, and the one that is set already."""
        found = [
            (one["Arn"], one["RoleName"])
            for one in self.optional(list_roles, self.ctx, "Roles")
            if SERVICE in json.dumps(one["AssumeRolePolicyDocument"])
        ]
        nothing: dict[str, Any] = {}
        rules = self.allowed(lambda: reading.replication(self.ctx, self.bucket), nothing)
        known = str(rules.get("Role", ""))
        if known and known not in dict(found):
            found.insert(0, (known, known.rpartition("/")[2]))
        return found

    def read(self) -> dict[str, Any]:
        known = reading.replication(self.ctx, self.bucket)
        if not self.item:
            priorities = [rule.get("Priority", 0) for rule in known.get("Rules", ())]
            role = known.get("Role", NEW_ROLE)
            return {"role": role, "priority": max(priorities, default=-1) + 1}
        return fields_of(find(known, self.bucket, self.item)) | {"role": known["Role"]}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("place") == "other" and not cleaned.get("account"):
            self.add_error("account", _("Enter the account ID, 12 digits."))
        if cleaned.get("encrypted") and not cleaned.get("kms_key"):
            self.add_error("kms_key", _("Enter the key that seals the replicas."))
        return cleaned

    def put(self) -> None:
        known = reading.replication(self.ctx, self.bucket)
        rules, rule = list(known.get("Rules", ())), self._rule()
        if self.item:
            find(known, self.bucket, self.item)
            rules = [rule if one["ID"] == self.item else one for one in rules]
        else:
            rules.append(rule)
        role = self.cleaned_data["role"]
        if role == NEW_ROLE:
            role = self._new_role(rule)
        _put(self.ctx, self.bucket, role, rules)

    def _new_role(self, rule: Rule) -> str:
        """Named and allowed as AWS's console does it. Answers its ARN."""
        name = f"s3crr_role_for_{self.bucket}"[:64]
        made = create_role(
            self.ctx,
            role_name=name,
            path="/service-role/",
            assume_role_policy_document=_trust(),
        )
        put_role_policy(
            self.ctx,
            role_name=name,
            policy_name=POLICY_NAME,
            policy_document=permissions(self.bucket, rule),
        )
        return str(made["Role"]["Arn"])

    def _rule(self) -> Rule:
        cleaned = self.cleaned_data
        rule: Rule = {
            "ID": cleaned["rule_id"],
            "Status": cleaned["status"],
            "Priority": cleaned["priority"],
            "Filter": self._filter(),
            "DeleteMarkerReplication": _switch(cleaned["markers"]),
            "Destination": self._destination(),
        }
        wanted = {"SseKmsEncryptedObjects": "encrypted", "ReplicaModifications": "syncs"}
        criteria = {name: _switch(True) for name, box in wanted.items() if cleaned[box]}
        return {**rule, **({"SourceSelectionCriteria": criteria} if criteria else {})}

    def _filter(self) -> Rule:
        cleaned = self.cleaned_data
        if cleaned["scope"] == "all":
            return {"Prefix": ""}
        lines = [line.partition("=") for line in cleaned["tags"].splitlines() if line.strip()]
        tags = [{"Key": key.strip(), "Value": value.strip()} for key, _sign, value in lines]
        prefix = {"Prefix": cleaned["prefix"]} if cleaned["prefix"] else {}
        if len(tags) + len(prefix) > 1:
            return {"And": {**prefix, "Tags": tags}}
        return {"Tag": tags[0]} if tags else prefix or {"Prefix": ""}

    def _destination(self) -> Rule:
        cleaned = self.cleaned_data
        wanted: Rule = {"Bucket": bucket_arn(cleaned["destination"])}
        if cleaned["place"] == "other":
            wanted["Account"] = cleaned["account"]
            if cleaned["takes_over"]:
                wanted["AccessControlTranslation"] = {"Owner": "Destination"}
        if cleaned["storage_class"]:
            wanted["StorageClass"] = cleaned["storage_class"]
        if cleaned["encrypted"]:
            wanted["EncryptionConfiguration"] = {"ReplicaKmsKeyID": cleaned["kms_key"]}
        if cleaned["timed"]:
            wanted["ReplicationTime"] = {"Status": ENABLED, "Time": {"Minutes": 15}}
        if cleaned["timed"] or cleaned["measured"]:
            wanted["Metrics"] = {"Status": ENABLED, "EventThreshold": {"Minutes": 15}}
        return wanted

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        known = reading.replication(ctx, bucket)
        find(known, bucket, item)
        _put(ctx, bucket, known["Role"], [one for one in known["Rules"] if one["ID"] != item])


def find(known: Mapping[str, Any], bucket: str, rule_id: str) -> Rule:
    """Raises NoSuchConfiguration."""
    for rule in known.get("Rules", ()):
        if rule["ID"] == rule_id:
            return dict(rule)
    raise NoSuchConfiguration(BucketName=bucket)


def _put(ctx: Context, bucket: str, role: str, rules: list[Rule]) -> None:
    if not rules:
        operations.delete_bucket_replication(ctx, bucket=bucket)
        return
    operations.put_bucket_replication(
        ctx, bucket=bucket, replication_configuration={"Role": role, "Rules": rules}
    )


def _switch(is_on: bool) -> dict[str, str]:
    return {"Status": ENABLED if is_on else DISABLED}


def _trust() -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def permissions(bucket: str, rule: Mapping[str, Any]) -> str:
    """What the role of a rule needs.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    """
    source, target = bucket_arn(bucket), rule["Destination"]["Bucket"]
    to_write = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    if "AccessControlTranslation" in rule["Destination"]:
        to_write.append("s3:ObjectOwnerOverrideToBucketOwner")
    allowed = [
        (["s3:ListBucket", "s3:GetReplicationConfiguration"], source),
        (
            [
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            f"{source}/*",
        ),
        (to_write, f"{target}/*"),
    ]
    if key := (rule["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID"):
        # The keys that objects are sealed under now are not known here.
        allowed += [(["kms:Decrypt"], "*"), (["kms:Encrypt", "kms:GenerateDataKey"], key)]
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": resource}
        for actions, resource in allowed
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def fields_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    wanted, tags = rule["Destination"], list(tags_of(rule))
    return {
        "rule_id": rule["ID"],
        "status": rule["Status"],
        "priority": rule.get("Priority", 0),
        "scope": "filter" if prefix_of(rule) or tags else "all",
        "prefix": prefix_of(rule),
        "tags": "\n".join(f"{key}={value}" for key, value in tags),
        "place": "other" if wanted.get("Account") else "own",
        "destination": destination_of(rule),
        "account": wanted.get("Account", ""),
        "takes_over": "AccessControlTranslation" in wanted,
        "encrypted": is_on(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects"),
        "kms_key": (wanted.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID", ""),
        "storage_class": wanted.get("StorageClass", ""),
        "timed": is_on(wanted, "ReplicationTime"),
        "measured": is_on(wanted, "Metrics"),
        "markers": is_on(rule, "DeleteMarkerReplication"),
        "syncs": is_on(rule, "SourceSelectionCriteria", "ReplicaModifications"),
    }
