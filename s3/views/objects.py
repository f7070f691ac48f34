"""Objects: a bucket's list, folders, downloads."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aws.errors import Denied
from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from s3 import object_pages, operations, reading
from s3.forms.objects import CLASS_LABELS, FolderForm
from s3.object_pages import ObjectPage, Row
from s3.presigning import Signer, object_url
from s3.views import frame, selection
from s3.views.selection import Chosen, folder_url

# Earlier pages that a list finds the way back to.
MAX_TRAIL = 20


@dataclass(frozen=True)
class Look:
    """How a list is looked at, from its address. trail: the tokens of the pages before and of this
    one, from the first; sort: as `console.listing`."""

    folder: str
    search: str
    with_versions: bool
    sort: str
    trail: tuple[str, ...]

    def url(self, **changes: str) -> str:
        """The address of the same list, looked at otherwise."""
        values = {
            "tab": "objects",
            "prefix": self.folder,
            "q": self.search,
            "versions": "on" if self.with_versions else "",
            "sort": self.sort,
            "at": ".".join(self.trail),
        }
        return selection.query_of(**(values | changes))

    @property
    def page(self) -> int:
        return len(self.trail) + 1

    @property
    def previous_url(self) -> str:
        return self.url(at=".".join(self.trail[:-1])) if self.trail else ""

    def next_url(self, token: str) -> str:
        return self.url(at=".".join([*self.trail, token][-MAX_TRAIL:])) if token else ""

    @property
    def toggle_url(self) -> str:
        return self.url(versions="" if self.with_versions else "on", at="", sort="")

    @property
    def clear_url(self) -> str:
        return self.url(q="", at="")

    @property
    def is_filtered(self) -> bool:
        return bool(self.search)


def objects_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The list of a folder; HTMX asks for its rows alone."""
    look = _look(request)
    page = section(lambda: _page(request, bucket, look))
    found = page.value or ObjectPage([], "")
    context = {
        "look": look,
        "page": page,
        "rows": [_shown(bucket, row) for row in object_pages.ordered(found.rows, look.sort)],
        "next_url": look.next_url(found.next_token),
        "crumbs": _crumbs(bucket, look.folder),
        "is_versioned": _is_versioned(request, bucket),
        "public_reason": public_reason(request, bucket),
        "query_url": reverse("s3:query", args=[bucket]),
    }
    if request.htmx and request.htmx.target == "rows":
        return render(request, "s3/_tab_objects.html#rows", {"bucket": bucket, **context})
    return frame.show_tab(request, bucket, "objects", **context)


def _look(request: ConsoleRequest) -> Look:
    at = request.GET.get("at", "")
    return Look(
        folder=request.GET.get("prefix", ""),
        search=request.GET.get("q", ""),
        with_versions=request.GET.get("versions") == "on",
        sort=request.GET.get("sort", ""),
        trail=tuple(at.split(".")[:MAX_TRAIL]) if at else (),
    )


def _page(request: ConsoleRequest, bucket: str, look: Look) -> ObjectPage:
    token = look.trail[-1] if look.trail else ""
    return object_pages.read(
        request.ctx, bucket, look.folder, look.search, token, with_versions=look.with_versions
    )


def _shown(bucket: str, row: Row) -> dict[str, Any]:
    chosen = Chosen(row.key, row.version_id)
    return {
        "row": row,
        "value": chosen.value,
        "page_url": folder_url(bucket, row.key)
        if row.is_folder
        else selection.object_page_url(bucket, row.key, row.version_id),
        "uri": f"s3://{bucket}/{row.key}",
        "url": object_url(bucket, row.key),
        "query": chosen.query,
        "class": CLASS_LABELS.get(row.storage_class, row.storage_class),
    }


def _crumbs(bucket: str, folder: str) -> list[tuple[str, str]]:
    """(name, address) of the folders above and of this one; none at the top."""
    if not folder:
        return []
    crumbs, path = [(bucket, folder_url(bucket, ""))], ""
    for part in folder.rstrip("/").split("/"):
        path += f"{part}/"
        crumbs.append((part or "/", folder_url(bucket, path)))
    return crumbs


def _is_versioned(request: ConsoleRequest, bucket: str) -> bool:
    try:
        return bool(operations.get_bucket_versioning(request.ctx, bucket=bucket).get("Status"))
    except Denied:
        return True  # who may not know gets the switch


def public_reason(request: ConsoleRequest, bucket: str) -> str:
    """Why "Make public using ACL" is not offered; "" where it is."""
    ctx = request.ctx
    try:
        if reading.ownership(ctx, bucket) == "BucketOwnerEnforced":
            return _("ACLs are disabled for this bucket.")
        blocks = reading.blocks(ctx, bucket)
    except Denied:
        return _("You don't have permission to see whether ACLs are enabled.")
    if blocks.get("BlockPublicAcls") or blocks.get("IgnorePublicAcls"):
        return _("Block Public Access is on for this bucket.")
    return ""


@require_http_methods(["GET", "POST"])
def download(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Sends the browser to the API for one object; lists the addresses of several."""
    selected = selection.read(request, bucket)
    files = [one for one in selected.chosen if not one.is_folder]
    if len(files) == 1 and len(selected.chosen) == 1:
        return redirect(file_url(request, bucket, files[0], as_download=True))
    if not files:
        return selection.nothing_chosen(request, selected)
    context = {"bucket": bucket, "files": files, "selected": selected}
    return render(request, "s3/object_download.html", context)


def open_object(request: ConsoleRequest, bucket: str) -> HttpResponseRedirect:
    """Sends the browser to the object on the API's own origin."""
    selected = selection.read(request, bucket)
    if selected.single is None:
        return selection.nothing_chosen(request, selected)
    return redirect(file_url(request, bucket, selected.single))


def file_url(
    request: ConsoleRequest, bucket: str, chosen: Chosen, *, as_download: bool = False
) -> str:
    """A presigned address for a few minutes."""
    query = chosen.version
    if as_download:
        query["response-content-disposition"] = content_disposition(chosen.name)
    return Signer(request.ctx, bucket).url("GET", chosen.key, query)


def content_disposition(name: str) -> str:
    return str(content_disposition_header(True, name.replace("\r", "").replace("\n", "")))


def folder_create(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """An empty object whose key ends with "/" stands for a folder."""
    frame.require_visible(request, bucket)
    folder = request.GET.get("prefix", "")
    form = FolderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        wanted = {"bucket": bucket, "key": f"{folder}{name}/", **form.encryption_settings()}
        if form.submit(operations.put_object, request.ctx, **wanted):
            flash.add(request, "success", _("Successfully created folder"), name)
            return redirect(folder_url(bucket, folder))
    context = {"bucket": bucket, "form": form, "folder": folder, "back": folder_url(bucket, folder)}
    return render(request, "s3/folder_create.html", context, status=422 if form.errors else 200)
