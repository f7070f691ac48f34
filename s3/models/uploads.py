from django.db import models

from aws.models import Account, AccountOwned
from s3.models.buckets import Bucket
from s3.models.objects import ObjectVersion


class MultipartUpload(AccountOwned):
    """A multipart upload that is neither completed nor aborted.

    settings: what the object will have beside its bytes, as columns of ObjectVersion.
    initiator_arn: who began it. checksum_algorithm: "" where the client named none.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    bucket = models.ForeignKey(
        Bucket, on_delete=models.DO_NOTHING, related_name="+", db_index=False
    )
    key = models.TextField(db_collation="C")
    upload_id = models.CharField(max_length=64, unique=True)
    initiated_at = models.DateTimeField()
    initiator_arn = models.CharField(max_length=2048)
    owner_id = models.CharField(max_length=12, blank=True)
    checksum_algorithm = models.CharField(max_length=12, blank=True)
    checksum_type = models.CharField(max_length=12, blank=True)
    settings = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["bucket", "key", "upload_id"], name="s3_upload_key")]

    def __str__(self) -> str:
        return f"{self.key} ({self.upload_id})"


class Part(models.Model):
    """The bytes of one part: of an upload, then of the object that it became.

    The foreign keys cascade in the database (migration 0002), where triggers see every file go.
    """

    upload = models.ForeignKey(
        MultipartUpload,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="parts",
        db_constraint=False,
    )
    version = models.ForeignKey(
        ObjectVersion,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="parts",
        db_constraint=False,
    )
    number = models.IntegerField()
    size = models.BigIntegerField()
    etag = models.CharField(max_length=40)
    last_modified = models.DateTimeField()
    file = models.CharField(max_length=40)
    checksum = models.JSONField(default=dict)
    encryption = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="s3_part_of_upload"),
            models.UniqueConstraint(fields=["version", "number"], name="s3_part_of_version"),
        ]

    def __str__(self) -> str:
        return f"part {self.number}"
