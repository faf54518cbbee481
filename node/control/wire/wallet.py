"""How wallets, balances and history look over the wire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WalletMark:
    """The active wallet, as the state line shows it."""

    name: str
    address: str
    locked: bool | None = None  # None: there is no key here to lock
    backed_up: bool | None = None  # None: there is nothing here to back up


@dataclass(frozen=True, slots=True)
class WalletView:
    """One named wallet."""

    name: str
    address: str
    chain: str  # solana, base
    store: str  # keyring, vault, credentials, watch-only
    store_detail: str = ""  # a sentence: where the key lies and who may read it
    active: bool = False
    locked: bool | None = None
    backed_up: bool | None = None
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Holding:
    """So much of one asset at an address, in base units."""

    asset: str
    decimals: int
    units: int
    name: str = ""
    mint: str = ""
    known: bool = True  # False: a token nobody here vouches for
    worth: str = ""  # in the currency of the prices, with its code; empty if there is no price
    worth_at: float | None = None
    worth_stale: bool = False


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What an address holds, or why that is not known. Never a number that nobody stated."""

    wallet: str
    address: str
    cluster: str
    at: float | None = None
    holdings: tuple[Holding, ...] = ()
    problem: str = ""
    remedy: str = ""
    endpoints: tuple[str, ...] = ()  # one sentence on each


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of one asset by one transaction."""

    signature: str
    at: float | None
    direction: str  # in, out, self
    asset: str
    decimals: int
    units: int
    counterparty: str = ""
    memo: str = ""
    fee_units: int | None = None
    known: bool = True
    failed: bool = False


@dataclass(frozen=True, slots=True)
class MovementPage:
    """History, newest first; ``older`` fetches the next page."""

    wallet: str
    movements: tuple[Movement, ...] = ()
    older: str = ""
    problem: str = ""
