"""The wallet's own types as clients see them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from node.control.wire import Holding, Movement, WalletMark, WalletView
from wallet.money import Amount
from wallet.prices import Prices
from wallet.register import Chain, Store, Wallet
from wallet.rpc.endpoint import EndpointHealth
from wallet.solana.balances import Balances
from wallet.solana.history import Entry
from wallet.vault import Cost

CHAINS = {Chain.SOLANA: "solana", Chain.EVM: "base"}
STORES = {
    Store.WATCH_ONLY: ("watch-only", "only its address is here"),
    Store.CREDENTIALS: ("credentials", "its key comes from the service manager's credentials, for this node alone"),
    Store.KEYRING: (
        "keyring",
        "its key is in the OS keyring; any program of yours may read it while it is unlocked",
    ),
    Store.VAULT: ("vault", "its key is in a vault file that only its passphrase opens"),
}


def mark_of(wallet: Wallet, *, locked: bool) -> WalletMark:
    """A wallet as the state line shows it."""
    return WalletMark(
        wallet.name,
        wallet.address,
        locked=locked if wallet.has_key else None,
        backed_up=not wallet.needs_backup if wallet.has_key else None,
    )


def wallet_view(wallet: Wallet, *, active: bool, locked: bool, cost: Cost | None) -> WalletView:
    """What is public about a wallet. ``cost`` is what opening its vault takes, if it is in one."""
    store, detail = STORES[wallet.store]
    return WalletView(
        name=wallet.name,
        address=wallet.address,
        chain=CHAINS[wallet.chain],
        store=store,
        store_detail=f"{detail} ({cost})" if cost else detail,
        active=active,
        locked=locked if wallet.has_key else None,
        backed_up=not wallet.needs_backup if wallet.has_key else None,
        created_at=float(wallet.created_at),
    )


def solana_holdings(balances: Balances, prices: Prices, now: float) -> tuple[Holding, ...]:
    """SOL first, then tokens, known ones before others."""
    return (
        _holding(balances.sol, prices, now),
        *(_holding(token.amount, prices, now, mint=token.mint, known=token.known) for token in balances.tokens),
    )


def coin_holdings(amounts: Iterable[Amount], prices: Prices, now: float) -> tuple[Holding, ...]:
    """Amounts of assets that are known by themselves."""
    return tuple(_holding(amount, prices, now) for amount in amounts)


def movements(entry: Entry) -> Iterator[Movement]:
    """One for each change of an asset; one of nothing where a transaction changed nothing of ours but its fee.

    The fee goes with the first. What a node does not have is ``unknown``.
    """
    fee = entry.fee.units or None
    common = {"memo": entry.memo, "failed": entry.failed}
    at = None if entry.at is None else float(entry.at)
    sol = entry.fee.asset
    if not entry.changes:
        direction = "unknown" if entry.changes is None else "self"
        yield Movement(entry.signature, at, direction, sol.code, sol.decimals, 0, fee_units=fee, **common)  # type: ignore[arg-type]
        return
    for index, change in enumerate(entry.changes):
        asset = change.amount.asset
        yield Movement(
            signature=entry.signature,
            at=at,
            direction=change.direction.value,
            asset=asset.code,
            decimals=asset.decimals,
            units=change.amount.units,
            counterparty=change.counterparty,
            memo=entry.memo,
            fee_units=fee if index == 0 else None,
            known=asset.code != change.mint,
            failed=entry.failed,
        )


def endpoint_sentence(health: EndpointHealth) -> str:
    """One RPC node in words."""
    said = f"{health.host}: {health.state}"
    if health.problem:
        said += f", {health.problem}"
    elif health.latency is not None:
        said += f", {health.latency * 1000:.0f} ms"
    return f"{said}; asked again in {health.rests:.0f} s" if health.rests >= 1 else said


def _holding(amount: Amount, prices: Prices, now: float, *, mint: str = "", known: bool = True) -> Holding:
    asset = amount.asset
    rate = prices.rate(asset.code) if known else None
    return Holding(
        asset=asset.code,
        decimals=asset.decimals,
        units=amount.units,
        mint=mint,
        known=known,
        worth=f"{rate.worth(amount):,.2f} {rate.currency}" if rate else "",
        worth_at=rate.at if rate else None,
        worth_stale=rate.stale(now) if rate else False,
    )
