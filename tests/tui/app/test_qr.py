"""The QR code of an address, as a scanner sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_node import MAIN, PAYOUTS, WORKING, FakeNode
from hypothesis import given
from hypothesis import strategies as st
from scanner import cells_of, raster, scanned
from screens import LARGE, MIDDLE, SMALL, Size, press, settled, shown, written
from textual.app import App

from node.control.wire import WalletView
from tui.app import StokerApp
from tui.qr import QUIET_ZONE, drawn, modules

HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


@pytest.mark.parametrize(
    ("wallet", "theme"),
    [(MAIN, "stoker"), (PAYOUTS, "stoker"), (MAIN, "stoker-light"), (MAIN, "ansi-dark")],
    ids=["Solana", "Base", "light", "ansi"],
)
async def test_the_drawn_cells_are_read_by_a_scanner(wallet: WalletView, theme: str, tmp_path: Path) -> None:
    app = StokerApp(FakeNode(wallets=(replace(wallet, active=True),)), theme=theme)
    async with app.run_test(size=MIDDLE) as pilot:
        await settled(pilot)
        await press(pilot, "5", "r")
        assert scanned(raster(cells_of(pilot)), tmp_path) == wallet.address


@pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["80x24", "120x40"])
async def test_the_whole_code_and_the_whole_address_are_in_sight(size: Size) -> None:
    async with shown(FakeNode(wallets=(MAIN,)), "5", "r", size=size) as pilot:
        screen = written(pilot)
        assert MAIN.address in screen
        for line in drawn(MAIN.address):
            assert line in screen.replace("│", " ") or not line.strip()


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=60))
def test_half_blocks_draw_exactly_the_modules(text: str) -> None:
    rows = modules(text)
    halves = [[HALVES[letter][half] for letter in line] for line in drawn(text) for half in (0, 1)]
    assert [tuple(row) for row in halves[: len(rows)]] == list(rows)
    assert not any(any(row) for row in halves[len(rows) :])


def test_the_quiet_zone_is_white_on_all_sides() -> None:
    rows = modules(MAIN.address)
    columns = tuple(zip(*rows, strict=True))
    edges = (rows[:QUIET_ZONE], rows[-QUIET_ZONE:], columns[:QUIET_ZONE], columns[-QUIET_ZONE:])
    assert not any(any(line) for edge in edges for line in edge)


async def test_a_window_too_small_for_the_code_says_how_to_get_a_picture() -> None:
    async with shown(FakeNode(wallets=(MAIN,)), "5", "r", size=SMALL) as pilot:
        screen = written(pilot)
        assert "stoker wallet receive main" in screen
        assert MAIN.address in screen
        assert "█" not in screen


async def test_without_colours_no_code_is_drawn_that_may_be_inside_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app: App[int] = StokerApp(FakeNode(WORKING, wallets=(MAIN,)))
    async with app.run_test(size=MIDDLE) as pilot:
        await settled(pilot)
        await press(pilot, "5", "r")
        assert "Without colours the code cannot be drawn" in written(pilot)
        assert "█" not in written(pilot)
