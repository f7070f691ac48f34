"""The AWS services of the lab: names, protocols and models. One entry each; all else derives."""

from dataclasses import dataclass
from functools import cache, cached_property

import botocore.loaders
import botocore.model


@dataclass(frozen=True)
class Service:
    """prefix: as in IAM actions ("iam:CreateUser"). model: botocore's service name.

    is_global: no region in its ARNs; its events carry us-east-1, as AWS's do. signing_name: in a
    SigV4 credential scope, where it differs from the prefix. target_prefix: X-Amz-Target's of the
    JSON services. They are written here so that a request finds its service without loading the
    models of the others.
    """

    prefix: str
    model: str
    title: str
    is_global: bool = False
    signing_name: str = ""
    target_prefix: str = ""

    @property
    def event_source(self) -> str:
        return f"{self.prefix}.amazonaws.com"

    @property
    def api_version(self) -> str:
        loader = botocore.loaders.create_loader()
        return str(loader.determine_latest_version(self.model, "service-2"))

    @cached_property
    def service_model(self) -> botocore.model.ServiceModel:
        return load_model(self.model)

    @property
    def protocol(self) -> str:
        """The first of `protocols`: "query"."""
        return str(self.service_model.metadata["protocol"])

    @property
    def protocols(self) -> list[str]:
        """All that the service speaks, the newest first."""
        found: list[str] = self.service_model.metadata.get("protocols") or [self.protocol]
        return found


SERVICES = {
    service.prefix: service
    for service in (
        Service("iam", "iam", "IAM", is_global=True),
        Service("sts", "sts", "STS"),
        Service("cloudtrail", "cloudtrail", "CloudTrail", target_prefix="CloudTrail_20131101"),
        Service("ec2", "ec2", "EC2"),
        Service("s3", "s3", "S3"),
        # IAM's actions of it are s3's, and so is the name that requests are signed for.
        Service("s3control", "s3control", "S3 Control"),
        Service("rds", "rds", "RDS"),
        Service("kms", "kms", "KMS", target_prefix="TrentService"),
    )
}


@cache
def load_model(name: str) -> botocore.model.ServiceModel:
    """botocore's model of a service. The first EC2 load costs about a second: keep it lazy."""
    loader = botocore.loaders.create_loader()
    description = loader.load_service_model(name, "service-2")
    return botocore.model.ServiceModel(description, service_name=name)


def operation_model(service: str, name: str) -> botocore.model.OperationModel:
    return SERVICES[service].service_model.operation_model(name)
