"""What jobs took and brought, added up: three columns of every asset, and money by currency. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from node.ledger.accounts import Claim
from node.ledger.projections import SUMS, joined
from node.ledger.worth import fiat, pegged
from wallet.money import Amount, Asset

__all__ = ["Earned", "Part", "Takings", "Totals", "added_up"]


@dataclass(frozen=True, slots=True)
class Takings:
    """One asset, in base units. Three different claims, never one number.

    Attributes:
        claimed: what the networks stated job by job. credited: what their books showed later. paid: seen on chain.
    """

    asset: Asset
    claimed: int = 0
    credited: int = 0
    paid: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Jobs that ended in a time, what they took and what they brought.

    Attributes:
        compute_us: microseconds in slots. energy_mj: millijoules; None where no job's energy was measured.
        measured: how many jobs have a measured energy.
        takings: by asset, in the order of their codes.
        costs: of the energy, one amount for each currency (see `node.ledger.worth.fiat`). unpriced_mj: the energy that
            they leave out.
        worths: of what was earned, each earning once (see `node.ledger.accounts.Account.stage`), one amount for each
            currency. unpriced: the earnings that they leave out.
    """

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    returned: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    compute_us: int = 0
    energy_mj: int | None = None
    measured: int = 0
    takings: tuple[Takings, ...] = ()
    costs: tuple[Amount, ...] = ()
    unpriced_mj: int = 0
    worths: tuple[Amount, ...] = ()
    unpriced: tuple[Amount, ...] = ()

    @property
    def jobs(self) -> int:
        return self.done + self.failed + self.cancelled + self.expired + self.returned


@dataclass(frozen=True, slots=True)
class Earned:
    """The totals of one hour (``2026-11-22T13:00+01:00``), day (``2026-11-22``), network, model or asset code; an empty
    key means none is known."""

    key: str
    totals: Totals


class Part(NamedTuple):
    """What tells the sums of one key apart.

    Attributes:
        asset: None where nothing was earned. currency: of the sums of money; empty where there was no price.
    """

    network: str
    asset: Asset | None
    currency: str


def added_up(parts: Mapping[Part, tuple[int, ...]], stages: Mapping[tuple[str, Asset], Claim]) -> Totals:
    """The totals of sums in the order of ``SUMS``.

    Args:
        stages: which column counts as earned, by network and asset.
    """
    named = {part: dict(zip(SUMS, sums, strict=True)) for part, sums in parts.items()}
    whole = {name: sum(sums[name] for sums in named.values()) for name in SUMS}
    takings: dict[Asset, Takings] = {}
    costs: dict[str, int] = defaultdict(int)
    worths: dict[str, int] = defaultdict(int)
    unvalued: dict[Asset, int] = defaultdict(int)
    for part, sums in named.items():
        if part.currency and sums["measured"]:
            costs[part.currency] += sums["cost_micro"]
        if part.asset is None:
            continue
        columns = {name: joined(sums[f"{name}_hi"], sums[f"{name}_lo"]) for name in ("claimed", "credited", "paid")}
        taken = takings.get(part.asset, Takings(part.asset))
        takings[part.asset] = Takings(
            part.asset,
            taken.claimed + columns["claimed"],
            taken.credited + columns["credited"],
            taken.paid + columns["paid"],
        )
        stage = stages.get((part.network, part.asset), "claimed")
        if stage == "claimed" or not part.currency:
            unvalued[part.asset] += columns[stage]
        elif columns[stage]:
            worths[part.currency] += sums[f"{stage}_micro"]
    unpriced = []
    for amount in (Amount(units, asset) for asset, units in sorted(unvalued.items()) if units):
        worth = pegged(amount)
        if worth is None:
            unpriced.append(amount)
        else:
            worths[worth.currency] += worth.micro
    return Totals(
        done=whole["done"],
        failed=whole["failed"],
        cancelled=whole["cancelled"],
        expired=whole["expired"],
        returned=whole["returned"],
        prompt_tokens=whole["prompt_tokens"],
        completion_tokens=whole["completion_tokens"],
        compute_us=whole["compute_us"],
        energy_mj=whole["energy_mj"] if whole["measured"] else None,
        measured=whole["measured"],
        takings=tuple(takings[asset] for asset in sorted(takings)),
        costs=_money(costs),
        unpriced_mj=sum(sums["energy_mj"] for part, sums in named.items() if not part.currency),
        worths=_money(worths),
        unpriced=tuple(unpriced),
    )


def _money(sums: Mapping[str, int]) -> tuple[Amount, ...]:
    return tuple(Amount(sums[currency], fiat(currency)) for currency in sorted(sums))
