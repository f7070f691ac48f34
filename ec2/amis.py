"""Images as launches see them: the account's own, shared ones and the public catalogue."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from aws.context import Context
from ec2.catalogue import images
from ec2.catalogue.images import PublicImage
from ec2.lookup import check_form, missing
from ec2.models import Image


@dataclass(frozen=True, slots=True)
class Ami:
    """block_device_mappings: in AWS's shape, each with its SnapshotId and VolumeSize.

    row: None for a public one of the catalogue.
    """

    image_id: str
    name: str
    owner_id: str
    architecture: str
    platform: str
    platform_details: str
    root_device_name: str
    block_device_mappings: list[dict[str, Any]]
    state: str
    boot_mode: str
    imds_support: str
    is_public: bool
    arn: str
    row: Image | None = None
    public: PublicImage | None = None

    def conditions(self) -> dict[str, Any]:
        """Condition keys of policies that speak of an image."""
        alias = self.public.owner_alias if self.public else ""
        return {
            "ec2:ImageType": "machine",
            "ec2:Owner": alias or self.owner_id,
            "ec2:Public": "true" if self.is_public else "false",
            "ec2:RootDeviceType": "ebs",
        }


def visible(ctx: Context) -> Q:
    """Images of accounts that the caller's may use: its own, shared with it, made public."""
    return Q(region=ctx.region) & (
        Q(account_id=ctx.account_id)
        | Q(share__contains=[ctx.account_id])
        | Q(share__contains=["all"])
    )


def find(ctx: Context, image_id: str) -> Ami:
    """An image that the caller's account may launch. Raises InvalidAMIID.Malformed, .NotFound."""
    check_form(Image, [image_id])
    public = images.in_region(ctx.region).get(image_id)
    if public is not None:
        return of_catalogue(public, ctx.region)
    row = Image.objects.filter(visible(ctx)).filter(resource_id=image_id).first()
    if row is None:
        raise missing_image(image_id)
    return of_row(row)


def missing_image(image_id: str) -> Exception:
    error = missing(Image, [image_id])
    error.message = f"The image id '[{image_id}]' does not exist"
    return error


def of_row(row: Image) -> Ami:
    return Ami(
        image_id=row.resource_id,
        name=row.image_name,
        owner_id=row.account_id,
        architecture=row.architecture,
        platform=row.platform,
        platform_details=row.platform_details,
        root_device_name=row.root_device_name,
        block_device_mappings=row.block_device_mappings,
        state=row.state,
        boot_mode=row.boot_mode,
        imds_support=row.imds_support,
        is_public="all" in row.share,
        arn=f"arn:aws:ec2:{row.region}::image/{row.resource_id}",
        row=row,
    )


def of_catalogue(image: PublicImage, region: str) -> Ami:
    image_id = image.image_id(region)
    return Ami(
        image_id=image_id,
        name=image.name,
        owner_id=image.owner_id,
        architecture=image.architecture,
        platform=image.platform,
        platform_details=image.platform_details,
        root_device_name=image.root_device_name,
        block_device_mappings=[
            {
                "DeviceName": image.root_device_name,
                "Ebs": {
                    "DeleteOnTermination": True,
                    "SnapshotId": image.snapshot_id(region),
                    "VolumeSize": image.size,
                    "VolumeType": "gp3",
                    "Encrypted": False,
                },
            }
        ],
        state="available",
        boot_mode=image.boot_mode,
        imds_support=image.imds_support,
        is_public=True,
        arn=f"arn:aws:ec2:{region}::image/{image_id}",
        public=image,
    )
