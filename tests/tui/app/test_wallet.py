"""The wallet screen: what it says, what its keys do, and that trouble with the chain stays calm."""

from __future__ import annotations

from dataclasses import replace

from fake_node import (
    CLIENT,
    MAIN,
    MAIN_BALANCE,
    MARK,
    MOVEMENTS,
    NOW,
    OLDER_MOVEMENTS,
    PAYOUTS,
    WORKING,
    FakeNode,
)
from screens import LARGE, press, shown, until, written
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from node.control.client import Refused
from node.control.wire import BalanceView, MovementPage
from tui.widgets.roll import Roll

KEPT = replace(WORKING, wallet=MARK)
KEYRING = replace(MAIN, store="keyring", backed_up=True)
DOWN = BalanceView(
    "main",
    MAIN.address,
    "mainnet-beta",
    problem="no RPC node answers",
    remedy="wait, or set wallet.rpc_urls",
    endpoints=("rpc.example: resting, timed out",),
)


def node_with_wallets() -> FakeNode:
    return FakeNode(KEPT, wallets=(MAIN, PAYOUTS))


def history(pilot: Pilot[int]) -> Roll:
    return pilot.app.screen.query_one("#history", Roll)


def said(pilot: Pilot[int], text: str) -> bool:
    return any(text in note.message for note in pilot.app._notifications)


async def test_without_a_wallet_watching_comes_before_creating() -> None:
    async with shown(FakeNode(), "5") as pilot:
        await until(pilot, lambda: "No wallet is here yet" in written(pilot))
        screen = written(pilot)
        assert screen.index("Paste an address you own:  w") < screen.index("stoker keys new")


async def test_the_active_wallet_is_shown_with_store_lock_and_backup() -> None:
    async with shown(node_with_wallets(), "5") as pilot:
        await until(pilot, lambda: MAIN.address in written(pilot))
        screen = written(pilot)
        assert "in an encrypted file   ⚿ locked" in screen
        assert "stoker keys verify-backup main" in screen
        assert "opened by its passphrase" in screen


async def test_the_state_line_carries_the_lock_and_the_missing_backup() -> None:
    node = node_with_wallets()
    async with shown(node) as pilot:
        assert "⚿ locked  ▲ no backup" in written(pilot).splitlines()[0]
        node.play(replace(KEPT, wallet=replace(MARK, locked=False, backed_up=True)))
        await until(pilot, lambda: "⚿ unlocked" in written(pilot))
        assert "no backup" not in written(pilot)
        node.play(replace(KEPT, wallet=replace(MARK, locked=None, backed_up=None)))
        await until(pilot, lambda: "⚿" not in written(pilot))


async def test_balances_are_exact_and_only_what_has_a_price_is_added_up() -> None:
    async with shown(node_with_wallets(), "5") as pilot:
        await until(pilot, lambda: "together" in written(pilot))
        screen = written(pilot)
        assert "1.234567891" in screen
        assert "220.12 EUR  2 not priced" in screen
        assert "7xKX…gAsU" in screen
        assert "FREE" not in screen


async def test_the_history_names_direction_counterparty_memo_and_fee() -> None:
    async with shown(node_with_wallets(), "5", size=LARGE) as pilot:
        await until(pilot, lambda: len(history(pilot).rows) == len(MOVEMENTS))
        rows = history(pilot).text.splitlines()
        assert all(word in rows[0] for word in ("12:39:07", "↓ in", "+0.01", "USDC", "5hn5…fMP9", "job 4809"))
        assert all(word in rows[1] for word in ("↑ out", "-0.25", "SOL", "0.000005 SOL"))
        assert "unknown" in rows[3]
        assert "✖ failed" in rows[4]


async def test_older_pages_are_added_and_stay_when_the_newest_is_asked_again() -> None:
    async with shown(node_with_wallets(), "5") as pilot:
        await until(pilot, lambda: len(history(pilot).rows) == len(MOVEMENTS))
        await press(pilot, "o")
        both = len(MOVEMENTS) + len(OLDER_MOVEMENTS)
        await until(pilot, lambda: len(history(pilot).rows) == both)
        await press(pilot, "f5", "o")
        await until(pilot, lambda: said(pilot, "no older page"))
        assert len(history(pilot).rows) == both


async def test_a_movement_opens_with_all_that_is_known_of_it() -> None:
    async with shown(node_with_wallets(), "5") as pilot:
        await until(pilot, lambda: len(history(pilot).rows) == len(MOVEMENTS))
        await press(pilot, "tab", "enter")
        await until(pilot, lambda: CLIENT in written(pilot))
        await press(pilot, "y")
        assert pilot.app.clipboard == MOVEMENTS[0].signature


async def test_y_copies_the_address_and_in_the_history_the_signature() -> None:
    async with shown(node_with_wallets(), "5") as pilot:
        await until(pilot, lambda: len(history(pilot).rows) == len(MOVEMENTS))
        await press(pilot, "y")
        assert pilot.app.clipboard == MAIN.address
        await press(pilot, "tab", "j", "y")
        assert pilot.app.clipboard == MOVEMENTS[1].signature


async def test_moving_to_another_wallet_shows_that_one() -> None:
    async with shown(node_with_wallets(), "5", "j") as pilot:
        await until(pilot, lambda: PAYOUTS.address in written(pilot) and "7.50" in written(pilot))
        assert "not here: the address is only watched" in written(pilot)
        await press(pilot, "r", "y")
        assert pilot.app.clipboard == PAYOUTS.address


async def test_trouble_with_the_chain_keeps_what_was_known_and_says_how_old_it_is() -> None:
    node = node_with_wallets()
    async with shown(node, "5") as pilot:
        await until(pilot, lambda: "1.234567891" in written(pilot) and len(history(pilot).rows) > 0)
        node.held["main"] = DOWN
        node.moved[""] = MovementPage("main", problem="no RPC node answers")
        node.play(replace(KEPT, at=NOW + 600))
        await press(pilot, "f5")
        await until(pilot, lambda: "▲ no RPC node answers" in written(pilot))
        screen = written(pilot)
        assert "wait, or set wallet.rpc_urls" in screen
        assert "as of 10 min ago" in screen
        assert "1.234567891" in screen
        assert "together" not in screen
        assert len(history(pilot).rows) == len(MOVEMENTS)


async def test_without_a_network_the_screen_opens_and_shows_no_number() -> None:
    node = node_with_wallets()
    node.held["main"] = DOWN
    node.moved[""] = MovementPage("main", problem="no RPC node answers")
    async with shown(node, "5") as pilot:
        await until(pilot, lambda: "rpc.example: resting, timed out" in written(pilot))
        assert MAIN.address in written(pilot)
        assert "SOL " not in written(pilot)


async def test_balances_of_another_cluster_are_not_carried_over() -> None:
    node = node_with_wallets()
    async with shown(node, "5") as pilot:
        await until(pilot, lambda: "1.234567891" in written(pilot))
        node.held["main"] = replace(DOWN, cluster="devnet", problem="the RPC node is on mainnet-beta, expected devnet")
        await press(pilot, "f5")
        await until(pilot, lambda: "expected devnet" in written(pilot))
        assert "1.234567891" not in written(pilot)


async def test_old_prices_carry_their_age() -> None:
    node = node_with_wallets()
    stale = replace(MAIN_BALANCE.holdings[0], worth_stale=True, worth_at=NOW - 7200)
    node.held["main"] = replace(MAIN_BALANCE, holdings=(stale,))
    async with shown(node, "5") as pilot:
        await until(pilot, lambda: "182.10 EUR  price of 2 h ago" in written(pilot))


async def test_an_address_is_watched_from_the_keyboard() -> None:
    node = FakeNode()
    async with shown(node, "5", "w") as pilot:
        pilot.app.screen.focused.post_message(Paste(PAYOUTS.address))
        await press(pilot, "enter")
        await until(pilot, lambda: bool(node.told))
        assert node.told == [("watch_wallet", {"name": "payouts", "address": PAYOUTS.address})]


async def test_what_is_wrong_with_an_address_stands_at_its_field() -> None:
    node = FakeNode()
    node.refusal = Refused(409, "wallet", "address: 'abc'", "expected a Solana address")
    async with shown(node, "5", "w", "enter") as pilot:
        assert "✖ nothing yet: paste the address" in written(pilot)
        await press(pilot, *"abc", "enter")
        await until(pilot, lambda: "✖ address: 'abc': expected a Solana address" in written(pilot))
        await press(pilot, "d")
        assert "✖" not in written(pilot)
        node.refusal = Refused(409, "wallets", "name: 'payouts' is taken", "choose another")
        await press(pilot, "enter")
        await until(pilot, lambda: "✖ name: 'payouts' is taken" in written(pilot))
        assert isinstance(pilot.app.focused, Input)
        assert pilot.app.focused.id == "name"


async def test_u_makes_a_wallet_the_active_one() -> None:
    node = node_with_wallets()
    async with shown(node, "5", "j", "u") as pilot:
        await until(pilot, lambda: node.told == [("use_wallet", {"name": "payouts"})])
        await press(pilot, "k", "u")
        await until(pilot, lambda: said(pilot, "main is the active wallet already"))
        assert len(node.told) == 1


async def test_l_locks_what_is_unlocked_and_nothing_else() -> None:
    node = node_with_wallets()
    async with shown(node, "5", "l") as pilot:
        await until(pilot, lambda: said(pilot, "main is locked already"))
        node.named[0] = replace(MAIN, locked=False)
        node.play(replace(KEPT, wallet=replace(MARK, locked=False)))
        await until(pilot, lambda: "encrypted file   ⚿ unlocked" in written(pilot))
        await press(pilot, "l")
        await until(pilot, lambda: node.told == [("lock_wallet", {"name": "main"})])


async def test_a_key_in_the_keyring_is_unlocked_without_a_passphrase() -> None:
    node = FakeNode(wallets=(KEYRING,))
    async with shown(node, "5", "U") as pilot:
        await until(pilot, lambda: node.told == [("unlock_wallet", {"name": "main"})])
        assert not pilot.app.screen.is_modal


async def test_a_watched_address_has_nothing_to_unlock() -> None:
    node = FakeNode(wallets=(PAYOUTS,))
    async with shown(node, "5", "U") as pilot:
        await until(pilot, lambda: said(pilot, "no key of payouts is here"))
        assert node.told == []


async def test_without_a_node_the_address_can_still_be_received_at() -> None:
    node = node_with_wallets()
    async with shown(node, "5") as pilot:
        await until(pilot, lambda: MAIN.address in written(pilot))
        node.die()
        await until(pilot, lambda: bool(pilot.app.view.gone))
        await press(pilot, "w")
        await until(pilot, lambda: said(pilot, "no node answers"))
        await press(pilot, "r")
        await until(pilot, lambda: "Receive with main on Solana" in written(pilot))


async def test_what_strangers_wrote_is_not_obeyed_by_the_terminal() -> None:
    hostile = "[/b]\x1b]0;owned\x07\x1b[2J\x9b1m"
    node = node_with_wallets()
    movement = replace(MOVEMENTS[0], memo=hostile, asset=hostile, counterparty=hostile, signature=hostile)
    node.moved[""] = MovementPage("main", (movement,), problem=hostile)
    holding = replace(MAIN_BALANCE.holdings[3], asset=hostile, mint=hostile, name=hostile)
    node.held["main"] = replace(MAIN_BALANCE, holdings=(holding,), problem=hostile, endpoints=(hostile,))
    node.named[0] = replace(MAIN, store_detail=hostile, store=hostile, chain=hostile, address=hostile)
    async with shown(node, "5", size=LARGE) as pilot:
        await until(pilot, lambda: len(history(pilot).rows) == 1)
        for keys in ((), ("tab", "enter"), ("escape", "r")):
            await press(pilot, *keys)
            assert written(pilot).replace("\n", "").isprintable()
