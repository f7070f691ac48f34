"""The kinds of documents that people edit, with what each may hold and how long it may be."""

from collections.abc import Mapping
from dataclasses import dataclass

from iam.policy import PolicyKind
from iam.policy.validate import INLINE_SIZES, MANAGED_POLICY_SIZE, TRUST_POLICY_SIZE


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """limit: characters, white space not counted. services: those offered first, all for ()."""

    name: str
    grammar: PolicyKind
    limit: int
    services: tuple[str, ...] = ()

    @property
    def has_principals(self) -> bool:
        return self.grammar is not PolicyKind.IDENTITY

    @property
    def has_resources(self) -> bool:
        return self.grammar is not PolicyKind.TRUST


# AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
BUCKET_POLICY_SIZE = 20 * 1024
# AWS: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
KEY_POLICY_SIZE = 32 * 1024

# Inline policies by the entity that they are part of.
KINDS: Mapping[str, DocumentKind] = {
    "managed": DocumentKind("managed", PolicyKind.IDENTITY, MANAGED_POLICY_SIZE),
    "bucket": DocumentKind("bucket", PolicyKind.RESOURCE, BUCKET_POLICY_SIZE, ("s3",)),
    "key": DocumentKind("key", PolicyKind.RESOURCE, KEY_POLICY_SIZE, ("kms",)),
    "trust": DocumentKind("trust", PolicyKind.TRUST, TRUST_POLICY_SIZE),
    **{
        entity: DocumentKind(entity, PolicyKind.IDENTITY, limit)
        for entity, limit in INLINE_SIZES.items()
    },
}
