"""Forms check shape; operations decide. An AWS error comes back into the form that sent it."""
