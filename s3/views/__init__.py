"""S3's console pages, one file per AWS noun."""
