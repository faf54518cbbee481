"""Ethereum addresses, with the checksum that EIP-55 hides in the case of their letters."""

from __future__ import annotations

import re

from wallet.errors import WalletError
from wallet.evm.keccak import keccak_256


class AddressError(WalletError):
    """Not an address that money could be sent to."""


def looks_like_evm(text: str) -> bool:
    """Whether this is meant as an Ethereum address, right or wrong."""
    return text[:2] in ("0x", "0X")


def checksummed(digits: str) -> str:
    """The EIP-55 form of 40 hexadecimal digits."""
    lower = digits.lower()
    guide = keccak_256(lower.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit for digit, nibble in zip(lower, guide, strict=False)
    )


def parse_evm_address(text: str) -> str:
    """An address in its EIP-55 form. One that is all lower or all upper case has no checksum and is taken as it is.

    Raises:
        AddressError: not 0x and 40 hexadecimal digits, or its checksum does not match.
    """
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{40}", text, re.ASCII):
        raise AddressError("address", f"{text[:60]!r}", "expected 0x and 40 hexadecimal digits")
    digits = text[2:]
    right = checksummed(digits)
    if digits not in (digits.lower(), digits.upper()) and digits != right[2:]:
        raise AddressError("address", "its EIP-55 checksum does not match", "a character is wrong; copy it again")
    return right
