from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import Account, AccountOwned
from s3.models.buckets import Bucket


class ObjectVersion(AccountOwned):
    """One version of an object, or a delete marker. `s3.rows` reads and writes these, in SQL.

    account: the bucket's. owner_id: the account that wrote it, where that is another one. pk grows
    with time, so that versions sort by it. version_id: "null" in buckets without versioning.
    content: the bytes of a small object; file: the name of a large one's file; neither where the
    bytes are in parts. part_count: of a multipart upload, else 0. attributes: headers and metadata
    as GetObject answers them. checksum: {"ChecksumCRC32": …, "ChecksumType": …}. encryption: how
    the bytes are sealed, {} for plain. restore: of an archived one, see `s3.restores`.

    The foreign keys are the database's business alone, which checks them at the commit: so a reset
    deletes a million objects by one statement.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    bucket = models.ForeignKey(
        Bucket, on_delete=models.DO_NOTHING, related_name="+", db_index=False
    )
    key = models.TextField(db_collation="C")
    version_id = models.CharField(max_length=32)
    is_latest = models.BooleanField()
    is_delete_marker = models.BooleanField(default=False)
    size = models.BigIntegerField(default=0)
    etag = models.CharField(max_length=40, blank=True)
    last_modified = models.DateTimeField()
    storage_class = models.CharField(max_length=20, default="STANDARD")
    content = models.BinaryField(null=True)
    file = models.CharField(max_length=40, null=True)  # noqa: DJ001 - a trigger looks for NULL
    part_count = models.IntegerField(default=0)
    attributes = models.JSONField(default=dict)
    checksum = models.JSONField(default=dict)
    encryption = models.JSONField(default=dict)
    tags = models.JSONField(default=dict)
    owner_id = models.CharField(max_length=12, blank=True)
    grants = models.JSONField(default=list)
    lock_mode = models.CharField(max_length=10, blank=True)
    retain_until = models.DateTimeField(null=True)
    legal_hold = models.BooleanField(default=False)
    restore = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("object")
        verbose_name_plural = _("objects")
        constraints = [
            models.UniqueConstraint(
                fields=["bucket", "key"],
                condition=models.Q(is_latest=True),
                name="s3_object_latest",
            ),
            models.UniqueConstraint(
                fields=["bucket", "key", "version_id"], name="s3_object_version"
            ),
        ]
        indexes = [
            models.Index(fields=["bucket", "key", "-id"], name="s3_object_history"),
            models.Index(fields=["id"], condition=~models.Q(restore={}), name="s3_object_restored"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.version_id})"
