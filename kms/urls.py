"""KMS's pages: /kms/…"""

from django.urls import path
from django.views.generic import RedirectView

from kms.views import keys, policies, settings

app_name = "kms"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kms:key-list")),
    path("managed-keys", keys.managed_list, name="managed-list"),
    path("keys", keys.key_list, name="key-list"),
    path("keys/create", keys.key_create, name="key-create"),
    path("keys/state", keys.keys_state, name="keys-state"),
    path("keys/delete", keys.keys_delete, name="keys-delete"),
    path("keys/<uuid:key_id>", keys.key_detail, name="key-detail"),
    path("keys/<uuid:key_id>/description", settings.description_edit, name="description-edit"),
    path("keys/<uuid:key_id>/policy", policies.policy_edit, name="policy-edit"),
    path(
        "keys/<uuid:key_id>/<str:principals>/edit", policies.principals_edit, name="principals-edit"
    ),
    path("keys/<uuid:key_id>/tags", settings.tags_edit, name="tags-edit"),
    path("keys/<uuid:key_id>/rotation", settings.rotation_edit, name="rotation-edit"),
    path("keys/<uuid:key_id>/rotate", settings.rotate, name="rotate"),
    path("keys/<uuid:key_id>/aliases/create", settings.alias_create, name="alias-create"),
    path("keys/<uuid:key_id>/aliases/delete", settings.alias_delete, name="alias-delete"),
]
