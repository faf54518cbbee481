"""Published mnemonics with the addresses that Phantom, Ledger and solana-keygen give them, and a cheap vault."""

from __future__ import annotations

from wallet.material import FromKey, FromWords
from wallet.secret import Secret
from wallet.vault import Cost

ABOUT = " ".join(["abandon"] * 11 + ["about"])
ART = " ".join(["abandon"] * 23 + ["art"])
ABOUT_ADDRESS = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk"

CHEAP = Cost(1, 8 * 1024 * 1024)
"""The least that a vault may cost: about 10 ms."""


def about() -> FromWords:
    """The wallet of the best known words."""
    return FromWords(Secret(ABOUT))


def bare_key(fill: int = 7) -> FromKey:
    """A wallet without words."""
    return FromKey(Secret(bytes([fill]) * 32))
