# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""What each network claimed, credited and paid of each asset since the books began, and which claims still wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

import apsw

from node.ledger.migrations import WAITING
from node.ledger.projections import joined
from node.ledger.worth import PEGGED
from wallet.money import Asset
from wallet.prices import MARKETED

__all__ = ["Account", "Claim", "Column", "Waiting", "accounts", "stages", "waiting"]

Claim = Literal["claimed", "credited", "paid"]


@dataclass(frozen=True, slots=True)
class Column:
    """One of the three columns of an account.

    Attributes:
        units: their sum, in base units. amounts: how many were written down that are not nothing.
        first_ns, last_ns: when, nanoseconds since 1970 in UTC; None while there is none.
    """

    units: int = 0
    amounts: int = 0
    first_ns: int | None = None
    last_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One asset of one network."""

    network: str
    asset: Asset
    claimed: Column = Column()
    credited: Column = Column()
    paid: Column = Column()

    @property
    def stage(self) -> Claim:
        """The column that counts as earned, so that nothing is counted twice: what the network's books credited, if
        they have ever shown any of this asset; else what was paid; else what was claimed."""
        if self.credited.amounts:
            return "credited"
        return "paid" if self.paid.amounts else "claimed"

    @property
    def receipt(self) -> Claim | None:
        """The column that says what came into the owner's hands: what was paid; where a network never pays out and its
        asset is money, what it credited. None for what is no money."""
        if self.paid.amounts:
            return "paid"
        return "credited" if self.is_money else None

    @property
    def is_money(self) -> bool:
        """Whether it can be spent anywhere: it was paid out, or has a price. Kudos are no money."""
        return bool(self.paid.amounts) or self.asset.code in PEGGED or self.asset.code in MARKETED


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one account whose claim the network's books do not show yet.

    Attributes:
        units: what was claimed for them. oldest_ns: when the first of them was claimed; None if there are none.
    """

    jobs: int = 0
    units: int = 0
    oldest_ns: int | None = None


def accounts(connection: apsw.Connection) -> list[Account]:
    """All accounts with any amount, in the order of network and asset."""
    rows = connection.execute(
        "SELECT network, asset, decimals, claim, units_hi, units_lo, amounts, first_ns, last_ns FROM accounts "
        "ORDER BY network, asset, decimals"
    )
    columns: dict[tuple[str, Asset], dict[str, Column]] = {}
    for network, code, decimals, claim, high, low, amounts, first, last in cast(
        "Iterator[tuple[str, str, int, str, int, int, int, int, int]]", rows
    ):
        columns.setdefault((network, Asset(code, decimals)), {})[claim] = Column(
            joined(high, low), amounts, first, last
        )
    return [Account(network, asset, **found) for (network, asset), found in columns.items()]


def stages(connection: apsw.Connection) -> Mapping[tuple[str, Asset], Claim]:
    """Which column counts as earned, by network and asset."""
    return {(account.network, account.asset): account.stage for account in accounts(connection)}


def waiting(connection: apsw.Connection, account: Account) -> Waiting:
    """The claims of an account that wait for a credit."""
    claimed = account.claimed
    if not account.credited.amounts:
        return Waiting(claimed.amounts, claimed.units, claimed.first_ns)
    row = connection.execute(
        "SELECT count(*), coalesce(sum(units_hi), 0), coalesce(sum(units_lo), 0), min(ended_ns) FROM jobs "
        f"WHERE network = ? AND asset = ? AND decimals = ? AND {WAITING}",
        (account.network, account.asset.code, account.asset.decimals),
    ).get
    jobs, high, low, oldest = cast("tuple[int, int, int, int | None]", row)
    return Waiting(jobs, joined(high, low), oldest)
