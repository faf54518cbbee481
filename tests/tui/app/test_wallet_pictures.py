"""The wallet screen as it stands, at the sizes that are promised. Look at the report before accepting a new picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import pytest
from fake_node import MAIN, MARK, NOW, PAYOUTS, WORKING, FakeNode
from screens import LARGE, MIDDLE, Size, press, settled, until, written
from textual.app import App
from textual.pilot import Pilot

from node.control.wire import BalanceView, MovementPage, WalletView
from tui.app import StokerApp

KEPT = replace(WORKING, wallet=MARK)
PROBLEM = BalanceView(
    "main",
    MAIN.address,
    "mainnet-beta",
    problem="no RPC node answers: api.mainnet-beta.solana.com timed out",
    remedy="wait, or set another one as wallet.rpc_urls",
    endpoints=("api.mainnet-beta.solana.com: resting, timed out; asked again in 30 s",),
)


class Compare(Protocol):
    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


WALLETS = (MAIN, PAYOUTS)
SCREENS: dict[str, tuple[Sequence[WalletView], tuple[str, ...], str]] = {
    "empty": ((), (), "stoker keys new"),
    "watch-only": ((replace(PAYOUTS, active=True),), (), "Nothing came"),
    "full": (WALLETS, (), "+41.30"),
    "history": (WALLETS, ("tab", "j"), "+41.30"),
    "movement": (WALLETS, ("tab", "enter"), "copies the signature"),
    "receive": (WALLETS, ("r",), MAIN.address),
    "watch": (WALLETS, ("w", "enter"), "✖"),
    "unlock": (WALLETS, ("U", "a", "b", "c"), "•••"),
}
BOTH = pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["80x24", "120x40"])


@BOTH
@pytest.mark.parametrize("name", SCREENS)
def test_the_wallet_looks_as_it_did(name: str, size: Size, snap_compare: Compare) -> None:
    wallets, keys, mark = SCREENS[name]
    node = FakeNode(KEPT if MAIN in wallets else WORKING, wallets=wallets)

    async def go_there(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, "5")
        await until(pilot, lambda: not wallets or "USDC" in written(pilot))
        await press(pilot, *keys)
        await until(pilot, lambda: mark in written(pilot))

    assert snap_compare(StokerApp(node), terminal_size=size, run_before=go_there)


@BOTH
def test_trouble_with_the_chain_dims_what_was_known(size: Size, snap_compare: Compare) -> None:
    node = FakeNode(KEPT, wallets=WALLETS)

    async def go_there(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, "5")
        await until(pilot, lambda: "+41.30" in written(pilot))
        node.held["main"] = PROBLEM
        node.moved[""] = MovementPage("main", problem="no RPC node answers")
        node.play(replace(KEPT, at=NOW + 600))
        await press(pilot, "f5")
        await until(pilot, lambda: "History  5   o older   ▲" in written(pilot) and "10 min ago" in written(pilot))

    assert snap_compare(StokerApp(node), terminal_size=size, run_before=go_there)
