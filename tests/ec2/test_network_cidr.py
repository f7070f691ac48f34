"""Blocks and addresses hold their laws whatever the numbers."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2.network import cidr

BLOCKS = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    st.integers(min_value=0x0A000000, max_value=0x0AFFFFFF),
    st.integers(min_value=16, max_value=28),
)


def test_a_block_is_written_from_its_first_address() -> None:
    assert str(cidr.parse("10.0.5.3/16")) == "10.0.0.0/16"


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.0/33", "10.0.0/16", "x/8", ""])
def test_what_is_no_block_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cidr.parse(text)


@pytest.mark.parametrize(("text", "fits"), [
    ("10.0.0.0/15", False), ("10.0.0.0/16", True), ("10.0.0.0/28", True), ("10.0.0.0/29", False),
])  # fmt: skip
def test_a_vpc_is_between_16_and_28(text: str, fits: bool) -> None:
    assert cidr.has_vpc_size(cidr.parse(text)) is fits


def test_a_24_has_251_addresses() -> None:
    assert cidr.available(cidr.parse("10.0.0.0/24"), used=0) == 251


@given(BLOCKS)
def test_five_addresses_are_reserved_and_never_handed_out(block: IPv4Network) -> None:
    kept = cidr.reserved(block)
    free = cidr.free_addresses(block, set(), 5)
    assert len(set(kept)) == cidr.RESERVED
    assert all(cidr.is_reserved(block, one) and one in block for one in kept)
    assert not any(cidr.is_reserved(block, one) for one in free)
    assert not set(kept) & set(free)


@given(BLOCKS, st.integers(min_value=1, max_value=40), st.data())
def test_addresses_are_free_distinct_and_lowest_first(
    block: IPv4Network, count: int, data: st.DataObject
) -> None:
    offsets = st.sets(st.integers(0, min(block.num_addresses - 1, 60)), max_size=30)
    used = {int(block.network_address) + offset for offset in data.draw(offsets)}
    found = cidr.free_addresses(block, used, count)
    assert found == sorted(set(found))
    assert not {int(one) for one in found} & used
    assert all(one in block for one in found)
    countable = used - {int(one) for one in cidr.reserved(block)}
    assert len(found) == min(count, cidr.available(block, len(countable)))


@given(BLOCKS, st.lists(BLOCKS, max_size=8), st.integers(min_value=16, max_value=28))
def test_a_free_block_lies_inside_and_overlaps_nothing(
    outer: IPv4Network, taken: list[IPv4Network], prefix: int
) -> None:
    found = cidr.free_block(outer, taken, prefix)
    if found is None:
        fitting = outer.subnets(new_prefix=prefix) if prefix >= outer.prefixlen else iter(())
        assert all(cidr.overlapping(one, taken) for one in fitting)
    else:
        assert found.prefixlen == prefix
        assert cidr.contains([outer], found)
        assert cidr.overlapping(found, taken) is None


@given(BLOCKS, BLOCKS)
def test_overlap_means_a_shared_address(one: IPv4Network, other: IPv4Network) -> None:
    low = max(int(one.network_address), int(other.network_address))
    shares = IPv4Address(low) in one and IPv4Address(low) in other
    assert (cidr.overlapping(one, [other]) is not None) is shares
