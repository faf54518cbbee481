"""The Merkle tree against RFC 6962."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ledger.merkle import EMPTY_ROOT, Frontier

# The test vectors of the Certificate Transparency reference implementation.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def recursive(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 defines it, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + recursive(leaves[:half]) + recursive(leaves[half:])).digest()


def test_the_root_after_each_leaf_is_that_of_the_published_vectors() -> None:
    tree = Frontier()
    assert tree.root() == EMPTY_ROOT
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.push(hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest())
        assert tree.root().hex() == root


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_growing_leaf_by_leaf_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree = Frontier()
    for leaf in leaves:
        tree.push(leaf)
    assert tree.root() == recursive(leaves)


@given(st.integers(0, 200), st.integers(0, 50))
def test_a_frontier_kept_as_bytes_goes_on_where_it_was(before: int, after: int) -> None:
    tree = Frontier()
    for number in range(before):
        tree.push(number.to_bytes(32, "big"))
    again = Frontier.from_bytes(before, tree.to_bytes())
    for number in range(after):
        tree.push(number.to_bytes(32, "little"))
        again.push(number.to_bytes(32, "little"))
    assert again.root() == tree.root()


@pytest.mark.parametrize(("size", "packed"), [(3, bytes(32)), (1, bytes(31)), (0, bytes(32)), (-1, b"")])
def test_bytes_that_are_no_frontier_of_that_size_are_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"frontier|subtrees"):
        Frontier.from_bytes(size, packed)
