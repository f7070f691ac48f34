"""What time does to keys: the end of the waiting period, and the yearly rotation."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from aws import clock
from kms import lookup
from kms.models import Key

AUTOMATIC = "AUTOMATIC"
BATCH = 500


def delete_due() -> int:
    """Deletes the keys whose time has come by their account's clock; answers how many."""
    due = _due("deletion_date").filter(state=Key.PENDING_DELETION)
    return Key.objects.filter(pk__in=due.values("pk")).delete()[1].get("kms.Key", 0)


def rotate_due() -> int:
    """Gives new key material to the keys that are due; answers how many."""
    due = _due("next_rotation_date").filter(state=Key.ENABLED)
    return sum(_rotate(pk) for pk in due.values_list("pk", flat=True)[:BATCH])


def _rotate(pk: int) -> int:
    """One key; a second message finds it rotated. Years that were skipped count once."""
    with transaction.atomic():
        key = Key.objects.select_for_update(of=["self"]).select_related("account").get(pk=pk)
        period, date = key.rotation_period, key.next_rotation_date
        now = key.account.now
        if not period or date is None or date > now:
            return 0
        lookup.add_material(key, lookup.material_of(key).number + 1, now, AUTOMATIC)
        key.next_rotation_date = now + timedelta(days=period)
        key.save(update_fields=["next_rotation_date"])
    return 1


def _due(field: str) -> "QuerySet[Key]":
    now = clock.real_now()
    return Key.objects.filter(**{f"{field}__lte": F("account__clock_offset") + now})
