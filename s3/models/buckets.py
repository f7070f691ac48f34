from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import AccountOwned, Tagged
from s3.names import bucket_arn


class Bucket(Tagged, AccountOwned):
    """A bucket: its name is unique in the whole lab, as in the whole of AWS.

    versioning: "", "Enabled" or "Suspended". policy: the document as it was put, "" for none.
    public_access_block: {"BlockPublicAcls": bool, …}, {} for none. grants: the access control
    list, [{"Grantee": …, "Permission": …}]. configurations: what else was put, by the name of its
    subresource ("cors", "lifecycle"), in AWS's shape.
    """

    class Ownership(models.TextChoices):
        ENFORCED = "BucketOwnerEnforced", _("Bucket owner enforced")
        PREFERRED = "BucketOwnerPreferred", _("Bucket owner preferred")
        WRITER = "ObjectWriter", _("Object writer")

    name = models.CharField(max_length=63, unique=True)
    bucket_region = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    versioning = models.CharField(max_length=9, blank=True)
    mfa_delete = models.BooleanField(default=False)
    object_lock = models.BooleanField(default=False)
    object_ownership = models.CharField(
        max_length=20, choices=Ownership, blank=True, default=Ownership.ENFORCED
    )
    policy = models.TextField(blank=True)
    public_access_block = models.JSONField(default=dict, blank=True)
    grants = models.JSONField(default=list, blank=True)
    configurations = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("bucket")
        verbose_name_plural = _("buckets")

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return bucket_arn(self.name)

    def as_aws(self) -> dict[str, Any]:
        """An item of ListBuckets."""
        return {
            "Name": self.name,
            "CreationDate": self.created_at,
            "BucketRegion": self.bucket_region,
            "BucketArn": self.arn,
        }
