"""Blocks and addresses: what fits, what overlaps, what is free.

AWS: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network, collapse_addresses, ip_network

Network = IPv4Network | IPv6Network
LARGEST_PREFIX, SMALLEST_PREFIX = 16, 28
# Network address, router, DNS, "for future use", broadcast.
RESERVED_AT_START, RESERVED_AT_END = 4, 1
RESERVED = RESERVED_AT_START + RESERVED_AT_END


def parse(text: str) -> IPv4Network:
    """ "10.0.5.3/16" → 10.0.0.0/16, as AWS writes it. Raises ValueError."""
    if "/" not in text:
        raise ValueError(f"{text!r} has no prefix length")
    return IPv4Network(text, strict=False)


def parse_any(text: str) -> Network:
    """IPv4 or IPv6. Raises ValueError."""
    if "/" not in text:
        raise ValueError(f"{text!r} has no prefix length")
    return ip_network(text, strict=False)


def has_vpc_size(block: IPv4Network) -> bool:
    """Blocks of VPCs and subnets alike lie between /16 and /28."""
    return LARGEST_PREFIX <= block.prefixlen <= SMALLEST_PREFIX


def overlapping(block: IPv4Network, others: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first of the others that shares an address with the block."""
    return next((other for other in others if block.overlaps(other)), None)


def contains(blocks: Iterable[IPv4Network], block: IPv4Network) -> bool:
    """Whether one of the blocks holds all of the other."""
    return any(block.subnet_of(outer) for outer in blocks)


def reserved(block: IPv4Network) -> list[IPv4Address]:
    """The five addresses of a subnet that nobody gets."""
    return [*(block[index] for index in range(RESERVED_AT_START)), block[-1]]


def is_reserved(block: IPv4Network, address: IPv4Address) -> bool:
    index = int(address) - int(block.network_address)
    return index < RESERVED_AT_START or index >= block.num_addresses - RESERVED_AT_END


def available(block: IPv4Network, used: int) -> int:
    """How many addresses are free. used: those of network interfaces."""
    return block.num_addresses - RESERVED - used


def free_addresses(block: IPv4Network, used: Collection[int], count: int) -> list[IPv4Address]:
    """The lowest `count` free addresses, fewer when the subnet is full. used: as integers."""
    first = int(block.network_address) + RESERVED_AT_START
    last = int(block.broadcast_address) - RESERVED_AT_END
    found: list[IPv4Address] = []
    for number in range(first, last + 1):
        if len(found) == count:
            break
        if number not in used:
            found.append(IPv4Address(number))
    return found


def free_block(
    outer: IPv4Network, taken: Iterable[IPv4Network], prefix_length: int
) -> IPv4Network | None:
    """The lowest free block of that size inside `outer`."""
    if prefix_length < outer.prefixlen:
        return None
    size = 1 << (outer.max_prefixlen - prefix_length)
    start = int(outer.network_address)
    for other in collapse_addresses(other for other in taken if other.overlaps(outer)):
        if start + size <= int(other.network_address):
            break
        after = int(other.broadcast_address) + 1
        start = max(start, -(-after // size) * size)
    if start + size - 1 > int(outer.broadcast_address):
        return None
    return IPv4Network((start, prefix_length))
