"""IAM's wording of the tag rules."""

from aws.tags import TagRules
from iam.errors import InvalidInput, LimitExceeded

RULES = TagRules(invalid=InvalidInput, limit=LimitExceeded)
