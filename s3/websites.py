"""Websites of buckets: their addresses, and where a rule of theirs sends a visitor.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from aws.addresses import browsers_find

PATH = "/s3-website/"
_BY_PATH = re.compile(r"/s3-website/(?P<region>[a-z0-9-]+)/(?P<bucket>[^/]+)(?P<rest>/.*)?")
# What a browser reads as a part of a path.
_SAFE = "/-_.~!*'();:@&=+$,"


@dataclass(frozen=True, slots=True)
class Site:
    """A website as a visitor named it. path: within the site, still encoded, from its "/".

    base: what stands before that: "" of a host name of its own. path: "" where the address ended
    before its "/".
    """

    bucket: str
    region: str
    base: str
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a redirect leads. location: a whole address, or a path."""

    status: int
    location: str


def endpoint(bucket: str, region: str) -> str:
    """The address of a bucket's website: by name where names resolve for browsers, else by path."""
    return by_name(bucket, region) if browsers_find(_public_host()) else by_path(bucket, region)


def by_name(bucket: str, region: str) -> str:
    """An origin of its own, as in AWS: "http://name.s3-website.region.localhost:8080"."""
    url = urlsplit(settings.LAB_PUBLIC_URL)
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{bucket}.s3-website.{region}.{url.hostname}{port}"


def by_path(bucket: str, region: str) -> str:
    """Needs no names; links of its pages that begin with "/" lead elsewhere."""
    return f"{settings.LAB_PUBLIC_URL}{PATH}{region}/{bucket}/"


def site_of(host: str, path: str) -> Site | None:
    """The website that a request on the public port names. host: with its port."""
    if match := _host_pattern(_public_host()).fullmatch(host.partition(":")[0].lower()):
        return Site(match["bucket"], match["region"], "", path or "/")
    if match := _BY_PATH.fullmatch(path):
        base = f"{PATH}{match['region']}/{match['bucket']}"
        return Site(match["bucket"], match["region"], base, match["rest"] or "")
    return None


def rule_for(rules: Sequence[Mapping[str, Any]], key: str, error: int = 0) -> Any:
    """The first routing rule that fits, or None. error: the status that reading the key gave.

    Before the key is read (error 0), rules that wait for an error do not fit.
    """
    for rule in rules:
        condition = rule.get("Condition", {})
        code = condition.get("HttpErrorCodeReturnedEquals", "")
        if (code or error) and code != str(error):
            continue
        if key.startswith(condition.get("KeyPrefixEquals", "")):
            return rule
    return None


def target_of(rule: Mapping[str, Any], key: str, site: Site, scheme: str, host: str) -> Target:
    """scheme, host: of the request, which the redirect keeps where it names no other."""
    redirect = rule["Redirect"]
    wanted = redirect.get("ReplaceKeyWith", key)
    if (prefix := redirect.get("ReplaceKeyPrefixWith")) is not None:
        replaced = rule.get("Condition", {}).get("KeyPrefixEquals", "")
        wanted = prefix + key[len(replaced) :]
    status = int(redirect.get("HttpRedirectCode", 301))
    other = redirect.get("HostName")
    base = "" if other else site.base
    address = f"{redirect.get('Protocol', scheme)}://{other or host}{base}/{encoded(wanted)}"
    return Target(status, address)


def redirect_all(to: Mapping[str, str], key: str, scheme: str) -> Target:
    return Target(301, f"{to.get('Protocol', scheme)}://{to['HostName']}/{encoded(key)}")


def encoded(key: str) -> str:
    return quote(key.removeprefix("/"), safe=_SAFE)


def _public_host() -> str:
    return urlsplit(settings.LAB_PUBLIC_URL).hostname or ""


@lru_cache(maxsize=8)
def _host_pattern(domain: str) -> re.Pattern[str]:
    """Both of AWS's spellings: s3-website.region and s3-website-region."""
    return re.compile(
        r"(?P<bucket>[a-z0-9][a-z0-9.-]*)\.s3-website[.-](?P<region>[a-z0-9-]+)\."
        + re.escape(domain)
    )
