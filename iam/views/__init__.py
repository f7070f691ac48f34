"""IAM's console pages, one file per AWS noun."""
