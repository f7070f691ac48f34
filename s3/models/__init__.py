"""S3's tables."""

from s3.models.buckets import Bucket
from s3.models.garbage import Garbage
from s3.models.jobs import Job
from s3.models.objects import ObjectVersion
from s3.models.uploads import MultipartUpload, Part

__all__ = ["Bucket", "Garbage", "Job", "MultipartUpload", "ObjectVersion", "Part"]
