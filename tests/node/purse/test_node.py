"""A whole node with a wallet: locked it works, unlocked it never stalls, and it writes no passphrase down."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from running_node import ROOT, RunningNode, prepare, running_node
from served_chain import served_chain
from wallet_samples import ABOUT_ADDRESS, CHEAP, about

from node.control.client import OfflineClient, Refused
from node.control.wire import StateWord, WalletMark
from node.purse.purse import Purse
from wallet.home import WALLETS
from wallet.keystore.money import MoneyKeys
from wallet.secret import Secret
from wallet.vault import MODERATE, Cost
from wallet.wallets import Wallets

PASSPHRASE = "correct horse canary staple"


def keep_wallet(data: Path, cost: Cost = CHEAP) -> None:
    Wallets(data / WALLETS, MoneyKeys(data / WALLETS, cost=cost)).add("mine", about(), passphrase=Secret(PASSPHRASE))


def marked(node: RunningNode, *, locked: bool) -> WalletMark:
    found = node.until(lambda state: state.wallet is not None and state.wallet.locked is locked).wallet
    assert found is not None
    return found


def test_a_locked_node_works_and_an_unlocked_one_says_so(tmp_path: Path) -> None:
    data = tmp_path / "node"
    prepare(data)
    keep_wallet(data)
    with running_node(data) as node:
        node.ready()
        assert marked(node, locked=True) == WalletMark("mine", ABOUT_ADDRESS, locked=True, backed_up=False)
        state = node.control.state().state
        assert state.word is StateWord.WAITING
        assert "wallet mine is not backed up: stoker keys verify-backup mine" in state.notes
        assert node.complete(tokens=4)["usage"]["completion_tokens"] == 4

        with pytest.raises(Refused, match="does not open this vault") as refused:
            node.control.command("unlock_wallet", name="mine", passphrase="wrong canary")
        assert refused.value.code == "wrong_passphrase"
        assert node.control.command("unlock_wallet", name="mine", passphrase=PASSPHRASE)["locked"] is False
        marked(node, locked=False)
        node.control.command("lock_wallet", name="")
        marked(node, locked=True)
        node.control.command("unlock_wallet", name="mine", passphrase=PASSPHRASE)

        told = [entry.summary for entry in node.control.entries(limit=1000) if entry.kind == "owner_command"]
        assert len(told) == 3
        assert [line.message for line in node.control.logs() if line.source == "node.purse.purse"] == [
            "wallet mine is unlocked",
            "wallet mine is unlocked",
        ]
        node.process.kill()
        node.ended()
    with running_node(data) as again:
        marked(again, locked=True)
    for path in (path for path in data.rglob("*") if path.is_file()):
        assert b"canary" not in path.read_bytes(), path


async def test_unlocking_takes_its_time_and_the_event_loop_none(tmp_path: Path) -> None:
    """With the vault that a person gets."""
    keep_wallet(tmp_path, MODERATE)
    purse = Purse(tmp_path, None)
    lags: list[float] = []

    async def pulse() -> None:
        while True:
            due = time.monotonic() + 0.005
            await asyncio.sleep(0.005)
            lags.append(time.monotonic() - due)

    beating = asyncio.create_task(pulse())
    began = time.monotonic()
    await purse.unlock("mine", Secret(PASSPHRASE))
    took = time.monotonic() - began
    beating.cancel()
    assert 0.1 < took < 5.0  # 0.3 to 1 s on a machine that does nothing else
    assert sorted(lags)[int(len(lags) * 0.99) - 1] < 0.05


def test_money_is_seen_over_the_control_api(tmp_path: Path) -> None:
    with served_chain() as chain:
        chain.mint.give_usdc(ABOUT_ADDRESS, 5_000_000, "for work")
        prepare(tmp_path / "node", model=False, wallet=chain.settings())
        with running_node(tmp_path / "node") as node:
            made = node.control.command("watch_wallet", name="payouts", address=ABOUT_ADDRESS)
            assert (made["store"], made["active"]) == ("watch-only", True)
            assert [view.name for view in node.control.wallets()] == ["payouts"]
            balance = node.control.balance("payouts")
            assert [(one.asset, one.units) for one in balance.holdings] == [("SOL", 0), ("USDC", 5_000_000)]
            assert [one.memo for one in node.control.movements("payouts").movements] == ["for work"]
            assert [one.address for one in node.control.balances([ABOUT_ADDRESS])] == [ABOUT_ADDRESS]
            with pytest.raises(Refused, match="'nobody' does not exist"):
                node.control.balance("nobody")
            with pytest.raises(Refused, match="it is here already, as 'payouts'"):
                node.control.command("watch_wallet", name="again", address=ABOUT_ADDRESS)
            with pytest.raises(Refused, match="10 at most"):
                node.control.balances([ABOUT_ADDRESS] * 11)


def test_without_a_node_addresses_are_watched_and_asked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with served_chain() as chain:
        chain.mint.give_sol(ABOUT_ADDRESS, 1_000_000_000)
        prepare(tmp_path / "node", model=False, wallet=chain.settings())
        offline = OfflineClient(tmp_path / "node")
        assert offline.command("watch_wallet", name="payouts", address=ABOUT_ADDRESS)["active"] is True
        assert [one.units for one in offline.balance("payouts").holdings] == [1_000_000_000]
        with pytest.raises(Refused, match="there is no command 'unlock_wallet'"):
            offline.command("unlock_wallet", name="payouts", passphrase="x")
