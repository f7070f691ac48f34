"""Settings of the Permissions tab: Block Public Access, ownership, access control list, CORS."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from iam.views.editor import Editor
from s3 import operations, reading
from s3.forms.settings import SettingForm
from s3.forms.website import json_list
from s3.grants import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY
from s3.models import Bucket
from s3.owners import canonical_id

BLOCKS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
CONFIRM = "confirm"
MAX_CORS_TEXT = 64 * 1024
MAX_GRANTEES = 20


class BlockFields(forms.Form):
    """The four settings. block_all: whether all of them; the page's script keeps it so."""

    block_all = forms.BooleanField(
        label=gettext_lazy("Block all public access"),
        required=False,
        initial=True,
        help_text=gettext_lazy("The same as turning on all four settings below."),
    )
    block_public_acls = forms.BooleanField(
        label=gettext_lazy(
            "Block public access to buckets and objects granted through new access control lists "
            "(ACLs)"
        ),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "S3 refuses new public ACLs on buckets and objects. What existing ACLs grant stays."
        ),
    )
    ignore_public_acls = forms.BooleanField(
        label=gettext_lazy(
            "Block public access to buckets and objects granted through any access control lists "
            "(ACLs)"
        ),
        required=False,
        initial=True,
        help_text=gettext_lazy("S3 ignores all ACLs that grant public access."),
    )
    block_public_policy = forms.BooleanField(
        label=gettext_lazy(
            "Block public access to buckets and objects granted through new public bucket or "
            "access point policies"
        ),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "S3 refuses new bucket and access point policies that grant public access."
        ),
    )
    restrict_public_buckets = forms.BooleanField(
        label=gettext_lazy(
            "Block public and cross-account access to buckets and objects through any public "
            "bucket or access point policies"
        ),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "S3 ignores public and cross-account access of buckets whose policies are public."
        ),
    )

    def block_configuration(self) -> dict[str, bool]:
        """{"BlockPublicAcls": bool, …}"""
        return {member: bool(self.cleaned_data.get(name)) for name, member in BLOCKS.items()}

    def check_all(self, cleaned: dict[str, Any]) -> None:
        """Without a script, "all" and a single one can contradict each other."""
        if cleaned.get("block_all") and not all(cleaned.get(name) for name in BLOCKS):
            self.add_error("block_all", _("Clear this box to turn settings off one by one."))


def block_initial(blocks: dict[str, bool]) -> dict[str, bool]:
    """blocks: {"BlockPublicAcls": bool, …}"""
    each = {name: bool(blocks.get(member)) for name, member in BLOCKS.items()}
    return {"block_all": all(each.values()), **each}


class ConfirmedBlocks(BlockFields):
    """Blocks to be confirmed by a typed word, as AWS's console asks for it."""

    word = CONFIRM
    confirm = forms.CharField(required=False)

    def clean_confirm(self) -> str:
        text = str(self.cleaned_data["confirm"])
        if text != CONFIRM:
            raise forms.ValidationError(_("The text does not match."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_all(cleaned)
        return cleaned


class BlockForm(ConfirmedBlocks, SettingForm):
    name = "public-access-block"
    title = gettext_lazy("Edit Block public access (bucket settings)")
    about = gettext_lazy(
        "Public access comes from access control lists, bucket policies and access point policies. "
        "These settings hold for this bucket and its access points, whatever those say."
    )
    tab = "permissions"
    has_template = True

    def read(self) -> dict[str, Any]:
        return block_initial(reading.blocks(self.ctx, self.bucket))

    def put(self) -> None:
        operations.put_public_access_block(
            self.ctx,
            bucket=self.bucket,
            public_access_block_configuration=self.block_configuration(),
        )


class OwnershipFields(forms.Form):
    """acls: whether access control lists count at all. ownership: whose new objects are, then."""

    acls = forms.ChoiceField(
        label=gettext_lazy("Object Ownership"),
        choices=(
            ("off", gettext_lazy("ACLs disabled (recommended)")),
            ("on", gettext_lazy("ACLs enabled")),
        ),
        initial="off",
        widget=forms.RadioSelect,
    )
    ownership = forms.ChoiceField(
        label=gettext_lazy("Object Ownership"),
        choices=[
            choice for choice in Bucket.Ownership.choices if choice[0] != Bucket.Ownership.ENFORCED
        ],
        initial=Bucket.Ownership.PREFERRED,
        required=False,
        widget=forms.RadioSelect,
    )
    acls_acknowledged = forms.BooleanField(
        label=gettext_lazy("I acknowledge that ACLs will be restored."), required=False
    )

    def check_acknowledged(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("acls") == "on" and not cleaned.get("acls_acknowledged"):
            self.add_error("acls_acknowledged", _("You must acknowledge this to continue."))

    @property
    def wanted_ownership(self) -> str:
        is_on = self.cleaned_data["acls"] == "on"
        return str(self.cleaned_data["ownership"] if is_on else Bucket.Ownership.ENFORCED)


class OwnershipForm(OwnershipFields, SettingForm):
    name = "ownership"
    title = gettext_lazy("Edit Object Ownership")
    about = gettext_lazy(
        "Who owns what other accounts write into this bucket, and whether access control lists "
        "count."
    )
    tab = "permissions"
    has_template = True

    def read(self) -> dict[str, Any]:
        now = reading.ownership(self.ctx, self.bucket)
        is_on = now != Bucket.Ownership.ENFORCED
        return {
            "acls": "on" if is_on else "off",
            "ownership": now if is_on else Bucket.Ownership.PREFERRED,
            "acls_acknowledged": is_on,
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_acknowledged(cleaned)
        return cleaned

    def put(self) -> None:
        wanted = {"Rules": [{"ObjectOwnership": self.wanted_ownership}]}
        operations.put_bucket_ownership_controls(
            self.ctx, bucket=self.bucket, ownership_controls=wanted
        )


# Field suffix → permission, as the columns of AWS's table.
PERMISSION_COLUMNS = (
    ("list", "READ"),
    ("write", "WRITE"),
    ("read-acl", "READ_ACP"),
    ("write-acl", "WRITE_ACP"),
)


class AclForm(SettingForm):
    """Checkboxes grant-<row>-<column>; row 0 is the owner, then groups, then other accounts, whose
    canonical ids stand in grantee-<row>."""

    name = "acl"
    title = gettext_lazy("Edit access control list (ACL)")
    about = gettext_lazy("Grants basic read and write permissions to other AWS accounts.")
    tab = "permissions"
    has_template = True
    acknowledged = forms.BooleanField(
        label=gettext_lazy("I understand the effects of these changes on my objects and buckets."),
        required=False,
    )

    def read(self) -> dict[str, Any]:
        answer = operations.get_bucket_acl(self.ctx, bucket=self.bucket)
        return {"owner": answer["Owner"]["ID"], "grants": answer["Grants"]}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """[{"index", "grantee", "kind", "cells": [(field, is on)]}], typed ones after an error."""
        if self.is_bound:
            granted = self._typed()
        else:
            granted = grants_table(self.initial["grants"], self.initial["owner"])
        return [
            {
                "index": index,
                "grantee": grantee,
                "kind": kind,
                "cells": [
                    (f"grant-{index}-{column}", permission in permissions)
                    for column, permission in PERMISSION_COLUMNS
                ],
            }
            for index, (grantee, kind, permissions) in enumerate(granted)
        ]

    @property
    def columns(self) -> list[str]:
        return [column for column, _permission in PERMISSION_COLUMNS]

    @property
    def next_index(self) -> int:
        return len(self.rows)

    def _typed(self) -> list[tuple[str, str, set[str]]]:
        table = []
        for index in range(MAX_GRANTEES):
            grantee = self.data.get(f"grantee-{index}", "").strip()
            if grantee:
                on = {
                    permission
                    for column, permission in PERMISSION_COLUMNS
                    if f"grant-{index}-{column}" in self.data
                }
                table.append((grantee, _kind(grantee, canonical_id(self.ctx.account_id)), on))
        return table

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_public = any(on for _who, kind, on in self._typed() if kind in ("all", "users"))
        if is_public and not cleaned.get("acknowledged"):
            self.add_error("acknowledged", _("You must acknowledge this to continue."))
        return cleaned

    def put(self) -> None:
        answer = operations.get_bucket_acl(self.ctx, bucket=self.bucket)
        wanted = []
        for grantee, _kind_name, permissions in self._typed():
            is_group = grantee.startswith("http")
            who = {"Type": "Group", "URI": grantee} if is_group else {}
            who = who or {"Type": "CanonicalUser", "ID": grantee}
            is_full = len(permissions) == len(PERMISSION_COLUMNS) and not is_group
            for permission in ["FULL_CONTROL"] if is_full else sorted(permissions):
                wanted.append({"Grantee": who, "Permission": permission})
        operations.put_bucket_acl(
            self.ctx,
            bucket=self.bucket,
            access_control_policy={"Owner": answer["Owner"], "Grants": wanted},
        )


def grants_table(grants: list[dict[str, Any]], owner: str) -> list[tuple[str, str, set[str]]]:
    """(grantee, kind, permissions) rows: owner, everyone, signed in, log delivery, then others."""
    table: dict[str, set[str]] = {
        owner: set(), ALL_USERS: set(), AUTHENTICATED_USERS: set(), LOG_DELIVERY: set()
    }  # fmt: skip
    every = {permission for _column, permission in PERMISSION_COLUMNS}
    for grant in grants:
        grantee = grant["Grantee"].get("URI") or grant["Grantee"].get("ID", "")
        is_full = grant["Permission"] == "FULL_CONTROL"
        table.setdefault(grantee, set()).update(every if is_full else {grant["Permission"]})
    return [(grantee, _kind(grantee, owner), on) for grantee, on in table.items()]


def _kind(grantee: str, owner: str) -> str:
    kinds = {
        owner: "owner", ALL_USERS: "all", AUTHENTICATED_USERS: "users", LOG_DELIVERY: "logs"
    }  # fmt: skip
    return kinds.get(grantee, "account")


class CorsForm(SettingForm):
    name = "cors"
    title = gettext_lazy("Edit cross-origin resource sharing (CORS)")
    about = gettext_lazy(
        "The CORS configuration, written in JSON, defines a way for web pages of one domain to "
        "read objects from another."
    )
    tab = "permissions"
    has_template = True
    rules = forms.CharField(
        label=gettext_lazy("CORS configuration"),
        required=False,
        strip=False,
        max_length=MAX_CORS_TEXT,
        widget=forms.Textarea,
    )

    def read(self) -> dict[str, Any]:
        rules = reading.cors(self.ctx, self.bucket)
        return {"rules": json.dumps(rules, indent=4) if rules else ""}

    def clean_rules(self) -> list[dict[str, Any]]:
        return json_list(self.cleaned_data["rules"])

    def put(self) -> None:
        rules = self.cleaned_data["rules"]
        if rules:
            configuration = {"CORSRules": rules}
            operations.put_bucket_cors(
                self.ctx, bucket=self.bucket, cors_configuration=configuration
            )
        else:
            operations.delete_bucket_cors(self.ctx, bucket=self.bucket)


class PolicyForm(SettingForm):
    """Its text is the editor's: see `s3.views.policy`."""

    name = "policy"
    title = gettext_lazy("Edit bucket policy")
    tab = "permissions"

    def __init__(self, data: Any, *, ctx: Context, bucket: str, editor: Editor) -> None:
        self.editor = editor
        super().__init__(data, ctx=ctx, bucket=bucket)

    def read(self) -> dict[str, Any]:
        return {}

    def put(self) -> None:
        operations.put_bucket_policy(self.ctx, bucket=self.bucket, policy=self.editor.text)
