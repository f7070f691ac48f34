"""S3's tables."""

from s3.models.access_points import AccessPoint, AccountBlock
from s3.models.buckets import Bucket
from s3.models.garbage import Garbage
from s3.models.jobs import Job
from s3.models.metrics import RequestMinute, StorageDay
from s3.models.objects import ObjectVersion
from s3.models.replication import Replication
from s3.models.uploads import MultipartUpload, Part
from s3.models.watching import AccessLogRecord, DataEvent, Notification

__all__ = [
    "AccessLogRecord",
    "AccessPoint",
    "AccountBlock",
    "Bucket",
    "DataEvent",
    "Garbage",
    "Job",
    "MultipartUpload",
    "Notification",
    "ObjectVersion",
    "Part",
    "Replication",
    "RequestMinute",
    "StorageDay",
]
