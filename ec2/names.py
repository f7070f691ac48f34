"""The DNS names of addresses, as AWS writes them.

AWS: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html
"""

from django.conf import settings

from ec2.default_vpc import private_domain


def private_name(region: str, address: str) -> str:
    """ "ip-10-0-0-5.ap-northeast-2.compute.internal" """
    return f"ip-{address.replace('.', '-')}.{private_domain(region)}"


def public_name(region: str, address: str) -> str:
    """ "ec2-127-77-0-5.ap-northeast-2.compute.localhost": below the lab's domain, not Amazon's."""
    zone = "compute-1" if region == "us-east-1" else f"{region}.compute"
    return f"ec2-{address.replace('.', '-')}.{zone}.{settings.LAB_DOMAIN}"
