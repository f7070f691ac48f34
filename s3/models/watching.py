from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import Account, AccountOwned
from s3.models.buckets import Bucket


class BucketOwned(AccountOwned):
    """What a bucket gathers while it is used: it goes with the bucket, and nothing rests on it.

    The foreign keys are Django's business alone: a row that comes as its bucket goes is no error.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    bucket = models.ForeignKey(
        Bucket, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        abstract = True


class Notification(BucketOwned):
    """A message of S3 to one destination, which it would be sent to.

    event: "ObjectCreated:Put", or "TestEvent". destination: an ARN, or "EventBridge". message: as
    the destination would receive it.
    """

    event = models.CharField(max_length=64)
    key = models.TextField(blank=True)
    configuration_id = models.CharField(max_length=255, blank=True)
    destination = models.CharField(max_length=512)
    event_time = models.DateTimeField()
    message = models.JSONField()

    class Meta:
        verbose_name = _("event notification")
        verbose_name_plural = _("event notifications")
        indexes = [models.Index(fields=["bucket", "-id"], name="s3_notification_recent")]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class AccessLogRecord(BucketOwned):
    """A line of a server access log that waits for its delivery."""

    event_time = models.DateTimeField()
    line = models.TextField()

    class Meta:
        verbose_name = _("access log record")
        verbose_name_plural = _("access log records")
        indexes = [models.Index(fields=["bucket", "id"], name="s3_log_waiting")]

    def __str__(self) -> str:
        return self.line


class DataEvent(BucketOwned):
    """A call on an object, as CloudTrail records it where data events are on.

    record: the full record. status: HTTP's.
    """

    event_time = models.DateTimeField()
    event_name = models.CharField(max_length=64)
    key = models.TextField(blank=True)
    user_name = models.CharField(max_length=128, blank=True)
    status = models.IntegerField()
    record = models.JSONField()

    class Meta:
        verbose_name = _("data event")
        verbose_name_plural = _("data events")
        indexes = [models.Index(fields=["bucket", "-id"], name="s3_data_event_recent")]

    def __str__(self) -> str:
        return f"{self.event_name} {self.key}"
