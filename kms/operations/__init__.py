"""KMS's operations, one file per AWS noun."""

from kms.operations.aliases import (
    create_alias,
    delete_alias,
    list_aliases,
    update_alias,
)
from kms.operations.data_keys import (
    generate_data_key,
    generate_data_key_pair,
    generate_data_key_pair_without_plaintext,
    generate_data_key_without_plaintext,
    generate_random,
)
from kms.operations.deletions import (
    cancel_key_deletion,
    schedule_key_deletion,
)
from kms.operations.encryption import (
    decrypt,
    encrypt,
    re_encrypt,
)
from kms.operations.grants import (
    create_grant,
    list_grants,
    list_retirable_grants,
    retire_grant,
    revoke_grant,
)
from kms.operations.keys import (
    create_key,
    describe_key,
    disable_key,
    enable_key,
    list_keys,
    update_key_description,
)
from kms.operations.policies import (
    get_key_policy,
    list_key_policies,
    put_key_policy,
)
from kms.operations.rotation import (
    disable_key_rotation,
    enable_key_rotation,
    get_key_rotation_status,
    list_key_rotations,
    rotate_key_on_demand,
)
from kms.operations.services import (
    via,
)
from kms.operations.signatures import (
    generate_mac,
    get_public_key,
    sign,
    verify,
    verify_mac,
)
from kms.operations.tags import (
    list_resource_tags,
    tag_resource,
    untag_resource,
)

__all__ = [
    "cancel_key_deletion",
    "create_alias",
    "create_grant",
    "create_key",
    "decrypt",
    "delete_alias",
    "describe_key",
    "disable_key",
    "disable_key_rotation",
    "enable_key",
    "enable_key_rotation",
    "encrypt",
    "generate_data_key",
    "generate_data_key_pair",
    "generate_data_key_pair_without_plaintext",
    "generate_data_key_without_plaintext",
    "generate_mac",
    "generate_random",
    "get_key_policy",
    "get_key_rotation_status",
    "get_public_key",
    "list_aliases",
    "list_grants",
    "list_key_policies",
    "list_key_rotations",
    "list_keys",
    "list_resource_tags",
    "list_retirable_grants",
    "put_key_policy",
    "re_encrypt",
    "retire_grant",
    "revoke_grant",
    "rotate_key_on_demand",
    "schedule_key_deletion",
    "sign",
    "tag_resource",
    "untag_resource",
    "update_alias",
    "update_key_description",
    "verify",
    "verify_mac",
    "via",
]
