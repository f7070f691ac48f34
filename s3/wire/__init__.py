"""S3's face on the API port: before Django's middleware, lean enough for objects."""
