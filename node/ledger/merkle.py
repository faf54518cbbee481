"""The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

__all__ = ["EMPTY_ROOT", "Frontier"]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of the tree: the roots of its full subtrees, largest first. All that is needed to grow it.

    Attributes:
        size: how many leaves there are; its binary digits say which subtrees are full.
        peaks: their roots, at most 64.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees, got {len(self.peaks)}")

    def push(self, leaf: bytes) -> None:
        """Add a leaf, given by its leaf hash."""
        carry = self.size
        while carry & 1:
            leaf = _node(self.peaks.pop(), leaf)
            carry >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = _node(peak, root)
        return root

    def copy(self) -> Frontier:
        return Frontier(self.size, self.peaks)

    def to_bytes(self) -> bytes:
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> Frontier:
        """
        Raises:
            ValueError: this is no frontier of so many leaves.
        """
        if size < 0 or len(packed) % 32:
            raise ValueError(f"a frontier is a row of 32-byte hashes, got {len(packed)} bytes")
        return cls(size, (packed[start : start + 32] for start in range(0, len(packed), 32)))
