"""S3's pages: /s3/…, a block for each noun."""

from django.urls import path
from django.views.generic import RedirectView

from s3.views import (
    account,
    backup,
    bucket,
    buckets,
    management,
    object_actions,
    object_detail,
    object_locks,
    objects,
    policy,
    query,
    removal,
    replication,
    settings,
    uploads,
)

app_name = "s3"
BUCKETS = [
    path("", RedirectView.as_view(pattern_name="s3:bucket-list")),
    path("buckets", buckets.bucket_list, name="bucket-list"),
    path("buckets/create", buckets.bucket_create, name="bucket-create"),
    path("buckets/go", buckets.bucket_go, name="bucket-go"),
    path("snapshot", buckets.snapshot, name="snapshot"),
    path("buckets/<str:bucket>", bucket.bucket_detail, name="bucket-detail"),
    path("buckets/<str:bucket>/empty", removal.bucket_empty, name="bucket-empty"),
    path("buckets/<str:bucket>/delete", removal.bucket_delete, name="bucket-delete"),
]
ACCOUNT = [
    path("settings", account.account_blocks, name="account-blocks"),
    path("settings/edit", account.account_blocks_edit, name="account-blocks-edit"),
]
SETTINGS = [
    path("buckets/<str:bucket>/edit-policy", policy.policy_edit, name="policy-edit"),
    path("buckets/<str:bucket>/preview-policy", policy.policy_preview, name="policy-preview"),
    path("buckets/<str:bucket>/delete-policy", policy.policy_delete, name="policy-delete"),
    path("buckets/<str:bucket>/delete-<slug:setting>", settings.item_delete, name="item-delete"),
    path("buckets/<str:bucket>/edit-<slug:setting>", settings.setting_edit, name="setting-edit"),
]
MANAGEMENT = [
    path("buckets/<str:bucket>/events", management.event_list, name="events"),
    path("buckets/<str:bucket>/data-events", management.data_event_list, name="data-events"),
    path(
        "buckets/<str:bucket>/lifecycle-status",
        management.lifecycle_status,
        name="lifecycle-status",
    ),
]
OBJECTS = [
    path("upload/<str:bucket>", uploads.upload, name="upload"),
    path("upload/<str:bucket>/sign", uploads.sign, name="upload-sign"),
    path("object/<str:bucket>", object_detail.object_detail, name="object-detail"),
    path("object/<str:bucket>/share", object_detail.share, name="share"),
    path("object/<str:bucket>/download", objects.download, name="download"),
    path("object/<str:bucket>/open", objects.open_object, name="open"),
    path("object/<str:bucket>/legal-hold", object_locks.legal_hold, name="legal-hold"),
    path("object/<str:bucket>/retention", object_locks.retention, name="retention"),
    path("buckets/<str:bucket>/create-folder", objects.folder_create, name="folder-create"),
    path(
        "buckets/<str:bucket>/objects/<slug:action>",
        object_actions.object_action,
        name="object-action",
    ),
    path("buckets/<str:bucket>/query", query.query, name="query"),
    path("browse", object_actions.browse, name="browse"),
    path("jobs/<uuid:job_id>", object_actions.job_detail, name="job"),
    path("jobs/<uuid:job_id>/cancel", object_actions.job_cancel, name="job-cancel"),
]
BACKUP = [
    path("buckets/<str:bucket>/backup", backup.overview, name="backup"),
    path("buckets/<str:bucket>/backup/moment", backup.moment, name="backup-moment"),
    path("buckets/<str:bucket>/backup/export", backup.export, name="backup-export"),
    path("buckets/<str:bucket>/backup/import", backup.unzip, name="backup-import"),
    path(
        "buckets/<str:bucket>/replicate-existing",
        replication.replicate_existing,
        name="replicate-existing",
    ),
]
urlpatterns = [*BUCKETS, *ACCOUNT, *SETTINGS, *MANAGEMENT, *BACKUP, *OBJECTS]
