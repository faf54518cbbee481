"""What the work is worth in the owner's currency. Pure; only money that has a fixed price there is counted."""

from __future__ import annotations

from collections.abc import Iterable

from node.energy.price import MJ_PER_KWH
from node.ledger.sums import Takings, Totals
from node.ledger.worth import PEGGED


def earned_micro(takings: Iterable[Takings], currency: str) -> int | None:
    """What was claimed, in millionths of the currency; None if none of it has a price there."""
    priced = [
        taken.claimed * 1_000_000 // 10**taken.asset.decimals
        for taken in takings
        if PEGGED.get(taken.asset.code) == currency
    ]
    return sum(priced) if priced else None


def worth_of_kwh(sums: Totals, currency: str) -> int | None:
    """What a kilowatt-hour of work earned, in millionths; None while that is not known."""
    earned = earned_micro(sums.takings, currency)
    return None if earned is None or not sums.energy_mj else earned * MJ_PER_KWH // sums.energy_mj
