"""The Properties and Permissions tabs, and the pages that edit a bucket's settings."""

import json
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User
from s3 import operations
from s3.grants import ALL_USERS
from s3.models import Bucket
from s3.operations.buckets import BLOCK_ALL
from s3.owners import canonical_id
from s3.policy_examples import EXAMPLES
from s3.views.settings import SETTINGS
from tests import factories
from tests.factories import allow

Console = Callable[..., Client]
EVERYBODY = allow("s3:GetObject", "arn:aws:s3:::samples/*", Principal="*")
QUEUE = "arn:aws:sqs:ap-northeast-2:111122223333:jobs"
every_setting = pytest.mark.parametrize("setting", sorted(SETTINGS))


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def page(console: Console, alice: User) -> Client:
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


@pytest.fixture
def samples(account: Account) -> Bucket:
    return factories.bucket(account, "samples")


def configured(bucket: Bucket) -> dict[str, Any]:
    bucket.refresh_from_db()
    configurations: dict[str, Any] = bucket.configurations
    return configurations


@pytest.fixture
def edit(page: Client, samples: Bucket) -> Callable[..., Any]:
    """`edit("versioning", versioning="Enabled")`: posts the page of a setting."""

    def post(setting: str, **fields: Any) -> Any:
        query = f"?id={fields.pop('id')}" if "id" in fields else ""
        return page.post(f"/s3/buckets/samples/edit-{setting}{query}", fields)

    return post


class TestEveryPage:
    @every_setting
    def test_it_opens_in_both_languages(
        self, console: Console, alice: User, samples: Bucket, setting: str
    ) -> None:
        browser = console(alice)
        for language in ("en", "ko"):
            browser.cookies["groundschool-language"] = language
            answer = browser.get(f"/s3/buckets/samples/edit-{setting}")
            assert answer.status_code == 200
            assert f'<html lang="{language}"' in text(answer)

    @every_setting
    def test_it_is_closed_to_who_may_not_read_it(
        self, console: Console, nobody: User, mallory: User, samples: Bucket, setting: str
    ) -> None:
        for who in (nobody, mallory):
            answer = console(who).get(f"/s3/buckets/samples/edit-{setting}")
            assert answer.status_code in (403, 404)

    def test_an_unknown_setting_is_no_page(self, page: Client, samples: Bucket) -> None:
        assert page.get("/s3/buckets/samples/edit-nothing").status_code == 404


class TestProperties:
    def test_versioning(self, edit: Any, samples: Bucket) -> None:
        assert edit("versioning", versioning="Enabled").status_code == 302
        samples.refresh_from_db()
        assert samples.versioning == "Enabled"

    def test_a_denied_change_keeps_the_page(
        self, console: Console, bob: User, samples: Bucket
    ) -> None:
        answer = console(bob).post("/s3/buckets/samples/edit-versioning", {"versioning": "Enabled"})
        assert answer.status_code == 422
        assert "s3:PutBucketVersioning" in text(answer)
        samples.refresh_from_db()
        assert samples.versioning == ""

    def test_tags_are_replaced_and_their_errors_are_awss(self, edit: Any, samples: Bucket) -> None:
        edit("tags", **{"tag-key-0": "team", "tag-value-0": "blue"})
        samples.refresh_from_db()
        assert samples.tags == {"team": "blue"}
        answer = edit("tags", **{"tag-key-0": "aws:mine", "tag-value-0": "typed"})
        assert "System tags cannot be added/updated by requester" in text(answer)
        assert 'value="typed"' in text(answer)
        edit("tags")
        samples.refresh_from_db()
        assert samples.tags == {}

    def test_encryption_by_a_kms_key(self, edit: Any, samples: Bucket) -> None:
        edit("encryption", encryption="aws:kms", kms_key="alias/mine", bucket_key="on")
        rule = configured(samples)["encryption"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/mine"
        assert rule["BucketKeyEnabled"]

    def test_object_lock_needs_versioning_and_the_acknowledgement(
        self, edit: Any, samples: Bucket
    ) -> None:
        fields = {"retention": "on", "mode": "GOVERNANCE", "period": "30", "unit": "Days"}
        assert "You must acknowledge this" in text(edit("object-lock", **fields))
        answer = edit("object-lock", acknowledged="on", **fields)
        assert "InvalidBucketState" in text(answer)
        Bucket.objects.update(versioning="Enabled")
        assert edit("object-lock", acknowledged="on", **fields).status_code == 302
        default = configured(samples)["object-lock"]["Rule"]["DefaultRetention"]
        assert default == {"Mode": "GOVERNANCE", "Days": 30}

    def test_a_website(self, edit: Any, page: Client, samples: Bucket) -> None:
        answer = edit("website", hosting="on", kind="static", index_document="")
        assert "Index document is required" in text(answer)
        answer = edit("website", hosting="on", kind="static", index_document="a/b")
        assert answer.status_code == 422
        assert "The IndexDocument Suffix is not well formed" in text(answer)
        edit("website", hosting="on", kind="static", index_document="index.html")
        shown = text(page.get("/s3/buckets/samples?tab=properties"))
        assert "s3-website" in shown
        edit("website", hosting="off")
        assert "website" not in configured(samples)

    def test_a_websites_rules_are_json(self, edit: Any, samples: Bucket) -> None:
        fields = {"hosting": "on", "kind": "static", "index_document": "index.html"}
        assert "see line 1, column 2" in text(edit("website", rules="[oops", **fields))
        rule = {"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}
        edit("website", rules=json.dumps([rule]), **fields)
        assert configured(samples)["website"]["RoutingRules"] == [rule]

    def test_logging_lets_the_logger_write(
        self, edit: Any, account: Account, samples: Bucket
    ) -> None:
        answer = edit("logging", logging="on", target_bucket="nowhere", key_format="simple")
        assert "InvalidTargetBucketForLogging" in text(answer)
        logs = factories.bucket(account, "the-logs", public_access_block=BLOCK_ALL)
        edit("logging", logging="on", target_bucket="the-logs", target_prefix="a/")
        assert configured(samples)["logging"]["LoggingEnabled"]["TargetBucket"] == "the-logs"
        logs.refresh_from_db()
        statement = json.loads(logs.policy)["Statement"][0]
        assert statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
        assert statement["Resource"] == "arn:aws:s3:::the-logs/a/*"

    def test_logging_changes_nothing_where_the_policy_may_not_change(
        self, console: Console, account: Account, nobody: User, samples: Bucket
    ) -> None:
        factories.bucket(account, "the-logs")
        factories.grant(nobody, policies=[allow(["s3:PutBucketLogging", "s3:GetBucketPolicy"])])
        fields = {"logging": "on", "target_bucket": "the-logs", "target_prefix": ""}
        answer = console(nobody).post("/s3/buckets/samples/edit-logging", fields)
        assert "s3:PutBucketPolicy" in text(answer)
        assert "logging" not in configured(samples)

    def test_data_events_and_eventbridge(self, edit: Any, samples: Bucket) -> None:
        edit("data-events", selection="WriteOnly")
        edit("eventbridge", sends="on")
        known = configured(samples)
        assert known["data-events"] == {"ReadWriteType": "WriteOnly"}
        assert "EventBridgeConfiguration" in known["notification"]
        edit("eventbridge", sends="off")
        assert "notification" not in configured(samples)

    def test_acceleration_and_requester_pays(
        self, edit: Any, page: Client, account: Account, samples: Bucket
    ) -> None:
        edit("acceleration", acceleration="Enabled")
        edit("requester-pays", payer="Requester")
        ctx = factories.ctx_for(account)
        kept = operations.get_bucket_accelerate_configuration(ctx, bucket="samples")
        assert kept == {"Status": "Enabled"}
        assert operations.get_bucket_request_payment(ctx, bucket="samples")["Payer"] == "Requester"
        factories.bucket(account, "with.dots")
        answer = page.post("/s3/buckets/with.dots/edit-acceleration", {"acceleration": "Enabled"})
        assert "not supported for buckets with periods" in text(answer)

    def test_mfa_delete_is_shown_and_refuses_the_page(
        self, edit: Any, page: Client, samples: Bucket
    ) -> None:
        Bucket.objects.update(versioning="Enabled", mfa_delete=True)
        assert edit("versioning", versioning="Suspended").status_code == 422
        samples.refresh_from_db()
        assert samples.versioning == "Enabled"


class TestNotifications:
    FIELDS = {
        "event_name": "new-images",
        "prefix": "images/",
        "suffix": ".jpg",
        "events": ["s3:ObjectCreated:*"],
        "destination": "QueueConfigurations",
        "arn": QUEUE,
    }

    def test_one_is_made_edited_and_deleted(self, edit: Any, page: Client, samples: Bucket) -> None:
        edit("notification", **self.FIELDS)
        edit("eventbridge", sends="on")
        shown = text(page.get("/s3/buckets/samples?tab=properties"))
        assert "new-images" in shown
        assert QUEUE in shown
        edit("notification", id="new-images", **{**self.FIELDS, "events": ["s3:ObjectAcl:Put"]})
        (kept,) = configured(samples)["notification"]["QueueConfigurations"]
        assert kept["Events"] == ["s3:ObjectAcl:Put"]
        answer = page.post("/s3/buckets/samples/delete-notification", {"id": "new-images"})
        assert "delete" in text(answer)
        data = {"id": "new-images", "confirm": "delete"}
        page.post("/s3/buckets/samples/delete-notification", data)
        assert configured(samples)["notification"] == {"EventBridgeConfiguration": {}}

    def test_what_is_wrong_is_said_in_awss_words(self, edit: Any) -> None:
        answer = edit("notification", **{**self.FIELDS, "arn": QUEUE.replace("1111", "9999")})
        assert "Unable to validate the following destination configurations" in text(answer)
        assert "images/" in text(answer)
        answer = edit("notification", **{**self.FIELDS, "events": []})
        assert "Choose at least one event type." in text(answer)

    def test_an_unknown_one_is_no_page(self, page: Client, samples: Bucket) -> None:
        answer = page.get("/s3/buckets/samples/edit-notification?id=nothing")
        assert answer.status_code == 404


class TestTiering:
    def test_one_is_made_renamed_and_deleted(
        self, edit: Any, page: Client, samples: Bucket
    ) -> None:
        fields = {"config_id": "old-data", "status": "Enabled", "archive_days": "90"}
        edit("tiering", **fields)
        assert "old-data" in text(page.get("/s3/buckets/samples?tab=properties"))
        edit("tiering", id="old-data", **{**fields, "config_id": "older-data"})
        shown = text(page.get("/s3/buckets/samples?tab=properties"))
        assert "older-data" in shown
        assert ">old-data<" not in shown
        data = {"id": "older-data", "confirm": "delete"}
        page.post("/s3/buckets/samples/delete-tiering", data)
        page.get("/s3/buckets/samples")  # takes the flashes
        assert "older-data" not in text(page.get("/s3/buckets/samples?tab=properties"))

    def test_days_are_awss(self, edit: Any) -> None:
        fields = {"config_id": "a", "status": "Enabled", "archive_days": "3"}
        assert "must be between 90 and 730" in text(edit("tiering", **fields))


class TestPermissions:
    def test_blocks_need_the_word(self, edit: Any, samples: Bucket) -> None:
        fields = {"block_public_policy": "on"}
        assert edit("public-access-block", confirm="yes", **fields).status_code == 422
        edit("public-access-block", confirm="confirm", **fields)
        samples.refresh_from_db()
        assert [name for name, is_on in samples.public_access_block.items() if is_on] == [
            "BlockPublicPolicy"
        ]

    @pytest.mark.parametrize(
        ("values", "state"),
        [
            ({"public_access_block": BLOCK_ALL}, "Bucket and objects not public"),
            ({"policy": EVERYBODY}, "Public"),
            (
                {"policy": EVERYBODY, "public_access_block": BLOCK_ALL},
                "Only authorized users of this account",
            ),
            ({"object_ownership": "ObjectWriter"}, "Objects can be public"),
            (
                {
                    "object_ownership": "ObjectWriter",
                    "grants": [
                        {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}
                    ],
                },
                "Public",
            ),
            (
                {
                    "object_ownership": "ObjectWriter",
                    "public_access_block": {"IgnorePublicAcls": True},
                    "grants": [
                        {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}
                    ],
                },
                "Bucket and objects not public",
            ),
        ],
    )
    def test_the_overview_says_how_open_it_is(
        self, page: Client, samples: Bucket, values: dict[str, Any], state: str
    ) -> None:
        Bucket.objects.filter(pk=samples.pk).update(**values)
        shown = text(page.get("/s3/buckets/samples?tab=permissions"))
        assert f"<span>{state}</span>" in shown

    def test_the_overview_agrees_with_the_door(
        self, page: Client, samples: Bucket, client: Client
    ) -> None:
        """What is called public is what a stranger may really read."""
        Bucket.objects.filter(pk=samples.pk).update(policy=EVERYBODY)
        shown = text(page.get("/s3/buckets/samples?tab=permissions"))
        assert "Statement PublicReadGetObject" in shown or "Statement 1" in shown
        assert "Everybody" in shown

    def test_parts_that_may_not_be_read_say_so(
        self, console: Console, nobody: User, samples: Bucket
    ) -> None:
        factories.grant(nobody, policies=[allow("s3:GetBucketLocation")])
        for tab in ("properties", "permissions"):
            answer = console(nobody).get(f"/s3/buckets/samples?tab={tab}")
            assert answer.status_code == 200
            assert "is not authorized to perform" in text(answer)

    def test_ownership_needs_the_acknowledgement(self, edit: Any, samples: Bucket) -> None:
        fields = {"acls": "on", "ownership": "BucketOwnerPreferred"}
        assert edit("ownership", **fields).status_code == 422
        edit("ownership", acls_acknowledged="on", **fields)
        samples.refresh_from_db()
        assert samples.object_ownership == "BucketOwnerPreferred"

    def test_ownership_that_lists_forbid_is_refused_in_awss_words(
        self, edit: Any, samples: Bucket
    ) -> None:
        public = [{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}]
        Bucket.objects.update(object_ownership="ObjectWriter", grants=public)
        answer = edit("ownership", acls="off")
        assert "Bucket cannot have ACLs set with ObjectOwnership" in text(answer)

    def test_a_list_is_edited(
        self, edit: Any, samples: Bucket, account: Account, other_account: Account
    ) -> None:
        Bucket.objects.update(object_ownership="ObjectWriter")
        own, other = canonical_id(account.pk), canonical_id(other_account.pk)
        fields = {
            "grantee-0": own, "grant-0-list": "on", "grant-0-write": "on",
            "grant-0-read-acl": "on", "grant-0-write-acl": "on",
            "grantee-1": ALL_USERS, "grant-1-list": "on",
            "grantee-4": other, "grant-4-list": "on",
        }  # fmt: skip
        assert "You must acknowledge this" in text(edit("acl", **fields))
        edit("acl", acknowledged="on", **fields)
        samples.refresh_from_db()
        given = {
            (one["Grantee"].get("ID") or one["Grantee"]["URI"], one["Permission"])
            for one in samples.grants
        }
        assert given == {(own, "FULL_CONTROL"), (ALL_USERS, "READ"), (other, "READ")}

    def test_an_unknown_grantee_is_refused(self, edit: Any, samples: Bucket) -> None:
        Bucket.objects.update(object_ownership="ObjectWriter")
        answer = edit("acl", **{"grantee-4": "f" * 64, "grant-4-list": "on"})
        assert "Invalid id" in text(answer)
        assert "f" * 64 in text(answer)

    def test_cors_is_json(self, edit: Any, samples: Bucket) -> None:
        assert "see line 1, column 2" in text(edit("cors", rules="[oops"))
        bad = json.dumps([{"AllowedMethods": ["FETCH"], "AllowedOrigins": ["*"]}])
        answer = edit("cors", rules=bad)
        assert "Unsupported method is FETCH" in text(answer)
        assert "FETCH" in text(answer)
        assert edit("cors", rules='[{"Nonsense": 1}]').status_code == 422
        good = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
        edit("cors", rules=json.dumps(good))
        assert configured(samples)["cors"] == {"CORSRules": good}
        edit("cors", rules="")
        assert "cors" not in configured(samples)


class TestPolicy:
    ADDRESS = "/s3/buckets/samples/edit-policy"

    def test_it_is_put_and_deleted(self, page: Client, samples: Bucket) -> None:
        answer = page.post(self.ADDRESS, {"document": EVERYBODY, "document-kind": "bucket"})
        assert answer.status_code == 302
        samples.refresh_from_db()
        assert samples.policy == EVERYBODY
        assert page.post("/s3/buckets/samples/delete-policy").status_code == 200
        page.post("/s3/buckets/samples/delete-policy", {"confirm": "delete"})
        samples.refresh_from_db()
        assert samples.policy == ""

    @pytest.mark.parametrize(
        ("document", "code", "sentence"),
        [
            ("{", "MalformedPolicy", "valid JSON"),
            (
                allow("s3:GetObject", "arn:aws:s3:::other/*", Principal="*"),
                "MalformedPolicy",
                "Policy has invalid resource",
            ),
            (
                allow("s3:GetObject", "arn:aws:s3:::samples/*", Principal={"AWS": "9" * 12}),
                "MalformedPolicy",
                "Invalid principal in policy",
            ),
        ],
    )
    def test_awss_errors_keep_the_text(
        self, page: Client, samples: Bucket, document: str, code: str, sentence: str
    ) -> None:
        answer = page.post(self.ADDRESS, {"document": document, "document-kind": "bucket"})
        assert answer.status_code == 422
        assert code in text(answer)
        assert sentence in text(answer)
        assert document in text(answer)

    def test_a_public_policy_is_blocked(self, page: Client, samples: Bucket) -> None:
        Bucket.objects.update(public_access_block=BLOCK_ALL)
        answer = page.post(self.ADDRESS, {"document": EVERYBODY, "document-kind": "bucket"})
        assert "BlockPublicPolicy setting in S3 Block Public Access" in text(answer)

    def test_the_preview_names_who_gets_in(self, page: Client, samples: Bucket) -> None:
        def preview(document: str) -> str:
            data = {"document": document, "document-kind": "bucket"}
            return text(page.post("/s3/buckets/samples/preview-policy", data))

        assert "Everybody" in preview(EVERYBODY)
        another = allow("s3:GetObject", "*", Principal={"AWS": "444455556666"})
        assert "444455556666" in preview(another)
        own = allow("s3:GetObject", "*", Principal={"AWS": "111122223333"})
        assert "Nobody outside of this account" in preview(own)
        assert "appears as soon as" in preview("{")
        Bucket.objects.update(public_access_block=BLOCK_ALL)
        assert "RestrictPublicBuckets" in preview(EVERYBODY)

    @pytest.mark.parametrize("example", sorted(EXAMPLES))
    def test_examples_have_no_errors(
        self, page: Client, samples: Bucket, example: str, account: Account
    ) -> None:
        shown = text(page.get(f"{self.ADDRESS}?example={example}"))
        assert "Errors: 0" in shown
        document = EXAMPLES[example].document("samples", account.pk)
        ctx = factories.ctx_for(account)
        operations.put_bucket_policy(ctx, bucket="samples", policy=document)

    def test_the_editor_works_without_scripts(self, page: Client, samples: Bucket) -> None:
        data = {"document": EVERYBODY, "document-kind": "bucket", "command": "add"}
        answer = page.post(self.ADDRESS, data)
        assert answer.status_code == 200
        assert text(answer).count("Effect") == 2

    def test_others_neither_read_nor_write_it(
        self, console: Console, bob: User, nobody: User, mallory: User, samples: Bucket
    ) -> None:
        for who in (nobody, mallory):
            assert console(who).get(self.ADDRESS).status_code == 403
        for who in (bob, nobody, mallory):
            data = {"document": EVERYBODY, "document-kind": "bucket"}
            assert console(who).post(self.ADDRESS, data).status_code == 422
        samples.refresh_from_db()
        assert samples.policy == ""


class TestAccountBlocks:
    def test_they_are_shown_and_edited(self, page: Client, samples: Bucket) -> None:
        assert "Off" in text(page.get("/s3/settings"))
        answer = page.post("/s3/settings/edit", {"block_public_policy": "on", "confirm": "no"})
        assert answer.status_code == 422
        page.post("/s3/settings/edit", {"block_public_policy": "on", "confirm": "confirm"})
        assert "On" in text(page.get("/s3/settings"))

    def test_they_close_public_buckets(self, page: Client, samples: Bucket) -> None:
        Bucket.objects.update(policy=EVERYBODY)
        assert "Publicly accessible" in text(page.get("/s3/buckets"))
        data = {"restrict_public_buckets": "on", "confirm": "confirm"}
        page.post("/s3/settings/edit", data)
        assert 'badge-red" href' not in text(page.get("/s3/buckets"))

    def test_who_may_not_change_them_keeps_the_page(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/s3/settings/edit", {"confirm": "confirm"})
        assert answer.status_code == 422
        assert "s3:PutAccountPublicAccessBlock" in text(answer)
