"""The earnings screen: three columns beside each other, what is behind each figure, and what leaves it as CSV."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_earnings import BY_DAY, SHEET, earning_node
from fake_node import IDLE, NOW, FakeNode
from screens import LARGE, SMALL, press, shown, until, written
from textual.pilot import Pilot
from textual.widgets import Input

from node.control.client import Refused
from node.control.wire import LedgerEvent, Posting, RewardView
from tui.screens.earnings.reward_list import PAGE
from tui.screens.earnings.screen import Earnings
from tui.widgets.roll import Roll

TODAY = 1_795_305_600  # midnight, UTC


def table(pilot: Pilot[int]) -> list[str]:
    return pilot.app.screen.query_one(Roll).text.splitlines()


def notes(pilot: Pilot[int]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


async def test_a_day_shows_each_asset_in_three_columns_with_energy_cost_and_net() -> None:
    async with shown(earning_node(), "3", size=LARGE) as pilot:
        today, yesterday, coins = table(pilot)[:3]
        for words in ("2026-11-22", "630.00", "420.00", "0.00", "kudos", "2.14 kWh", "-0.45", "-0.16"):
            assert words in today
        assert "kudos" in yesterday
        assert coins.split() == ["0.00", "3.72", "0.00", "AIPG"]
        assert "net -1.56 EUR" in written(pilot)
        assert "kudos have no price" in written(pilot)


async def test_days_stand_with_the_newest_first_and_all_together_last() -> None:
    async with shown(earning_node(), "3") as pilot:
        dates = [line[1:11] for line in table(pilot) if line[1:2] == "2"]
        assert dates == sorted((row.key for row in BY_DAY.rows), reverse=True)
        assert table(pilot)[-2].startswith(" together")


async def test_b_goes_through_the_groupings() -> None:
    node = earning_node()
    async with shown(node, "3") as pilot:
        for group, first in (("network", "aipg"), ("model", "Mistral-N"), ("day", "2026-11-22")):
            assert f"b by {group}" in written(pilot)
            await press(pilot, "b")
            assert f"by {group}" in written(pilot).splitlines()[2]
            assert table(pilot)[0].startswith(f" {first}")


async def test_brackets_change_how_far_back_it_looks() -> None:
    node = earning_node()
    async with shown(node, "3", "left_square_bracket") as pilot:
        assert "7 days" in written(pilot).splitlines()[2]
        await press(pilot, *["right_square_bracket"] * 3)
        assert "all time" in written(pilot).splitlines()[2]
    month, week, year = (TODAY - days * 86_400 for days in (29, 6, 364))
    assert [span["since"] for _, span in node.summed] == [month, week, month, month, year, month, None, month]


async def test_differences_are_dated_and_estimates_are_marked() -> None:
    async with shown(earning_node(), "3", size=LARGE) as pilot:
        text = written(pilot)
        for words in ("▲ horde kudos", "2,148.00 not credited", "12 jobs not in its books", "since 10:37:47"):
            assert words in text
        for words in ("~1,071.20 held back, our estimate", "8.68 not paid   last paid 2026-11-19", "✔ usepod USDC"):
            assert words in text
        assert "▲ 2 differ" in text


async def test_i_explains_every_difference() -> None:
    async with shown(earning_node(), "3", "i", size=SMALL) as pilot:
        text = pilot.app.screen.query_one(Roll).text
        assert "Until the account is trusted" in text
        assert "Payments go out by hand" in text
        await press(pilot, "escape")
        assert not pilot.app.screen.is_modal


async def test_enter_on_a_figure_shows_its_rewards_with_claim_credit_and_payment() -> None:
    async with shown(earning_node(), "3", "b", "j", "enter", size=LARGE) as pilot:
        assert "Rewards  2   of horde · kudos" in written(pilot)
        newest, older = table(pilot)
        assert newest.split()[:6] == ["#4810", "horde", "Mistral-Nemo-12B", "3.41", "12:41:06", "–"]
        assert "12.40" in older
        await press(pilot, "j", "enter")
        text = written(pilot)
        for words in (
            "job #4801",
            "12.40 kudos",
            "12:26:07   ledger #1029",
            "12:27:07   ledger #1034",
            "account balance",
        ):
            assert words in text
        await press(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, Earnings)


async def test_the_rewards_of_a_day_are_looked_for_behind_newer_ones() -> None:
    node = earning_node()
    newer = [
        RewardView(5000 - at, "horde", "Mistral-Nemo-12B", "kudos", 2, 9000 - at, Posting(NOW - at, 5000 - at, 10))
        for at in range(2 * PAGE)
    ]
    yesterday = RewardView(900, "horde", "Mistral-Nemo-12B", "kudos", 2, 4000, Posting(NOW - 86_400, 900, 77))
    node.rewarded = [*newer, yesterday]
    async with shown(node, "3", "j", "enter") as pilot:
        assert "Rewards  1   of 2026-11-21 · kudos" in written(pilot)
        assert [line.split()[0] for line in table(pilot)] == ["#4000"]


async def test_older_rewards_come_on_demand() -> None:
    node = earning_node()
    node.rewarded = [
        RewardView(5000 - at, "horde", "Mistral-Nemo-12B", "kudos", 2, 9000 - at, Posting(NOW - at, 5000 - at, 10))
        for at in range(PAGE + 3)
    ]
    async with shown(node, "3", "b", "j", "enter") as pilot:
        assert "looked back to" in written(pilot)
        assert len(table(pilot)) == PAGE
        await press(pilot, "o")
        assert len(table(pilot)) == PAGE + 3
        await press(pilot, "o")
        await until(pilot, lambda: "there is no older one" in notes(pilot))


async def test_the_reference_of_a_reward_can_be_copied() -> None:
    async with shown(earning_node(), "3", "b", "j", "enter", "j", "y") as pilot:
        assert pilot.app.clipboard == "account balance of 2026-11-22T12:27"


async def test_c_copies_a_sheet() -> None:
    node = earning_node()
    async with shown(node, "3", "c") as pilot:
        await press(pilot, "k")
        await until(pilot, lambda: pilot.app.clipboard == SHEET)
        assert node.exported == [("/earnings.csv", {"form": "koinly", "since": TODAY - 29 * 86_400})]
        assert "Copied 2 lines" in notes(pilot)


async def test_a_sheet_that_is_too_long_for_terminals_is_not_copied() -> None:
    node = earning_node()
    node.sheet = SHEET * 2000
    async with shown(node, "3", "c", "g") as pilot:
        await until(pilot, lambda: "write a file with w" in notes(pilot))
        assert pilot.app.clipboard == ""


async def test_w_writes_a_new_file_that_only_its_owner_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with shown(earning_node(), "3", "w", "down", "enter", "enter") as pilot:
        await until(pilot, lambda: "Written to" in notes(pilot))
        file = tmp_path / "stoker-koinly-2026-11-22.csv"
        assert file.read_text() == SHEET
        assert file.stat().st_mode & 0o777 == 0o600


async def test_no_file_is_written_over(tmp_path: Path) -> None:
    there = tmp_path / "sheet.csv"
    there.write_text("mine")
    async with shown(earning_node(), "3", "w", "enter") as pilot:
        pilot.app.screen.query_one(Input).value = str(there)
        await press(pilot, "enter")
        await until(pilot, lambda: "is there already" in written(pilot))
    assert there.read_text() == "mine"


async def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with shown(earning_node(), "3", "w", "enter", size=LARGE) as pilot:
        pilot.app.screen.query_one(Input).value = str(tmp_path / "none" / "sheet.csv")
        await press(pilot, "enter")
        await until(pilot, lambda: "✖" in written(pilot) and "No such file" in written(pilot))


async def test_an_empty_screen_teaches() -> None:
    async with shown(FakeNode(IDLE), "3") as pilot:
        assert "Nothing was done in this time" in written(pilot)
        assert "stoker try" in written(pilot)


async def test_books_that_cannot_be_read_say_why() -> None:
    node = earning_node()
    node.earnings = _refused  # type: ignore[method-assign, assignment]
    async with shown(node, "3") as pilot:
        assert "the ledger is being mended" in written(pilot)


def _refused(*_: object, **__: object) -> object:
    raise Refused(503, "busy", "the ledger is being mended", "wait a minute")


async def test_a_new_entry_in_the_books_is_looked_at() -> None:
    node = earning_node()
    async with shown(node, "3") as pilot:
        looks = len(node.summed)
        node.play(LedgerEvent(2000, NOW, "settlement", "ab" * 32, "credited"))
        await until(pilot, lambda: len(node.summed) > looks)
