"""Keccak-256 as Ethereum uses it: the submission of 2011, whose padding differs from the SHA3-256 of hashlib.

After "The Keccak reference" 3.0 (Bertoni, Daemen, Peeters, Van Assche), section 1.2. For short texts such as addresses.
"""

from __future__ import annotations

_RATE = 136
_WORD = (1 << 64) - 1


def keccak_256(data: bytes) -> bytes:
    """The 32-byte digest."""
    padded = bytearray(data) + b"\x01"
    padded.extend(bytes(-len(padded) % _RATE))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            at = start + lane * 8
            state[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permute(lanes: list[int]) -> None:
    """Keccak-f[1600] in place; the lane of column x and row y is at x + 5 * y."""
    register = 1
    for _ in range(24):
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        for x in range(5):
            parity = columns[x - 1] ^ _rotated(columns[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                lanes[x + y] ^= parity

        x, y, current = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x + 5 * y] = lanes[x + 5 * y], _rotated(current, (step + 1) * (step + 2) // 2)

        for y in range(0, 25, 5):
            row = lanes[y : y + 5]
            for x in range(5):
                lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])

        for bit in range(7):
            if register & 1:
                lanes[0] ^= 1 << ((1 << bit) - 1)
            register = ((register << 1) ^ ((register >> 7) * 0x171)) & 0xFF


def _rotated(lane: int, by: int) -> int:
    by %= 64
    return ((lane << by) | (lane >> (64 - by))) & _WORD
