"""IAM's and STS's operations, one file per AWS noun. Other apps import them from here."""

from iam.operations.access_keys import (
    create_access_key,
    delete_access_key,
    get_access_key_last_used,
    list_access_keys,
    update_access_key,
)
from iam.operations.account import (
    create_account_alias,
    delete_account_alias,
    get_account_summary,
    list_account_aliases,
)
from iam.operations.assume_role import assume_role
from iam.operations.authorization_details import (
    get_account_authorization_details,
)
from iam.operations.login_profiles import (
    change_password,
    create_login_profile,
    delete_login_profile,
    get_login_profile,
    update_login_profile,
)
from iam.operations.mfa_devices import (
    create_virtual_mfa_device,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
    enable_mfa_device,
    get_mfa_device,
    list_mfa_device_tags,
    list_mfa_devices,
    list_virtual_mfa_devices,
    resync_mfa_device,
    tag_mfa_device,
    untag_mfa_device,
)
from iam.operations.password_policy import (
    delete_account_password_policy,
    get_account_password_policy,
    update_account_password_policy,
)
from iam.operations.reports import (
    generate_credential_report,
    generate_service_last_accessed_details,
    get_credential_report,
    get_service_last_accessed_details,
    get_service_last_accessed_details_with_entities,
)
from iam.operations.simulation import (
    get_context_keys_for_custom_policy,
    get_context_keys_for_principal_policy,
    simulate_custom_policy,
    simulate_principal_policy,
)
from iam.operations.sts import (
    decode_authorization_message,
    get_access_key_info,
    get_caller_identity,
    get_federation_token,
    get_session_token,
)
from iam.operations.users import (
    create_user,
    delete_user,
    get_user,
    list_user_tags,
    list_users,
    tag_user,
    untag_user,
    update_user,
)

__all__ = [
    "get_session_token",
    "get_federation_token",
    "get_caller_identity",
    "get_access_key_info",
    "decode_authorization_message",
    "assume_role",
    "change_password",
    "create_access_key",
    "create_account_alias",
    "create_login_profile",
    "create_user",
    "create_virtual_mfa_device",
    "deactivate_mfa_device",
    "delete_access_key",
    "delete_account_alias",
    "delete_account_password_policy",
    "delete_login_profile",
    "delete_user",
    "delete_virtual_mfa_device",
    "enable_mfa_device",
    "generate_credential_report",
    "generate_service_last_accessed_details",
    "get_access_key_last_used",
    "get_account_authorization_details",
    "get_account_password_policy",
    "get_account_summary",
    "get_context_keys_for_custom_policy",
    "get_context_keys_for_principal_policy",
    "get_credential_report",
    "get_login_profile",
    "get_mfa_device",
    "get_service_last_accessed_details",
    "get_service_last_accessed_details_with_entities",
    "get_user",
    "list_access_keys",
    "list_account_aliases",
    "list_mfa_device_tags",
    "list_mfa_devices",
    "list_user_tags",
    "list_users",
    "list_virtual_mfa_devices",
    "resync_mfa_device",
    "simulate_custom_policy",
    "simulate_principal_policy",
    "tag_mfa_device",
    "tag_user",
    "untag_mfa_device",
    "untag_user",
    "update_access_key",
    "update_account_password_policy",
    "update_login_profile",
    "update_user",
]
