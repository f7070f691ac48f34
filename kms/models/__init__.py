"""KMS's tables, one file per AWS noun."""

from kms.models.aliases import Alias
from kms.models.grants import Grant
from kms.models.keys import Key, KeyMaterial

__all__ = ["Alias", "Grant", "Key", "KeyMaterial"]
