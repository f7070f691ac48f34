"""Static website hosting: its configuration. `s3.wire.website` serves the pages."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations
from s3.errors import InvalidRequest, NoSuchWebsiteConfiguration, argument

MAX_RULES = 50


@operation("s3:PutBucketWebsite")
def put_bucket_website(
    ctx: Context, /, *, bucket: str, website_configuration: Mapping[str, Any], **settings: Any
) -> Response:
    """Makes a bucket a website: its pages still need a policy that lets everybody read them.

    website_configuration: {"IndexDocument": {"Suffix"}, "ErrorDocument": {"Key"}, "RoutingRules":
    […]}, or {"RedirectAllRequestsTo": {"HostName", "Protocol"}} alone. At most 50 rules. Raises
    InvalidArgument, InvalidRequest, MalformedXML.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html
    """
    found = access.bucket(ctx, "s3:PutBucketWebsite", bucket, **settings)
    wanted = dict(website_configuration)
    if "RedirectAllRequestsTo" in wanted:
        _check_redirect_all(wanted)
    else:
        _check_documents(wanted)
        _check_rules(wanted.get("RoutingRules", ()))
    configurations.put(found, "website", wanted)
    return {}


@operation("s3:GetBucketWebsite")
def get_bucket_website(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers what was put. Raises NoSuchWebsiteConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html
    """
    found = access.bucket(ctx, "s3:GetBucketWebsite", bucket, **settings)
    answer: Response = configurations.get(found, "website", NoSuchWebsiteConfiguration)
    return answer


@operation("s3:DeleteBucketWebsite")
def delete_bucket_website(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """The bucket is no website any more; its objects stay.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketWebsite.html
    """
    found = access.bucket(ctx, "s3:DeleteBucketWebsite", bucket, **settings)
    configurations.delete(found, "website")
    return {}


def _check_redirect_all(wanted: Mapping[str, Any]) -> None:
    host = wanted["RedirectAllRequestsTo"]["HostName"]
    if len(wanted) > 1:
        raise argument(
            "RedirectAllRequestsTo",
            host,
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
        )
    _check_host(host)


def _check_documents(wanted: Mapping[str, Any]) -> None:
    if "IndexDocument" not in wanted:
        raise argument(
            "IndexDocument",
            "null",
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        )
    suffix = wanted["IndexDocument"]["Suffix"]
    if not suffix or "/" in suffix:
        raise argument("IndexDocument", suffix, "The IndexDocument Suffix is not well formed")


def _check_rules(rules: Any) -> None:
    if len(rules) > MAX_RULES:
        raise InvalidRequest(
            reason=f"{len(rules)} routing rules provided, the number of routing rules in a "
            f"website configuration is limited to {MAX_RULES}."
        )
    for rule in rules:
        _check_redirect(rule["Redirect"])
        if "Condition" in rule:
            _check_condition(rule["Condition"])


def _check_redirect(redirect: Mapping[str, str]) -> None:
    if not redirect:
        raise MalformedXML
    if "ReplaceKeyWith" in redirect and "ReplaceKeyPrefixWith" in redirect:
        raise InvalidRequest(
            reason="You can only define ReplaceKeyPrefix or ReplaceKey but not both."
        )
    code = redirect.get("HttpRedirectCode")
    if code is not None and (not _is_code(code, "3") or code == "300"):
        raise InvalidRequest(
            reason=f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX "
            "except 300."
        )
    if "HostName" in redirect:
        _check_host(redirect["HostName"])


def _check_condition(condition: Mapping[str, str]) -> None:
    if not condition:
        raise InvalidRequest(
            reason="Condition cannot be empty. To redirect all requests without a condition, the "
            "condition element shouldn't be present."
        )
    code = condition.get("HttpErrorCodeReturnedEquals")
    if code is not None and not (_is_code(code, "4") or _is_code(code, "5")):
        raise InvalidRequest(
            reason=f"The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or "
            "5XX."
        )


def _check_host(name: str) -> None:
    """What is no host name would be a part of some other address."""
    if not name or any(letter in name for letter in "/\\?#@ \r\n\t"):
        raise argument("HostName", name, "The HostName is not well formed")


def _is_code(text: str, first: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdecimal() and text.startswith(first)
