"""Which addresses a new interface gets: private ones of its subnet, public ones of the lab's pool.

The public pool is LAB_PUBLIC_ADDRESSES, addresses of this machine alone by default: an address of
the real internet would lead a curious student to a stranger.
"""

import secrets
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network

from django.conf import settings
from django.db import connection

from ec2.errors import InsufficientFreeAddressesInSubnet, InvalidParameterValue
from ec2.models import ElasticIp, PrivateAddress, Subnet
from ec2.network import cidr

# Any number of our own: PostgreSQL's advisory locks know nothing but numbers.
_POOL_LOCK = 0x67726F756E64


def private_addresses(subnet: Subnet, count: int, *, besides: Collection[str] = ()) -> list[str]:
    """The lowest free ones, besides some that are about to be taken. Hold the subnet first.

    Raises InsufficientFreeAddressesInSubnet.
    """
    used = _used(subnet) | {int(IPv4Address(text)) for text in besides}
    found = cidr.free_addresses(subnet.block, used, count)
    if len(found) < count:
        raise InsufficientFreeAddressesInSubnet
    return [str(address) for address in found]


def count_free(subnet: Subnet) -> int:
    return cidr.available(subnet.block, PrivateAddress.objects.filter(subnet=subnet).count())


def require_free(subnet: Subnet, addresses: list[str]) -> None:
    """Raises InvalidParameterValue for an address outside the subnet, reserved or taken."""
    used = _used(subnet)
    for text in addresses:
        address = IPv4Address(text)
        if address not in subnet.block or cidr.is_reserved(subnet.block, address):
            raise InvalidParameterValue(
                f"Address {text} does not fall within the subnet's address range"
                if address not in subnet.block
                else f"Address {text} is in subnet's reserved address range"
            )
        if int(address) in used:
            raise InvalidParameterValue(f"Address {text} is in use.")


def hold(subnet: Subnet) -> None:
    """Makes calls that hand out a subnet's addresses wait for each other."""
    Subnet.objects.select_for_update(of=("self",)).get(pk=subnet.pk)


def public_addresses(count: int) -> list[str]:
    """Free ones of the lab's pool, at random, so that a released one is not met again at once.

    Raises InsufficientFreeAddressesInSubnet where the pool is used up.
    """
    pool = IPv4Network(settings.LAB_PUBLIC_ADDRESSES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POOL_LOCK])
    found: list[str] = []
    for _ in range(50):
        wanted = count - len(found)
        if wanted == 0:
            return found
        drawn = {str(_random(pool)) for _ in range(wanted)} - set(found)
        taken = {
            *ElasticIp.objects.filter(public_ip__in=drawn).values_list("public_ip", flat=True),
            *PrivateAddress.objects.filter(public_ip__in=drawn).values_list("public_ip", flat=True),
        }
        found += sorted(drawn - taken)
    raise InsufficientFreeAddressesInSubnet("The lab has no public addresses left.")


def mac_address() -> str:
    """A locally administered one, as AWS's are: "0a:1b:…"."""
    return ":".join(["0a", *(f"{byte:02x}" for byte in secrets.token_bytes(5))])


def _used(subnet: Subnet) -> set[int]:
    rows = PrivateAddress.objects.filter(subnet=subnet)
    return {int(IPv4Address(text)) for text in rows.values_list("address", flat=True)}


def _random(pool: IPv4Network) -> IPv4Address:
    # Neither the first nor the last, which mean the network and everybody in it.
    return pool[1 + secrets.randbelow(pool.num_addresses - 2)]
