"""Base58 in Bitcoin's alphabet, as Solana writes addresses, signatures and secret keys. No checksum in it."""

from __future__ import annotations

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST = 128
"""Characters that ``decode`` takes at most: the work grows with the square, and 64 bytes need 88."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """Bytes as base58; each leading zero byte is a ``1``."""
    number = int.from_bytes(data)
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def decode(text: str) -> bytes:
    """Base58 as bytes.

    Raises:
        ValueError: a character outside the alphabet, or more than ``LONGEST`` of them. The text is not quoted, as it
            may be a secret.
    """
    if len(text) > LONGEST:
        raise ValueError(f"base58 text of {len(text)} characters: expected at most {LONGEST}")
    number = 0
    for position, character in enumerate(text, start=1):
        value = _VALUES.get(character)
        if value is None:
            raise ValueError(f"character {position} is not in the base58 alphabet")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
