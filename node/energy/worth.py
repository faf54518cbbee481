"""What the work is worth in the owner's currency. Pure; only money that has a fixed price there is counted."""

from __future__ import annotations

from collections.abc import Iterable

from node.energy.price import MJ_PER_KWH
from node.ledger.sums import Takings, Totals
from node.ledger.worth import pegged
from wallet.money import Amount


def worth_micro(amount: Amount, currency: str) -> int | None:
    """An amount in millionths of the currency; None if it has no fixed price there."""
    worth = pegged(amount)
    return worth.micro if worth is not None and worth.currency == currency else None


def earned_micro(takings: Iterable[Takings], currency: str) -> int | None:
    """What was claimed, in millionths of the currency; None if none of it has a price there."""
    worths = [worth_micro(Amount(taken.claimed, taken.asset), currency) for taken in takings]
    priced = [worth for worth in worths if worth is not None]
    return sum(priced) if priced else None


def worth_of_kwh(sums: Totals, currency: str) -> int | None:
    """What a kilowatt-hour of work earned, in millionths; None while that is not known."""
    earned = earned_micro(sums.takings, currency)
    return None if earned is None or not sums.energy_mj else earned * MJ_PER_KWH // sums.energy_mj
