"""From sums and rewards of the books to what clients see. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from node.control.wire import Earning, EarningsRow, Posting, RewardView
from node.ledger.rewards import Posted, Reward
from node.ledger.totals import Earned, Totals
from node.ledger.worth import fiat
from wallet.money import Amount

MJ_PER_WH = 3_600_000


def row_of(earned: Earned, currency: str) -> EarningsRow:
    """One row, with the money that is in this currency; what is not is said in ``left_out``."""
    sums = earned.totals
    cost, worth = _in(currency, sums.costs), _in(currency, sums.worths)
    return EarningsRow(
        key=earned.key,
        done=sums.done,
        failed=sums.failed + sums.expired + sums.returned,
        cancelled=sums.cancelled,
        prompt_tokens=sums.prompt_tokens,
        completion_tokens=sums.completion_tokens,
        compute=sums.compute_us / 1e6,
        joules=None if sums.energy_mj is None else sums.energy_mj / 1000,
        earnings=tuple(
            Earning(taken.asset.code, taken.asset.decimals, taken.claimed, taken.credited, taken.paid)
            for taken in sums.takings
        ),
        cost_micro=cost,
        worth_micro=worth,
        net_micro=None if cost is None else (worth or 0) - cost,
        left_out=tuple(_left_out(sums, currency)),
    )


def view_of_reward(reward: Reward) -> RewardView:
    """One reward and what became of it."""
    return RewardView(
        entry=reward.seq,
        network=reward.network,
        model=reward.model,
        asset=reward.asset.code,
        decimals=reward.asset.decimals,
        job=reward.number,
        claimed=None if reward.claimed is None else _posting(reward.claimed),
        credited=tuple(map(_posting, reward.credited)),
        paid=tuple(map(_posting, reward.paid)),
    )


def told(amount: Amount) -> str:
    """An amount to its last decimal, zeros cut to two: 208.33 AIPG."""
    whole, _, fraction = f"{amount.decimal():,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(min(2, amount.asset.decimals), "0")
    return f"{whole}.{fraction} {amount.asset.code}" if fraction else f"{whole} {amount.asset.code}"


def _posting(posted: Posted) -> Posting:
    return Posting(
        at=posted.at_ns / 1e9,
        entry=posted.seq,
        units=posted.units,
        reference=posted.reference,
        worth_micro=posted.worth_micro,
        currency=posted.currency,
        price_source=posted.price_source,
    )


def _in(currency: str, amounts: tuple[Amount, ...]) -> int | None:
    return next((amount.units for amount in amounts if amount.asset == fiat(currency)), None)


def _left_out(sums: Totals, currency: str) -> Iterator[str]:
    if sums.unpriced_mj:
        yield f"{sums.unpriced_mj / MJ_PER_WH:,.3g} Wh had no price"
    for cost in sums.costs:
        if cost.asset != fiat(currency):
            yield f"energy for {told(cost)}, which is not {currency}"
    for amount in sums.unpriced:
        yield f"{told(amount)} had no price"
    for worth in sums.worths:
        if worth.asset != fiat(currency):
            yield f"earnings worth {told(worth)}, which is not {currency}"
