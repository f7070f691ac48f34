"""Which objects a page is about: what was ticked in a list, or the one in the address.

A key has characters that forms and addresses change on their way: a ticked box carries it
percent-encoded, "<version id>/<key>"; an address as ?key=…&versionId=….
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from console import flash
from console.requests import ConsoleRequest
from s3.errors import InvalidRequest
from s3.views import frame

# A page of the list has no more rows.
MAX_CHOSEN = 300


@dataclass(frozen=True)
class Chosen:
    """One object, or with a key that ends with "/" and no version, a folder with all that is in it.

    version_id: "" for the latest.
    """

    key: str
    version_id: str = ""

    @property
    def is_folder(self) -> bool:
        return self.key.endswith("/") and not self.version_id

    @property
    def name(self) -> str:
        """The last part of the key, as a list shows it."""
        return name_of(self.key)

    @property
    def value(self) -> str:
        """Of a ticked box."""
        return f"{self.version_id}/{quote(self.key, safe='')}"

    @property
    def version(self) -> dict[str, str]:
        """As the API's query string takes it."""
        return {"versionId": self.version_id} if self.version_id else {}

    @property
    def query(self) -> str:
        """?key=… of this object's pages."""
        return query_of(key=self.key, versionId=self.version_id)


@dataclass(frozen=True)
class Selected:
    """prefix: of the folder that the list showed. with_versions: whether it showed versions."""

    bucket: str
    chosen: tuple[Chosen, ...]
    prefix: str
    with_versions: bool = False

    @cached_property
    def folders(self) -> list[str]:
        return [one.key for one in self.chosen if one.is_folder]

    @cached_property
    def items(self) -> list[dict[str, str]]:
        """As `s3.object_jobs` takes them."""
        return [
            {"Key": one.key, **({"VersionId": one.version_id} if one.version_id else {})}
            for one in self.chosen
            if not one.is_folder
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        return {"items": self.items, "folders": self.folders}

    @property
    def total(self) -> int:
        """Objects to do, 0 where a folder hides how many they are."""
        return 0 if self.folders else len(self.items)

    @property
    def single(self) -> Chosen | None:
        return self.chosen[0] if len(self.chosen) == 1 else None

    @property
    def back_url(self) -> str:
        versions = "on" if self.with_versions else ""
        return folder_url(self.bucket, self.prefix, versions=versions)


def read(request: ConsoleRequest, bucket: str) -> Selected:
    """Raises InvalidRequest for a crafted one."""
    values = request.POST.getlist("object")[: MAX_CHOSEN + 1]
    if len(values) > MAX_CHOSEN:
        raise InvalidRequest(reason=f"Choose at most {MAX_CHOSEN} objects.")
    chosen = tuple(_chosen(value) for value in values)
    if not chosen and (key := request.GET.get("key", "")):
        chosen = (Chosen(key, request.GET.get("versionId", "")),)
    fields = request.POST if values else request.GET
    first = chosen[0].key if chosen else ""
    prefix = _decoded(fields["prefix"]) if "prefix" in fields else folder_of(first)
    return Selected(bucket, chosen, prefix, fields.get("versions") == "on")


def _chosen(value: str) -> Chosen:
    version_id, _slash, key = value.partition("/")
    if not key:
        raise InvalidRequest(reason="An object has no key.")
    return Chosen(_decoded(key), version_id)


def _decoded(text: str) -> str:
    """Without a null character, which no key has and PostgreSQL does not take."""
    decoded = unquote(text)
    if "\0" in decoded:
        raise InvalidRequest(reason="A key has a character that is not allowed.")
    return decoded


def nothing_chosen(request: ConsoleRequest, selected: Selected) -> HttpResponseRedirect:
    """Back to the list. Raises AccessDenied, NoSuchBucket for a bucket of somebody else."""
    frame.require_visible(request, selected.bucket)
    flash.add(request, "error", _("Choose at least one object."))
    return redirect(selected.back_url)


def folder_of(key: str) -> str:
    """The prefix that a key stands in: "a/" of "a/b" and of the folder "a/b/"."""
    folder, slash, _name = key.rstrip("/").rpartition("/")
    return folder + slash


def name_of(key: str) -> str:
    return key[len(folder_of(key)) :] or key


def query_of(**values: str) -> str:
    present = {name: value for name, value in values.items() if value}
    return f"?{urlencode(present)}" if present else ""


def folder_url(bucket: str, prefix: str, **more: str) -> str:
    """The list of a bucket, or of a folder in it."""
    return reverse("s3:bucket-detail", args=[bucket]) + query_of(prefix=prefix, **more)


def object_page_url(bucket: str, key: str, version_id: str = "", **more: str) -> str:
    return reverse("s3:object-detail", args=[bucket]) + query_of(
        prefix=key, versionId=version_id, **more
    )
