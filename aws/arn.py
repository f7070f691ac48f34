"""Amazon Resource Names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

from dataclasses import dataclass
from typing import Self

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Arn:
    service: str
    region: str
    account_id: str
    resource: str
    partition: str = PARTITION

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError unless the text has six parts and begins with "arn:"."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[2] or not parts[5]:
            raise ValueError(f"{text!r} is not an ARN")
        _, partition, service, region, account_id, resource = parts
        return cls(service, region, account_id, resource, partition)

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"
        )

    @property
    def resource_type(self) -> str:
        """ "user" of user/alice, "" where the resource has no type."""
        head = self.resource.replace(":", "/", 1)
        return head.split("/", 1)[0] if "/" in head else ""

    @property
    def resource_name(self) -> str:
        """ "alice" of user/staff/alice."""
        return self.resource.replace(":", "/").rsplit("/", 1)[-1]


def iam_arn(account_id: str, resource: str) -> str:
    """ARN of an IAM resource, such as "user/staff/alice" or "root"."""
    return f"arn:{PARTITION}:iam::{account_id}:{resource}"
