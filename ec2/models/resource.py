"""What every EC2 resource is: an id, an ARN, tags, an account and a region."""

from typing import Any, ClassVar

from django.db import models

from aws import clock
from aws.arn import Arn
from aws.models import RegionOwned, Tagged


class Resource(Tagged, RegionOwned):
    """A resource of one account and region.

    resource_id: AWS's id, the prefix and 17 hex digits. PREFIX: "vpc". KIND: the resource type of
    ARNs and tag specifications: "vpc". NOUN: as AWS's sentences and error codes say it: an id
    that is not there is `Invalid<ERROR>.NotFound`, "The <NOUN> ID 'vpc-…' does not exist".
    """

    resource_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=clock.real_now)

    PREFIX: ClassVar[str]
    KIND: ClassVar[str]
    NOUN: ClassVar[str]
    ERROR: ClassVar[str]
    # AWS: "The vpc ID '…' does not exist", but "The security group '…' does not exist".
    ID_WORD: ClassVar[str] = " ID"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.resource_id

    @property
    def arn(self) -> str:
        return str(Arn("ec2", self.region, self.account_id, f"{self.KIND}/{self.resource_id}"))

    @property
    def name(self) -> str:
        """The Name tag, "" for none."""
        return str(self.tags.get("Name", ""))

    def conditions(self) -> dict[str, Any]:
        """Condition keys of policies that speak of this resource, such as ec2:Vpc."""
        return {}


def vpc_arn(row: Any) -> str:
    """Value of the condition key ec2:Vpc. row: anything with a `vpc`."""
    return str(Arn("ec2", row.region, row.account_id, f"vpc/{row.vpc.resource_id}"))
