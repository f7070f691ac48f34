"""S3 in the shell: menu entry, side navigation, search."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from console.navigation import STORAGE, Link, Navigation, SearchResult, Section
from s3.models import Bucket

MAX_FOUND = 5


def search_buckets(ctx: Context, query: str) -> Iterator[SearchResult]:
    """Buckets whose name contains the query."""
    if not ctx.allows("s3:ListAllMyBuckets"):
        return
    rows = Bucket.objects.in_scope(ctx).filter(name__icontains=query).order_by("name")
    for row in rows[:MAX_FOUND]:
        yield SearchResult(row.name, _("Bucket"), reverse("s3:bucket-detail", args=[row.name]))


NAVIGATION = Navigation(
    service="s3",
    title="S3",
    home="s3:bucket-list",
    is_global=True,
    category=STORAGE,
    description=_("Scalable storage in the cloud"),
    sections=(
        Section(
            "",
            (
                Link(_("General purpose buckets"), "s3:bucket-list"),
                Link(_("Block Public Access settings for this account"), "s3:account-blocks"),
                Link(_("Account snapshot"), "s3:snapshot"),
            ),
        ),
    ),
    features=(
        (_("Buckets"), "s3:bucket-list"),
        (_("Create bucket"), "s3:bucket-create"),
        (_("Block Public Access settings for this account"), "s3:account-blocks"),
        (_("Storage classes and list prices"), "s3:snapshot"),
    ),
    search=(search_buckets,),
)
