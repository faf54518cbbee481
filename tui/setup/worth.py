"""Whether working for a network is likely to pay: what an hour brings there, and what its power costs here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from node.control.wire import Coin, NetworkModel
from tui import format as shown
from tui.setup.price import Price

PAR = {"USDC": "USD", "USD": "USD"}
"""Assets that are worth one unit of a currency."""

NO_MONEY = ("kudos",)
"""What networks may pay in that nobody pays money for."""


def verdict(pays: str, models: Iterable[NetworkModel], watts: float | None, price: Price | None) -> Iterator[str]:
    """In sentences: the reward of an hour in which every slot is busy, its cost, and what that comes to.

    Args:
        pays: what the network pays in, by its own page. models: as it sees ours.
        watts: the draw at work; None if not known, as the price.
    """
    best = max(
        (model for model in models if model.an_hour is not None),
        key=lambda model: model.an_hour.units if model.an_hour else 0,
        default=None,
    )
    earned = best.an_hour if best is not None else None
    if best is None or earned is None:
        yield "What an hour earns there is not known before the first jobs."
    else:
        told = f"{shown.units(earned.units, earned.decimals)} {earned.asset}"
        yield f"With every slot busy all the time, {best.served} would earn about {told} an hour; waiting earns less."
    cost = None if watts is None or price is None else price.hour(watts)
    if cost is None or price is None:
        yield "What the power for it costs is not known: the steps Model and Limits ask for it."
    else:
        yield f"The power for an hour of work costs about {shown.money(cost, price.currency)}."
    no_money = next((asset for asset in NO_MONEY if pays.lower().startswith(asset)), "")
    yield _in_the_end(no_money, earned, cost, price)


def _in_the_end(no_money: str, earned: Coin | None, cost: int | None, price: Price | None) -> str:
    if no_money:
        lost = "the power" if cost is None or price is None else f"{shown.money(cost, price.currency)} an hour of work"
        return f"Likely a loss in money: {no_money} are none, and you pay {lost}."
    if earned is None or cost is None or price is None:
        return "So whether it pays cannot be told yet; `stoker earnings` will."
    if PAR.get(earned.asset) != price.currency:
        return (
            f"What {earned.asset} is worth in {price.currency} is not known here, so whether it pays is yours to judge."
        )
    net = earned.units * 10**6 // 10**earned.decimals - cost
    if net <= 0:
        return f"Likely a loss: {shown.money(net, price.currency, sign=True)} an hour at best."
    return f"At best {shown.money(net, price.currency, sign=True)} an hour remain; hours without jobs still cost power."
