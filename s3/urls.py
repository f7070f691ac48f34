"""S3's pages: /s3/…, a block for each noun."""

from django.urls import path
from django.views.generic import RedirectView

from s3.views import bucket, buckets

app_name = "s3"
BUCKETS = [
    path("", RedirectView.as_view(pattern_name="s3:bucket-list")),
    path("buckets", buckets.bucket_list, name="bucket-list"),
    path("buckets/<str:bucket>", bucket.bucket_detail, name="bucket-detail"),
]
urlpatterns = [*BUCKETS]
