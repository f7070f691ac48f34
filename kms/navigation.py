"""KMS in the shell: menu entry, side navigation, search."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from console.navigation import SECURITY, Link, Navigation, SearchResult, Section
from kms.models import Alias

MAX_FOUND = 5


def search_keys(ctx: Context, query: str) -> Iterator[SearchResult]:
    """Keys of the region whose alias contains the query."""
    if not ctx.allows("kms:ListAliases"):
        return
    rows = Alias.objects.in_scope(ctx).filter(alias_name__icontains=query).select_related("key")
    for row in rows.order_by("alias_name")[:MAX_FOUND]:
        name = row.alias_name.removeprefix("alias/")
        yield SearchResult(name, _("KMS key"), reverse("kms:key-detail", args=[row.key.key_id]))


NAVIGATION = Navigation(
    service="kms",
    title="Key Management Service",
    home="kms:key-list",
    category=SECURITY,
    description=_("Securely generate and manage encryption keys"),
    code="KMS",
    sections=(
        Section(
            "",
            (
                Link(_("AWS managed keys"), "kms:managed-list"),
                Link(_("Customer managed keys"), "kms:key-list"),
            ),
        ),
    ),
    features=(
        (_("Customer managed keys"), "kms:key-list"),
        (_("AWS managed keys"), "kms:managed-list"),
    ),
    search=(search_keys,),
)
