from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import AccountOwned, RegionOwned, Tagged
from s3.names import access_point_arn


class AccountBlock(AccountOwned):
    """Block Public Access of a whole account: the stricter of it and a bucket's own counts.

    blocks: {"BlockPublicAcls": bool, …}.
    """

    blocks = models.JSONField()

    class Meta:
        verbose_name = _("account's public access block")
        verbose_name_plural = _("accounts' public access blocks")
        constraints = [models.UniqueConstraint("account", name="s3_account_block")]

    def __str__(self) -> str:
        return self.account_id


class AccessPoint(Tagged, RegionOwned):
    """A door to a bucket, with a policy of its own.

    bucket, bucket_account_id: by name, as a bucket of another account may go before its doors.
    vpc_id: "" for one on the internet.
    """

    name = models.CharField(max_length=50)
    alias = models.CharField(max_length=63, unique=True)
    bucket = models.CharField(max_length=63, db_index=True)
    bucket_account_id = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    vpc_id = models.CharField(max_length=1024, blank=True)
    policy = models.TextField(blank=True)
    public_access_block = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("access point")
        verbose_name_plural = _("access points")
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "name"], name="s3_access_point")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return access_point_arn(self.region, self.account_id, self.name)

    @property
    def network_origin(self) -> str:
        return "VPC" if self.vpc_id else "Internet"

    def as_aws(self) -> dict[str, Any]:
        """An item of ListAccessPoints."""
        item: dict[str, Any] = {
            "Name": self.name,
            "NetworkOrigin": self.network_origin,
            "Bucket": self.bucket,
            "BucketAccountId": self.bucket_account_id,
            "AccessPointArn": self.arn,
            "Alias": self.alias,
        }
        if self.vpc_id:
            item["VpcConfiguration"] = {"VpcId": self.vpc_id}
        return item
