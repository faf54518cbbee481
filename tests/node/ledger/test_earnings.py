"""What earnings are worth, what became of each claim, and single rewards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from books import NOON, accepted, finished, opened, settled, write
from hand_clock import HandClock

from node.ledger.accounts import Account, accounts, waiting
from node.ledger.rewards import Reward, reward_of, rewards
from node.ledger.store import Ledger
from node.ledger.sums import earnings, rewards_of, totals
from node.ledger.totals import Takings
from node.ledger.worth import fiat
from wallet.money import Amount, Asset

KUDOS, DEN, AIPG, USDC = Asset("kudos", 2), Asset("den", 2), Asset("AIPG", 18), Asset("USDC", 6)
EUR, USD = fiat("EUR"), fiat("USD")
END = 2**62
HOUR = 3600.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def ledger(tmp_path: Path, clock: HandClock) -> AsyncIterator[Ledger]:
    async with opened(tmp_path / "ledger.db", clock) as ledger:
        yield ledger


async def test_costs_are_kept_by_currency_and_energy_without_a_price_is_told(ledger: Ledger) -> None:
    await write(ledger, (accepted(number) for number in (1, 2, 3, 4)))
    await write(ledger, [finished(1, cost_micro=70), finished(2, cost_micro=5)])
    await write(ledger, [finished(3, cost_micro=9, currency="USD"), finished(4, energy_mj=400)])
    sums = await ledger.query(totals, 0, END)
    assert sums.costs == (Amount(75, EUR), Amount(9, USD))
    assert sums.unpriced_mj == 400


async def test_an_earning_is_worth_what_it_was_when_it_was_credited_and_counts_once(ledger: Ledger) -> None:
    worth = (15_000, "EUR")
    await write(ledger, [settled(10**18, AIPG, "credited", "aipg", reference="hour-1", worth=worth)])
    await write(ledger, [settled(10**18, AIPG, "paid", "aipg", reference="0x1", worth=(14_000, "EUR"))])
    assert (await ledger.query(totals, 0, END)).worths == (Amount(15_000, EUR),)


async def test_where_nothing_is_ever_credited_what_was_paid_is_what_was_earned(ledger: Ledger) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(9_000_000, USDC))])
    await write(ledger, [settled(8_000_000, USDC, "paid", reference="0x1", worth=(7_200_000, "EUR"))])
    assert (await ledger.query(totals, 0, END)).worths == (Amount(7_200_000, EUR),)


async def test_where_nothing_is_credited_or_paid_a_pegged_claim_has_its_pegs_worth(ledger: Ledger) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(314_200, USDC))])
    assert (await ledger.query(totals, 0, END)).worths == (Amount(314_200, USD),)


async def test_kudos_are_in_no_sum_of_money(ledger: Ledger) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(341, KUDOS), cost_micro=70)])
    await write(ledger, [settled(300, KUDOS, number=1), settled(10**18, AIPG, network="aipg", worth=(1, "EUR"))])
    sums = await ledger.query(totals, 0, END)
    assert sums.worths == (Amount(1, EUR),)
    assert sums.unpriced == (Amount(300, KUDOS),)


async def test_what_was_taken_back_is_subtracted_from_amount_and_worth(ledger: Ledger) -> None:
    await write(ledger, [settled(10**18, AIPG, network="aipg", worth=(15_000, "EUR"))])
    await write(ledger, [settled(-(10**17), AIPG, network="aipg", reference="back", worth=(-1500, "EUR"))])
    sums = await ledger.query(totals, 0, END)
    assert sums.takings == (Takings(AIPG, credited=9 * 10**17),)
    assert sums.worths == (Amount(13_500, EUR),)


async def test_hours_have_the_offset_of_their_zone(ledger: Ledger, clock: HandClock) -> None:
    await write(ledger, [accepted(1), finished(1)])
    clock.now += HOUR
    await write(ledger, [accepted(2), finished(2)])
    found = await ledger.query(earnings, "hour", 0, END, timezone(timedelta(hours=5, minutes=30)))
    assert [(row.key, row.totals.done) for row in found] == [
        ("2027-01-15T13:30+05:30", 1),
        ("2027-01-15T14:30+05:30", 1),
    ]


async def test_a_table_can_be_of_one_network(ledger: Ledger) -> None:
    await write(ledger, [accepted(1), finished(1), accepted(2, "aipg"), finished(2, "aipg")])
    (day,) = await ledger.query(earnings, "day", 0, END, network="aipg")
    assert day.totals.done == 1
    assert await ledger.query(earnings, "model", 0, END, network="nobody") == []


async def test_the_rewards_of_a_network_are_told_from_a_moment_on(ledger: Ledger, clock: HandClock) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(100, KUDOS))])
    clock.now += HOUR
    await write(ledger, [settled(50, KUDOS, number=1), settled(7, DEN, network="aipg")])
    assert await ledger.query(rewards_of, "horde") == (Takings(KUDOS, claimed=100, credited=50),)
    assert await ledger.query(rewards_of, "horde", clock.wall_ns()) == (Takings(KUDOS, credited=50),)


async def account(ledger: Ledger) -> Account:
    (found,) = await ledger.query(accounts)
    return found


async def test_claims_wait_until_the_networks_books_show_them(ledger: Ledger, clock: HandClock) -> None:
    await write(ledger, [accepted(1), accepted(2), accepted(3), accepted(4), finished(1, reward=Amount(10, KUDOS))])
    clock.now += 60
    await write(ledger, [finished(2, reward=Amount(20, KUDOS)), finished(3), finished(4, reward=Amount(0, KUDOS))])
    everything = await ledger.query(waiting, await account(ledger))
    await write(ledger, [settled(5, KUDOS, number=1)])
    left = await ledger.query(waiting, await account(ledger))
    await write(ledger, [settled(10, KUDOS, number=2)])
    nothing = await ledger.query(waiting, await account(ledger))
    assert (everything.jobs, everything.units, everything.oldest_ns) == (2, 30, int(NOON * 1e9))
    assert (left.jobs, left.units, left.oldest_ns) == (1, 20, clock.wall_ns())
    assert (nothing.jobs, nothing.units, nothing.oldest_ns) == (0, 0, None)


async def test_an_account_dates_its_columns(ledger: Ledger, clock: HandClock) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(10, KUDOS))])
    clock.now += 60
    await write(ledger, [settled(5, KUDOS, number=1), settled(0, KUDOS, reference="nothing")])
    clock.now += 60
    await write(ledger, [settled(2, KUDOS, reference="uptime")])
    found = await account(ledger)
    assert (found.claimed.amounts, found.credited.amounts, found.paid.amounts) == (1, 2, 0)
    assert (found.credited.units, found.credited.last_ns) == (7, clock.wall_ns())
    assert found.paid.last_ns is None


def told(reward: Reward) -> tuple[int | None, int | None, list[int], list[int]]:
    claimed = None if reward.claimed is None else reward.claimed.units
    return reward.number, claimed, [one.units for one in reward.credited], [one.units for one in reward.paid]


async def some_rewards(ledger: Ledger) -> None:
    await write(ledger, (accepted(number) for number in (1, 2, 3)))
    await write(ledger, [finished(1, reward=Amount(10, KUDOS)), finished(2, reward=Amount(20, KUDOS)), finished(3)])
    await write(
        ledger, [settled(5, KUDOS, number=1), settled(145, KUDOS, reference="uptime"), settled(3, KUDOS, number=3)]
    )
    await write(ledger, [settled(-1, KUDOS, number=1, reference="back"), settled(4, KUDOS, "paid", number=1)])
    await write(ledger, [settled(10**18, AIPG, "paid", "aipg")])


async def test_a_reward_is_shown_with_all_that_became_of_it_newest_first(ledger: Ledger) -> None:
    await some_rewards(ledger)
    found = await ledger.query(rewards)
    assert [told(reward) for reward in found] == [
        (None, None, [], [10**18]),
        (None, None, [145], []),
        (3, None, [3], []),  # the network credited what it had promised nobody
        (2, 20, [], []),
        (1, 10, [5, -1], [4]),
    ]


async def test_rewards_come_by_page_network_and_asset(ledger: Ledger) -> None:
    await some_rewards(ledger)
    first = await ledger.query(rewards, limit=3)
    rest = await ledger.query(rewards, before=first[-1].seq)
    assert [reward.number for reward in rest] == [2, 1]
    assert [reward.network for reward in await ledger.query(rewards, network="aipg")] == ["aipg"]
    assert {reward.asset for reward in await ledger.query(rewards, asset="kudos")} == {KUDOS}
    assert await ledger.query(rewards, network="aipg", asset="kudos") == []


async def test_rewards_come_by_the_time_in_which_their_jobs_ended_or_they_came(
    ledger: Ledger, clock: HandClock
) -> None:
    start = clock.wall_ns()
    await some_rewards(ledger)
    clock.now += HOUR
    noon = clock.wall_ns()
    await write(ledger, [accepted(4), finished(4, reward=Amount(7, KUDOS)), settled(6, KUDOS, number=1)])
    await write(ledger, [settled(9, AIPG, "paid", "aipg", received_ns=start)])
    assert [reward.number for reward in await ledger.query(rewards, since=noon)] == [4]
    earlier = await ledger.query(rewards, until=noon)
    assert [reward.number for reward in earlier] == [None, None, None, 3, 2, 1]
    assert told(earlier[-1]) == (1, 10, [5, -1, 6], [4]), "all that became of it, whenever"
    assert await ledger.query(rewards, since=start, until=noon) == earlier
    assert await ledger.query(rewards, since=noon + 1) == []


async def test_the_reward_of_one_job_is_found_by_its_number(ledger: Ledger) -> None:
    await some_rewards(ledger)
    await write(ledger, [accepted(4), finished(4), accepted(5)])
    one = await ledger.query(reward_of, 1)
    assert one is not None
    assert told(one) == (1, 10, [5, -1], [4])
    assert [await ledger.query(reward_of, number) for number in (4, 5, 99)] == [None, None, None]


async def test_a_settlement_shows_when_it_came_not_when_it_was_written_down(ledger: Ledger, clock: HandClock) -> None:
    await write(ledger, [settled(10**18, AIPG, "paid", "aipg", received_ns=int((NOON - HOUR) * 1e9))])
    (reward,) = await ledger.query(rewards)
    assert reward.paid[0].at_ns == int((NOON - HOUR) * 1e9)
