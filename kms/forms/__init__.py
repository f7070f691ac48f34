"""KMS's forms."""
