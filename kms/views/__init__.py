"""KMS's pages."""
