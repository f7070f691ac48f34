"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite; redirects of single objects."""

from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from tests.s3.checks import refused

INDEX = {"IndexDocument": {"Suffix": "index.html"}}
RULE = {
    "Condition": {"KeyPrefixEquals": "docs/", "HttpErrorCodeReturnedEquals": "404"},
    "Redirect": {"ReplaceKeyPrefixWith": "documents/", "HttpRedirectCode": "302"},
}


def put(s3: Any, configuration: dict[str, Any]) -> None:
    s3.put_bucket_website(Bucket="samples", WebsiteConfiguration=configuration)


def test_what_was_put_is_answered_until_it_is_deleted(s3: Any, bucket: str) -> None:
    with refused("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket=bucket)
    wanted = {**INDEX, "ErrorDocument": {"Key": "error.html"}, "RoutingRules": [RULE]}
    put(s3, wanted)
    found = s3.get_bucket_website(Bucket=bucket)
    assert {name: found[name] for name in wanted} == wanted
    put(s3, {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}})
    found = s3.get_bucket_website(Bucket=bucket)
    assert found["RedirectAllRequestsTo"] == {"HostName": "example.com", "Protocol": "https"}
    assert "IndexDocument" not in found
    s3.delete_bucket_website(Bucket=bucket)
    s3.delete_bucket_website(Bucket=bucket)
    with refused("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket=bucket)


@pytest.mark.parametrize(
    ("wanted", "code", "sentence"),
    [
        ({}, "InvalidArgument", "IndexDocument Suffix must be provided"),
        ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument", "Suffix is not well formed"),
        ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument", "Suffix is not well formed"),
        (
            {**INDEX, "RedirectAllRequestsTo": {"HostName": "example.com"}},
            "InvalidArgument",
            "cannot be provided in conjunction",
        ),
        ({"RedirectAllRequestsTo": {"HostName": "a/b"}}, "InvalidArgument", "HostName"),
        (
            {"RedirectAllRequestsTo": {"HostName": "a", "Protocol": "javascript"}},
            "MalformedXML",
            "",
        ),
        (
            {**INDEX, "RoutingRules": [RULE] * 51},
            "InvalidRequest",
            "51 routing rules provided",
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "300"}}]},
            "InvalidRequest",
            "HTTP redirect code (300) is not valid",
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "200"}}]},
            "InvalidRequest",
            "HTTP redirect code (200) is not valid",
        ),
        (
            {
                **INDEX,
                "RoutingRules": [
                    {
                        "Condition": {"HttpErrorCodeReturnedEquals": "302"},
                        "Redirect": {"HostName": "a"},
                    }
                ],
            },
            "InvalidRequest",
            "HTTP error code (302) is not valid",
        ),
        (
            {
                **INDEX,
                "RoutingRules": [
                    {"Redirect": {"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}}
                ],
            },
            "InvalidRequest",
            "but not both",
        ),
        ({**INDEX, "RoutingRules": [{"Redirect": {}}]}, "MalformedXML", ""),
    ],
)
def test_what_aws_refuses(
    s3: Any, bucket: str, wanted: dict[str, Any], code: str, sentence: str
) -> None:
    with refused(code, 400) as error:
        put(s3, wanted)
    assert sentence in error.value.response["Error"]["Message"]


def test_only_who_may_changes_it(
    s3: Any, bucket: str, bob: User, mallory: User, client_of: Callable[..., Any]
) -> None:
    put(s3, INDEX)
    assert client_of(bob).get_bucket_website(Bucket=bucket)["IndexDocument"]
    with refused("AccessDenied", 403):
        client_of(bob).put_bucket_website(Bucket=bucket, WebsiteConfiguration=INDEX)
    with refused("AccessDenied", 403):
        client_of(bob).delete_bucket_website(Bucket=bucket)
    with refused("AccessDenied", 403):
        client_of(mallory).get_bucket_website(Bucket=bucket)


def test_a_redirect_of_an_object_is_kept_but_not_copied(s3: Any, bucket: str) -> None:
    """AWS: each object's is its own; a copy carries one only when the request says so."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", WebsiteRedirectLocation="/b")
    assert s3.get_object(Bucket=bucket, Key="a")["WebsiteRedirectLocation"] == "/b"
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/a")
    assert "WebsiteRedirectLocation" not in s3.head_object(Bucket=bucket, Key="c")
    s3.copy_object(
        Bucket=bucket, Key="a", CopySource=f"{bucket}/a", WebsiteRedirectLocation="https://x.org/"
    )
    assert s3.head_object(Bucket=bucket, Key="a")["WebsiteRedirectLocation"] == "https://x.org/"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", WebsiteRedirectLocation="/b")
    named = {"Bucket": bucket, "Key": "m", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**named, PartNumber=1, Body=b"1")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**named, MultipartUpload=parts)
    assert s3.head_object(Bucket=bucket, Key="m")["WebsiteRedirectLocation"] == "/b"


def test_a_redirect_leads_to_a_page(s3: Any, bucket: str) -> None:
    with refused("InvalidRedirectLocation", 400):
        s3.put_object(Bucket=bucket, Key="a", WebsiteRedirectLocation="javascript:alert(1)")
    with refused("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="a", WebsiteRedirectLocation="/" + "a" * 2048)
