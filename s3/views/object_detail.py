"""One object: its properties, permissions and versions; preview and share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aws.errors import AwsError
from console.content_policy import shows_objects
from console.requests import ConsoleRequest
from console.sections import section
from s3 import object_pages, operations, reading
from s3.errors import MethodNotAllowed, NoSuchObjectLockConfiguration
from s3.forms.objects import CLASS_LABELS, ShareForm
from s3.names import object_arn
from s3.object_pages import Row
from s3.presigning import Signer, object_url
from s3.views import selection
from s3.views.objects import public_reason
from s3.views.selection import Chosen, Selected, folder_url

TABS = {"properties": _("Properties"), "permissions": _("Permissions"), "versions": _("Versions")}
PREVIEW_FOR = timedelta(hours=1)
IMAGES = ("png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico", "avif")
VIDEOS = ("mp4", "webm", "ogv", "mov", "m4v")
SOUNDS = ("mp3", "wav", "ogg", "oga", "m4a", "flac", "aac")
PAGES = ("html", "htm")
JSONS = ("json", "geojson", "ipynb")
TABLES = ("csv", "tsv")
TEXTS = (
    "txt", "md", "log", "xml", "yml", "yaml", "ini", "cfg", "conf", "toml", "sql", "py", "js", "ts",
    "css", "sh", "java", "c", "h", "cpp", "go", "rs", "rb", "php", "jsonl", "ndjson", "env", "tf",
)  # fmt: skip
KINDS = {
    **dict.fromkeys(IMAGES, "image"),
    **dict.fromkeys(VIDEOS, "video"),
    **dict.fromkeys(SOUNDS, "audio"),
    **dict.fromkeys(PAGES, "page"),
    **dict.fromkeys(JSONS, "json"),
    **dict.fromkeys(TABLES, "csv"),
    **dict.fromkeys(TEXTS, "text"),
}


@shows_objects
def object_detail(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """?prefix=key&versionId=&tab=; HTMX asks for a tab alone."""
    key, version_id = request.GET.get("prefix", ""), request.GET.get("versionId", "")
    if not key:
        return selection.nothing_chosen(request, Selected(bucket, (), ""))
    chosen = Chosen(key, version_id)
    tab = request.GET.get("tab", "properties")
    tab = tab if tab in TABS else "properties"
    head = _head(request, bucket, chosen)
    context: dict[str, Any] = {
        "bucket": bucket,
        "chosen": chosen,
        "head": head,
        "tab": tab,
        "tabs": [(name, label, _tab_query(chosen, name)) for name, label in TABS.items()],
        "folder_url": folder_url(bucket, selection.folder_of(key)),
        "folder": selection.folder_of(key),
        "uri": f"s3://{bucket}/{key}",
        "url": object_url(bucket, key),
        "arn": object_arn(bucket, key),
        "public_reason": public_reason(request, bucket),
        **_TAB_CONTEXT[tab](request, bucket, chosen, head),
    }
    template = "s3/object_detail.html#tab" if request.htmx else "s3/object_detail.html"
    return render(request, template, context)


def _tab_query(chosen: Chosen, tab: str) -> str:
    return selection.query_of(prefix=chosen.key, versionId=chosen.version_id, tab=tab)


def _head(request: ConsoleRequest, bucket: str, chosen: Chosen) -> dict[str, Any]:
    """HeadObject; {"DeleteMarker": True} for a delete marker."""
    version = {"version_id": chosen.version_id} if chosen.version_id else {}
    try:
        return operations.head_object(request.ctx, bucket=bucket, key=chosen.key, **version)
    except MethodNotAllowed:
        return {"DeleteMarker": True, "VersionId": chosen.version_id}


def _arguments(bucket: str, chosen: Chosen) -> dict[str, Any]:
    version = {"version_id": chosen.version_id} if chosen.version_id else {}
    return {"bucket": bucket, "key": chosen.key, **version}


def _properties(
    request: ConsoleRequest, bucket: str, chosen: Chosen, head: dict[str, Any]
) -> dict[str, Any]:
    if head.get("DeleteMarker"):
        return {}
    ctx, arguments = request.ctx, _arguments(bucket, chosen)
    return {
        "tags": section(lambda: operations.get_object_tagging(ctx, **arguments)["TagSet"]),
        "checksum": _checksum(request, arguments),
        "versioning": section(lambda: operations.get_bucket_versioning(ctx, bucket=bucket)),
        "region": section(
            lambda: (
                operations.get_bucket_location(ctx, bucket=bucket).get("LocationConstraint")
                or "us-east-1"
            )
        ),
        "lock": section(lambda: _lock(request, bucket, arguments)),
        "class_label": CLASS_LABELS[head.get("StorageClass", "STANDARD")],
        "owner": _owner(request, arguments),
        "system_metadata": _system_metadata(head),
        "preview": _preview(request, bucket, chosen, head),
        "type": object_pages.extension(chosen.key),
    }


def _owner(request: ConsoleRequest, arguments: dict[str, Any]) -> str:
    try:
        owner = operations.get_object_acl(request.ctx, **arguments)["Owner"]
    except AwsError:
        return ""
    return str(owner.get("DisplayName") or owner.get("ID", ""))


def _checksum(request: ConsoleRequest, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        head = operations.head_object(request.ctx, **arguments, checksum_mode="ENABLED")
    except AwsError:
        return {}
    found = [
        (name.removeprefix("Checksum"), value)
        for name, value in head.items()
        if name.startswith("Checksum") and name != "ChecksumType"
    ]
    return {"values": found, "type": head.get("ChecksumType", "")}


def _lock(request: ConsoleRequest, bucket: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """{"hold", "mode", "until"}; {} where the bucket has no Object Lock."""
    ctx = request.ctx
    if not reading.lock(ctx, bucket):
        return {}
    found: dict[str, Any] = {"hold": "OFF", "mode": "", "until": None}
    try:
        answer = operations.get_object_legal_hold(ctx, **arguments)
        found["hold"] = answer["LegalHold"]["Status"]
        kept = operations.get_object_retention(ctx, **arguments)["Retention"]
        found |= {"mode": kept["Mode"], "until": kept["RetainUntilDate"]}
    except NoSuchObjectLockConfiguration:
        return found
    return found


def _system_metadata(head: dict[str, Any]) -> list[tuple[str, str]]:
    names = {
        "ContentType": "Content-Type",
        "CacheControl": "Cache-Control",
        "ContentDisposition": "Content-Disposition",
        "ContentEncoding": "Content-Encoding",
        "ContentLanguage": "Content-Language",
        "WebsiteRedirectLocation": "x-amz-website-redirect-location",
    }
    return [(label, head[name]) for name, label in names.items() if head.get(name)]


def _preview(
    request: ConsoleRequest, bucket: str, chosen: Chosen, head: dict[str, Any]
) -> dict[str, str]:
    """{"kind", "url"}: how a browser can show it; {} for what it cannot."""
    kind = KINDS.get(object_pages.extension(chosen.key)) or _by_type(head.get("ContentType", ""))
    if not kind or head.get("SSECustomerAlgorithm"):
        return {}
    signer = Signer(request.ctx, bucket, PREVIEW_FOR)
    return {"kind": kind, "url": signer.url("GET", chosen.key, chosen.version)}


def _by_type(content_type: str) -> str:
    main, _slash, rest = content_type.partition(";")[0].strip().partition("/")
    if rest in ("json", "csv"):
        return rest
    if rest == "html":
        return "page"
    return main if main in ("image", "video", "audio", "text") else ""


def _permissions(
    request: ConsoleRequest, bucket: str, chosen: Chosen, head: dict[str, Any]
) -> dict[str, Any]:
    ctx = request.ctx
    if head.get("DeleteMarker"):
        return {}
    arguments = _arguments(bucket, chosen)
    return {
        "acl": section(lambda: operations.get_object_acl(ctx, **arguments)),
        "ownership": section(lambda: reading.ownership(ctx, bucket)),
    }


def _versions(
    request: ConsoleRequest, bucket: str, chosen: Chosen, head: dict[str, Any]
) -> dict[str, Any]:
    def read() -> list[Row]:
        folder = selection.folder_of(chosen.key)
        page = object_pages.read(
            request.ctx, bucket, folder, chosen.key[len(folder) :], "", with_versions=True
        )
        return [row for row in page.rows if row.key == chosen.key]

    found = section(read)
    rows = [
        {
            "row": row,
            "chosen": Chosen(row.key, row.version_id),
            "class": CLASS_LABELS.get(row.storage_class, row.storage_class),
        }
        for row in found.value or ()
    ]
    return {"versions": found, "rows": rows}


_TabContext = Callable[[ConsoleRequest, str, Chosen, dict[str, Any]], dict[str, Any]]
_TAB_CONTEXT: dict[str, _TabContext] = {
    "properties": _properties,
    "permissions": _permissions,
    "versions": _versions,
}


def share(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """A modal, or a page: how long; then the URL, to copy."""
    selected = selection.read(request, bucket)
    if selected.single is None or selected.single.is_folder:
        return selection.nothing_chosen(request, selected)
    chosen = selected.single
    is_sent = "amount" in request.POST
    form = ShareForm(request.POST if is_sent else None)
    url = ""
    if is_sent and form.is_valid():
        url = Signer(request.ctx, bucket, form.lifetime).url("GET", chosen.key, chosen.version)
    context = {"form": form, "bucket": bucket, "chosen": chosen, "selected": selected, "url": url}
    context |= {"action": reverse("s3:share", args=[bucket])}
    template = "s3/share.html#modal" if request.htmx else "s3/share.html"
    return render(request, template, context, status=422 if form.errors else 200)
