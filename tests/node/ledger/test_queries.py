"""Questions to the books."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from books import NOON, accepted, finished, opened, write
from hand_clock import HandClock
from hypothesis import given, settings
from hypothesis import strategies as st

from node.jobs import JobState
from node.ledger import queries, sums
from node.ledger.records import NodeStarted, Settlement
from node.ledger.store import Ledger
from node.ledger.sums import Earned, Takings, Totals
from wallet.money import Amount, Asset

KUDOS = Asset("kudos", 2)
USDC = Asset("USDC", 6)
HOUR = 3600.0
END = 2**62


def at(second: float) -> int:
    return int(second * 1_000_000_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def some_jobs(ledger: Ledger) -> None:
    """1 done, 2 failed (aipg), 3 in hand, 4 cancelled with a telling reason."""
    await write(
        ledger,
        [
            NodeStarted("0.1", "x"),
            accepted(1),
            accepted(2, network="aipg", model="llama"),
            finished(1, reward=Amount(341, KUDOS)),
            accepted(3, client="bob_100%"),
            finished(2, network="aipg", model="llama", state=JobState.FAILED, reason="the engine died"),
            accepted(4),
            finished(4, state=JobState.CANCELLED, reason="client gone", energy_mj=None),
            Settlement("horde", "kudos", 2, 300, "credited", 1, "tx1"),
        ],
    )


async def numbers(ledger: Ledger, **wanted: object) -> list[int]:
    return [row.number for row in await ledger.query(lambda connection: queries.jobs(connection, **wanted))]  # type: ignore[arg-type]


async def test_an_empty_ledger_answers(path: Path) -> None:
    async with opened(path) as ledger:
        assert await ledger.query(queries.last_number) == 0
        assert await ledger.query(queries.entries) == []
        assert await ledger.query(queries.jobs) == []
        assert await ledger.query(queries.job, 1) is None
        assert await ledger.query(queries.job_life, 1) == []
        assert await ledger.query(sums.totals, 0, END) == Totals()
        assert await ledger.query(sums.earnings, "day", 0, END) == []
        assert await ledger.query(sums.earnings, "asset", 0, END) == []


async def test_jobs_come_newest_first_and_by_page(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        assert await ledger.query(queries.last_number) == 4
        assert await numbers(ledger) == [4, 3, 2, 1]
        assert await numbers(ledger, limit=2) == [4, 3]
        assert await numbers(ledger, limit=2, before_number=3) == [2, 1]


async def test_jobs_are_filtered_by_state_network_and_model(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        assert await numbers(ledger, state=JobState.DONE) == [1]
        assert await numbers(ledger, state=JobState.RUNNING) == [3]
        assert await numbers(ledger, network="aipg") == [2]
        assert await numbers(ledger, model="nemo", state=JobState.CANCELLED) == [4]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("job-2", [2]),
        ("ENGINE", [2]),
        ("bob", [3]),
        ("100%", [3]),
        ("_", [3]),
        ("%", [3]),
        ("!", []),
        ("'; DROP TABLE jobs", []),
    ],
)
async def test_jobs_are_found_by_what_they_contain_letter_for_letter(path: Path, text: str, found: list[int]) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        assert await numbers(ledger, text=text) == found


async def test_a_job_shows_what_its_end_told(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        done, running = await ledger.query(queries.job, 1), await ledger.query(queries.job, 3)
    assert done is not None
    assert running is not None
    assert (done.state, done.accepted_seq, done.ended_seq, done.reward) == (JobState.DONE, 2, 4, Amount(341, KUDOS))
    assert (done.prompt_tokens, done.completion_tokens, done.compute_us, done.energy_mj) == (30, 20, 4000, 1500)
    assert (running.state, running.ended_ns, running.compute_us, running.reward) == (None, None, None, None)


async def test_a_jobs_life_is_every_entry_about_it(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        life = await ledger.query(queries.job_life, 1)
    assert [(entry.seq, entry.kind) for entry in life] == [(2, "job_accepted"), (4, "job_finished"), (9, "settlement")]


async def test_entries_come_oldest_first_by_page_and_by_kind(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        page = await ledger.query(queries.entries, 3, 2)
        ends = await ledger.query(queries.entries, 0, 10, "job_finished")
        one = await ledger.query(queries.entry, 9)
        none = await ledger.query(queries.entry, 10)
    assert [entry.seq for entry in page] == [4, 5]
    assert [entry.seq for entry in ends] == [4, 6, 8]
    assert one is not None
    assert one.kind == "settlement"
    assert none is None


async def test_totals_count_states_tokens_time_and_measured_energy(path: Path) -> None:
    async with opened(path) as ledger:
        await some_jobs(ledger)
        totals = await ledger.query(sums.totals, 0, END)
    assert totals == Totals(
        done=1,
        failed=1,
        cancelled=1,
        prompt_tokens=90,
        completion_tokens=60,
        compute_us=12_000,
        energy_mj=3000,
        measured=2,
        takings=(Takings(KUDOS, claimed=341, credited=300, paid=0),),
        unpriced_mj=3000,
        unpriced=(Amount(300, KUDOS),),
    )
    assert totals.jobs == 3


async def test_energy_that_nobody_measured_is_not_zero(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), finished(1, energy_mj=None)])
        assert (await ledger.query(sums.totals, 0, END)).energy_mj is None


async def test_assets_and_claims_are_never_one_number(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), accepted(2), accepted(3, network="sales")])
        await write(ledger, [finished(1, reward=Amount(5, KUDOS)), finished(2, reward=Amount(7, KUDOS))])
        await write(ledger, [finished(3, network="sales", reward=Amount(10_000, USDC))])
        await write(ledger, [Settlement("horde", "kudos", 2, 11, "credited", None, "a")])
        await write(ledger, [Settlement("sales", "USDC", 6, 9_000, "paid", 3, "b")])
        by_asset = await ledger.query(sums.earnings, "asset", 0, END)
        by_model = await ledger.query(sums.earnings, "model", 0, END)
    assert [(earned.key, earned.totals.takings) for earned in by_asset] == [
        ("USDC", (Takings(USDC, claimed=10_000, paid=9_000),)),
        ("kudos", (Takings(KUDOS, claimed=12, credited=11),)),
    ]
    assert [(earned.key, earned.totals.jobs) for earned in by_model] == [("", 0), ("nemo", 3)]


async def jobs_at(ledger: Ledger, clock: HandClock, moments: list[float]) -> None:
    for number, moment in enumerate(moments, 1):
        clock.now = moment
        await write(ledger, [accepted(number), finished(number, reward=Amount(1, KUDOS))])


async def test_a_time_begins_with_its_first_moment_and_ends_before_its_last(path: Path) -> None:
    clock = HandClock(NOON)
    async with opened(path, clock) as ledger:
        await jobs_at(ledger, clock, [NOON, NOON + 1, NOON + HOUR, NOON + 5 * HOUR, NOON + 5 * HOUR + 1])
        for since, until, count in (
            (0.0, 1.0, 1),
            (0.5, 1.5, 1),
            (0.5, 2 * HOUR, 2),
            (1.0, 5 * HOUR, 2),
            (1.0, 5 * HOUR + 1, 3),
            (0.0, 9 * HOUR, 5),
            (2 * HOUR, 3 * HOUR, 0),
            (3 * HOUR, 2 * HOUR, 0),
        ):
            totals = await ledger.query(sums.totals, at(NOON + since), at(NOON + until))
            assert totals.done == count, (since, until)


async def days(path: Path, moments: list[datetime], zone: tzinfo) -> list[tuple[str, int]]:
    clock = HandClock(NOON)
    async with opened(path, clock) as ledger:
        await jobs_at(ledger, clock, [moment.timestamp() for moment in moments])
        earned: list[Earned] = await ledger.query(sums.earnings, "day", 0, END, zone)
    return [(day.key, day.totals.done) for day in earned]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9.5))])
async def test_days_part_at_the_owners_midnight_whatever_the_zone(path: Path, zone: tzinfo) -> None:
    midnight = datetime(2027, 3, 5, tzinfo=zone)
    second = timedelta(seconds=1)
    moments = [midnight - second, midnight, midnight + second, midnight + timedelta(days=1) - second]
    assert await days(path, moments, zone) == [("2027-03-04", 1), ("2027-03-05", 3)]


async def test_a_day_with_daylight_saving_has_its_own_length(path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2027, 3, 28, hour, 30, tzinfo=berlin) for hour in (0, 1, 3, 23)]
    moments.append(datetime(2027, 3, 29, 0, 0, tzinfo=berlin))
    assert await days(path, moments, berlin) == [("2027-03-28", 4), ("2027-03-29", 1)]


@settings(max_examples=15)
@given(st.lists(st.integers(0, 72 * 60), min_size=1, max_size=12), st.integers(0, 72 * 60), st.integers(0, 72 * 60))
async def test_sums_over_any_time_are_those_of_the_jobs_in_it(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[int], since: int, until: int
) -> None:
    clock = HandClock(NOON)
    moments = sorted(NOON + 60 * minute for minute in minutes)
    async with opened(tmp_path_factory.mktemp("sums") / "ledger.db", clock) as ledger:
        await jobs_at(ledger, clock, moments)
        since_ns, until_ns = at(NOON + 60 * since), at(NOON + 60 * until)
        expected = sum(since_ns <= at(moment) < until_ns for moment in moments)
        assert (await ledger.query(sums.totals, since_ns, until_ns)).done == expected
        by_day = await ledger.query(sums.earnings, "day", since_ns, until_ns, UTC)
        assert sum(day.totals.done for day in by_day) == expected
