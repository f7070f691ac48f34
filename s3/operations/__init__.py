"""S3's operations, one file per noun. Other apps import them from here."""

from s3.operations.buckets import (
    create_bucket,
    delete_bucket,
    get_bucket_location,
    head_bucket,
    list_buckets,
)
from s3.operations.copies import copy_object
from s3.operations.deletions import delete_object, delete_objects
from s3.operations.lists import list_objects, list_objects_v2
from s3.operations.objects import get_object, get_object_attributes, head_object, put_object

__all__ = [
    "copy_object",
    "create_bucket",
    "delete_bucket",
    "delete_object",
    "delete_objects",
    "get_bucket_location",
    "get_object",
    "get_object_attributes",
    "head_bucket",
    "head_object",
    "list_buckets",
    "list_objects",
    "list_objects_v2",
    "put_object",
]
