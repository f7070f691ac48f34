"""S3's operations, one file per noun. Other apps import them from here."""

from s3.operations.acceleration import (
    get_bucket_accelerate_configuration,
    put_bucket_accelerate_configuration,
)
from s3.operations.access_points import (
    create_access_point,
    delete_access_point,
    delete_access_point_policy,
    get_access_point,
    get_access_point_policy,
    get_access_point_policy_status,
    list_access_points,
    put_access_point_policy,
)
from s3.operations.account_blocks import (
    delete_account_public_access_block,
    get_account_public_access_block,
    put_account_public_access_block,
)
from s3.operations.acls import (
    get_bucket_acl,
    get_object_acl,
    put_bucket_acl,
    put_object_acl,
)
from s3.operations.buckets import (
    create_bucket,
    delete_bucket,
    get_bucket_location,
    head_bucket,
    list_buckets,
)
from s3.operations.configurations import (
    delete_bucket_cors,
    delete_bucket_encryption,
    get_bucket_cors,
    get_bucket_encryption,
    put_bucket_cors,
    put_bucket_encryption,
)
from s3.operations.copies import (
    copy_object,
)
from s3.operations.deletions import (
    delete_object,
    delete_objects,
)
from s3.operations.identified import (
    delete_bucket_analytics_configuration,
    delete_bucket_intelligent_tiering_configuration,
    delete_bucket_metrics_configuration,
    get_bucket_analytics_configuration,
    get_bucket_intelligent_tiering_configuration,
    get_bucket_metrics_configuration,
    list_bucket_analytics_configurations,
    list_bucket_intelligent_tiering_configurations,
    list_bucket_metrics_configurations,
    put_bucket_analytics_configuration,
    put_bucket_intelligent_tiering_configuration,
    put_bucket_metrics_configuration,
)
from s3.operations.inventory import (
    delete_bucket_inventory_configuration,
    get_bucket_inventory_configuration,
    list_bucket_inventory_configurations,
    put_bucket_inventory_configuration,
)
from s3.operations.lifecycle import (
    delete_bucket_lifecycle,
    get_bucket_lifecycle_configuration,
    put_bucket_lifecycle_configuration,
)
from s3.operations.lists import (
    list_objects,
    list_objects_v2,
)
from s3.operations.locks import (
    get_object_legal_hold,
    get_object_lock_configuration,
    get_object_retention,
    put_object_legal_hold,
    put_object_lock_configuration,
    put_object_retention,
)
from s3.operations.logs import (
    get_bucket_logging,
    put_bucket_logging,
)
from s3.operations.multipart import (
    abort_multipart_upload,
    complete_multipart_upload,
    create_multipart_upload,
    upload_part,
    upload_part_copy,
)
from s3.operations.multipart_lists import (
    list_multipart_uploads,
    list_parts,
)
from s3.operations.notifications import (
    get_bucket_notification_configuration,
    put_bucket_notification_configuration,
)
from s3.operations.objects import (
    get_object,
    get_object_attributes,
    head_object,
    put_object,
)
from s3.operations.policies import (
    delete_bucket_ownership_controls,
    delete_bucket_policy,
    delete_public_access_block,
    get_bucket_ownership_controls,
    get_bucket_policy,
    get_bucket_policy_status,
    get_public_access_block,
    put_bucket_ownership_controls,
    put_bucket_policy,
    put_public_access_block,
)
from s3.operations.replication import (
    delete_bucket_replication,
    get_bucket_replication,
    put_bucket_replication,
)
from s3.operations.request_payment import (
    get_bucket_request_payment,
    put_bucket_request_payment,
)
from s3.operations.resource_tags import (
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)
from s3.operations.restores import restore_object
from s3.operations.tags import (
    delete_bucket_tagging,
    delete_object_tagging,
    get_bucket_tagging,
    get_object_tagging,
    put_bucket_tagging,
    put_object_tagging,
)
from s3.operations.versioning import (
    get_bucket_versioning,
    list_object_versions,
    put_bucket_versioning,
)
from s3.operations.websites import (
    delete_bucket_website,
    get_bucket_website,
    put_bucket_website,
)

__all__ = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "copy_object",
    "create_access_point",
    "create_bucket",
    "create_multipart_upload",
    "delete_access_point",
    "delete_access_point_policy",
    "delete_account_public_access_block",
    "delete_bucket",
    "delete_bucket_analytics_configuration",
    "delete_bucket_cors",
    "delete_bucket_encryption",
    "delete_bucket_intelligent_tiering_configuration",
    "delete_bucket_inventory_configuration",
    "delete_bucket_lifecycle",
    "delete_bucket_metrics_configuration",
    "delete_bucket_ownership_controls",
    "delete_bucket_policy",
    "delete_bucket_replication",
    "delete_bucket_tagging",
    "delete_bucket_website",
    "delete_object",
    "delete_object_tagging",
    "delete_objects",
    "delete_public_access_block",
    "get_access_point",
    "get_access_point_policy",
    "get_access_point_policy_status",
    "get_account_public_access_block",
    "get_bucket_accelerate_configuration",
    "get_bucket_acl",
    "get_bucket_analytics_configuration",
    "get_bucket_cors",
    "get_bucket_encryption",
    "get_bucket_intelligent_tiering_configuration",
    "get_bucket_inventory_configuration",
    "get_bucket_lifecycle_configuration",
    "get_bucket_location",
    "get_bucket_logging",
    "get_bucket_metrics_configuration",
    "get_bucket_notification_configuration",
    "get_bucket_ownership_controls",
    "get_bucket_policy",
    "get_bucket_policy_status",
    "get_bucket_request_payment",
    "get_bucket_replication",
    "get_bucket_tagging",
    "get_bucket_versioning",
    "get_bucket_website",
    "get_object",
    "get_object_acl",
    "get_object_attributes",
    "get_object_legal_hold",
    "get_object_lock_configuration",
    "get_object_retention",
    "get_object_tagging",
    "get_public_access_block",
    "head_bucket",
    "head_object",
    "list_access_points",
    "list_bucket_analytics_configurations",
    "list_bucket_intelligent_tiering_configurations",
    "list_bucket_inventory_configurations",
    "list_bucket_metrics_configurations",
    "list_buckets",
    "list_multipart_uploads",
    "list_object_versions",
    "list_objects",
    "list_objects_v2",
    "list_parts",
    "list_tags_for_resource",
    "put_access_point_policy",
    "put_account_public_access_block",
    "put_bucket_accelerate_configuration",
    "put_bucket_acl",
    "put_bucket_analytics_configuration",
    "put_bucket_cors",
    "put_bucket_encryption",
    "put_bucket_intelligent_tiering_configuration",
    "put_bucket_inventory_configuration",
    "put_bucket_lifecycle_configuration",
    "put_bucket_logging",
    "put_bucket_metrics_configuration",
    "put_bucket_notification_configuration",
    "put_bucket_ownership_controls",
    "put_bucket_policy",
    "put_bucket_request_payment",
    "put_bucket_replication",
    "put_bucket_tagging",
    "put_bucket_versioning",
    "put_bucket_website",
    "put_object",
    "put_object_acl",
    "put_object_legal_hold",
    "put_object_lock_configuration",
    "put_object_retention",
    "put_object_tagging",
    "put_public_access_block",
    "restore_object",
    "tag_resource",
    "untag_resource",
    "upload_part",
    "upload_part_copy",
]
