"""What an amount is worth in a currency of states. Pure; such money is an ``Amount`` with six decimals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from node.ledger.records import Settlement
from wallet.money import Amount, Asset

__all__ = ["PEGGED", "Pricer", "Worth", "fiat", "pegged", "valued"]

PEGGED = {"USDC": "USD", "EURC": "EUR"}
"""Assets that are redeemed one to one."""

PEG = "pegged 1:1"
WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Worth:
    """What an amount was worth at a moment.

    Attributes:
        micro: in millionths of ``currency``. source: of the rate, and the rate, in words.
    """

    micro: int
    currency: str
    source: str


Pricer = Callable[[Settlement], Awaitable[Worth | None]]
"""What was received is worth; None where no price of that time is known. Never raises, and takes seconds at most."""


def fiat(currency: str) -> Asset:
    """The currency as an asset counted in millionths."""
    return Asset(currency, 6)


def pegged(amount: Amount) -> Worth | None:
    """By its issuer's promise; None for what has no peg."""
    currency = PEGGED.get(amount.asset.code)
    if currency is None:
        return None
    return Worth(amount.units * WHOLE // 10**amount.asset.decimals, currency, PEG)


async def valued(settlement: Settlement, price: Pricer) -> Settlement:
    """The settlement with what it is worth, where that is known and it does not say so yet."""
    if settlement.worth_micro is not None:
        return settlement
    worth = await price(settlement)
    if worth is None:
        return settlement
    return replace(settlement, worth_micro=worth.micro, currency=worth.currency, price_source=worth.source)
