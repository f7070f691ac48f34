"""KMS's quotas: AWS's defaults, for each account and region.

https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""

# AWS allows 100,000; a lab's database need not.
KEYS = 10_000
ALIASES_PER_KEY = 50
# AWS allows 50,000. Every use of a key reads its grants.
GRANTS_PER_KEY = 500
POLICY_BYTES = 32 * 1024
ON_DEMAND_ROTATIONS = 25
# All pairs of an encryption context together.
CONTEXT_CHARACTERS = 8192
