"""What is counted of buckets, under CloudWatch's names.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
Rows name their bucket by its name, as CloudWatch's dimension does, and stay when it goes.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import Account, AccountOwned


class RequestMinute(AccountOwned):
    """The requests of one minute. filter_id: of a metrics configuration, "" for every request.

    The latencies are sums in milliseconds, of all_requests samples.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    bucket = models.CharField(max_length=63)
    filter_id = models.CharField(max_length=64, blank=True)
    minute = models.DateTimeField()
    all_requests = models.BigIntegerField(default=0)
    get_requests = models.BigIntegerField(default=0)
    put_requests = models.BigIntegerField(default=0)
    delete_requests = models.BigIntegerField(default=0)
    head_requests = models.BigIntegerField(default=0)
    post_requests = models.BigIntegerField(default=0)
    list_requests = models.BigIntegerField(default=0)
    bytes_downloaded = models.BigIntegerField(default=0)
    bytes_uploaded = models.BigIntegerField(default=0)
    errors_4xx = models.BigIntegerField(default=0)
    errors_5xx = models.BigIntegerField(default=0)
    first_byte_latency = models.FloatField(default=0)
    total_request_latency = models.FloatField(default=0)

    class Meta:
        verbose_name = _("request metrics of a minute")
        verbose_name_plural = _("request metrics of minutes")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "bucket", "filter_id", "minute"], name="s3_request_minute"
            )
        ]
        indexes = [models.Index(fields=["minute"], name="s3_request_minute_age")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.minute}"


class StorageDay(AccountOwned):
    """What a bucket holds on one day, of one storage class: all versions, and unfinished parts."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    bucket = models.CharField(max_length=63)
    day = models.DateField()
    storage_class = models.CharField(max_length=20)
    size = models.BigIntegerField()
    objects_count = models.BigIntegerField()

    class Meta:
        verbose_name = _("storage metrics of a day")
        verbose_name_plural = _("storage metrics of days")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "bucket", "day", "storage_class"], name="s3_storage_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.day}"
