"""The books in use: append, refuse, tell, recover, close."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import apsw
import pytest
from books import KEY, NOON, accepted, finished, opened, unlocked, write
from hand_clock import HandClock

from node.jobs import JobState
from node.ledger import queries, sums
from node.ledger.chain import GENESIS
from node.ledger.checkpoint import Checkpoint
from node.ledger.errors import EntryRefused, LedgerDamaged, LedgerForeign, LedgerUnavailable
from node.ledger.records import NodeStarted, NodeStopped, OwnerCommand, Settlement, StateChanged, read
from node.ledger.schema import connect_reader
from node.ledger.store import LEFT_BEHIND, Entry, Ledger
from node.ledger.verify import verify
from wallet.money import Amount, Asset


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.db"


async def test_each_entry_names_the_one_before(path: Path) -> None:
    async with opened(path) as ledger:
        first = await ledger.append(NodeStarted("0.1", KEY.fingerprint))
        second = await ledger.append(StateChanged("WAITING", "no work", ""))
    assert (first.seq, second.seq) == (1, 2)
    assert first.prev == GENESIS
    assert second.prev == first.hash


async def test_an_entry_holds_what_was_said_and_when(path: Path) -> None:
    clock = HandClock(NOON)
    command = OwnerCommand("pause", "for an hour", 1000, None)
    async with opened(path, clock) as ledger:
        clock.now += 12.5
        entry = await ledger.append(command)
        assert await ledger.query(queries.entries) == [entry]
    assert entry.at_ns == clock.wall_ns()
    assert read(entry.kind, entry.body) == command


async def test_the_file_is_for_its_owner_only(path: Path) -> None:
    async with opened(path) as ledger:
        await ledger.append(NodeStopped("x"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entries SET at_ns = 0 WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "INSERT INTO entries SELECT seq + 2, at_ns, kind, body, prev, hash FROM entries WHERE seq = 2",
        "INSERT INTO entries SELECT 3, at_ns, kind, body, prev, hash FROM entries WHERE seq = 2",
        "REPLACE INTO entries SELECT * FROM entries WHERE seq = 2",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints VALUES (1, '', x'')",
        "INSERT INTO checkpoints VALUES (9, '', x'')",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_written(path: Path, sql: str) -> None:
    async with opened(path) as ledger:
        await ledger.append(NodeStarted("0.1", "x"))
    connection = apsw.Connection(str(path))
    with pytest.raises(apsw.ConstraintError, match=r"entr|checkpoint"):
        connection.execute(sql)
    connection.close()
    assert verify(path, KEY.public_key).problem is None


async def test_a_hundred_callers_share_commits_and_each_gets_its_own_entry(path: Path) -> None:
    async with opened(path) as ledger:

        async def caller(number: int) -> list[Entry]:
            return [await ledger.append(accepted(number)), await ledger.append(finished(number))]

        lives = await asyncio.gather(*(caller(number) for number in range(1, 129)))
    for number, (begun, ended) in enumerate(lives, 1):
        assert (begun.body["number"], ended.body["number"]) == (number, number)
        assert begun.seq < ended.seq
    assert sorted(entry.seq for life in lives for entry in life) == list(range(1, 257))
    assert verify(path, KEY.public_key).problem is None


async def test_subscribers_hear_every_entry_in_order_and_only_once_it_is_safe(path: Path) -> None:
    heard: list[int] = []
    reader: apsw.Connection | None = None

    def listen(entry: Entry) -> None:
        assert reader is not None
        assert reader.execute("SELECT count(*) FROM entries WHERE seq = ?", (entry.seq,)).get == 1
        heard.append(entry.seq)

    async with opened(path) as ledger:
        reader = connect_reader(path)
        stop = ledger.subscribe(listen)
        await asyncio.gather(*(ledger.append(accepted(number)) for number in range(1, 101)))
        stop()
        await ledger.append(accepted(101))
        reader.close()
    assert heard == list(range(1, 101))


async def test_a_subscriber_that_fails_troubles_nobody_else(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[int] = []

    def fail(entry: Entry) -> None:
        raise RuntimeError("subscriber")

    async with opened(path) as ledger:
        ledger.subscribe(fail)
        ledger.subscribe(lambda entry: heard.append(entry.seq))
        entry = await ledger.append(NodeStopped("x"))
    assert heard[0] == entry.seq
    assert "a subscriber failed on entry 1" in caplog.text


async def test_a_caller_that_gives_up_does_not_take_its_record_back(path: Path) -> None:
    async with opened(path) as ledger:
        task = asyncio.create_task(ledger.append(accepted(1)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ledger.append(finished(1))


async def test_a_job_ends_once(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), finished(1)])
        with pytest.raises(EntryRefused, match="job 1 has ended already"):
            await ledger.append(finished(1, state=JobState.FAILED))
        assert len(await ledger.query(queries.entries)) == 2


async def test_of_two_ends_at_once_one_is_refused(path: Path) -> None:
    async with opened(path) as ledger:
        await ledger.append(accepted(1))
        ends = await asyncio.gather(
            *(ledger.append(finished(1, state=state)) for state in (JobState.DONE, JobState.CANCELLED)),
            return_exceptions=True,
        )
    assert isinstance(ends[0], Entry)
    assert isinstance(ends[1], EntryRefused)


async def test_a_job_that_was_never_accepted_cannot_end(path: Path) -> None:
    async with opened(path) as ledger:
        with pytest.raises(EntryRefused, match="job 7 was never accepted"):
            await ledger.append(finished(7))


async def test_a_number_is_used_once_also_in_a_later_run(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), finished(1), accepted(2)])
        with pytest.raises(EntryRefused, match="job 2 was accepted before"):
            await ledger.append(accepted(2))
    async with opened(path) as ledger:
        for number in (1, 2):
            with pytest.raises(EntryRefused, match=f"job {number} was accepted before"):
                await ledger.append(accepted(number))
        with pytest.raises(EntryRefused, match="job 1 has ended already"):
            await ledger.append(finished(1))


async def test_a_receipt_is_for_the_job_that_was_accepted(path: Path) -> None:
    async with opened(path) as ledger:
        await ledger.append(accepted(1, model="nemo"))
        with pytest.raises(EntryRefused, match="accepted as 'job-1' of horde for 'nemo', and cannot end as"):
            await ledger.append(finished(1, model="llama"))


async def test_a_settlement_refers_to_a_job_in_the_books(path: Path) -> None:
    async with opened(path) as ledger:
        with pytest.raises(EntryRefused, match="there is no job 9"):
            await ledger.append(Settlement("horde", "kudos", 2, 5, "credited", 9, "x"))


async def test_refused_records_leave_no_trace_between_accepted_ones(path: Path) -> None:
    async with opened(path) as ledger:
        outcomes = await asyncio.gather(
            ledger.append(accepted(1)),
            ledger.append(finished(2)),
            ledger.append(finished(1)),
            ledger.append(accepted(1)),
            ledger.append(NodeStopped("x")),
            return_exceptions=True,
        )
    assert [outcome.seq if isinstance(outcome, Entry) else type(outcome) for outcome in outcomes] == [
        1, EntryRefused, 2, EntryRefused, 3,
    ]  # fmt: skip
    assert verify(path, KEY.public_key).problem is None


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "=1+1", "é🔥", "x" * 100_000, '"\\\n\u2028'])
async def test_any_text_of_a_stranger_fits_the_books(path: Path, text: str) -> None:
    async with opened(path) as ledger:
        await ledger.append(accepted(1, client=text))
        await ledger.append(finished(1, reason=text))
        await ledger.query(queries.jobs, text="a")
    assert verify(path, KEY.public_key).problem is None


@pytest.mark.parametrize("units", [2**62, 10**30, -(10**30), 1, -1, 0])
async def test_amounts_are_exact_at_any_size(path: Path, units: int) -> None:
    grid = Asset("AIPG", 18)
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), accepted(2)])
        await write(ledger, [finished(number, reward=Amount(units, grid)) for number in (1, 2)])
        job = await ledger.query(queries.job, 1)
        totals = await ledger.query(sums.totals, 0, 2**62)
    assert job is not None
    assert job.reward == Amount(units, grid)
    assert totals.takings[0].claimed == 2 * units


async def test_a_number_too_big_for_the_books_is_the_callers_error_alone(path: Path) -> None:
    async with opened(path) as ledger:
        with pytest.raises(ValueError, match=r"number: .* does not fit"):
            await ledger.append(accepted(2**63))
        with pytest.raises(ValueError, match="base units do not fit"):
            await ledger.append(Settlement("horde", "kudos", 2, 2**100, "paid", None, ""))
        assert (await ledger.append(NodeStopped("x"))).seq == 1


async def test_after_a_crash_each_job_left_behind_ends_once_as_failed(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), accepted(2), accepted(3), finished(2)])
    async with opened(path) as ledger:
        await ledger.append(accepted(4))
        assert await ledger.recover() == [1, 3]
        assert await ledger.recover() == []
        rows = await ledger.query(queries.jobs)
    assert [(row.number, row.state, row.reason) for row in rows] == [
        (4, None, ""),
        (3, JobState.FAILED, LEFT_BEHIND),
        (2, JobState.DONE, ""),
        (1, JobState.FAILED, LEFT_BEHIND),
    ]


async def test_a_checkpoint_is_signed_every_so_many_entries(path: Path) -> None:
    async with opened(path, checkpoint_entries=5) as ledger:
        for number in range(1, 12):
            await ledger.append(accepted(number))
        sizes = await ledger.query(lambda connection: connection.execute("SELECT size FROM checkpoints").fetchall())
    assert sizes == [(5,), (10,)]


async def test_a_checkpoint_is_signed_every_so_often(path: Path) -> None:
    clock = HandClock(NOON)
    async with opened(path, clock, checkpoint_seconds=60.0) as ledger:
        await ledger.append(accepted(1))
        clock.now += 61.0
        await ledger.append(accepted(2))
        await ledger.append(accepted(3))
        sizes = await ledger.query(lambda connection: connection.execute("SELECT size FROM checkpoints").fetchall())
    assert sizes in ([(1,)], [(2,)])  # the writer looks at the clock after the first entry, maybe when it was moved


async def test_the_last_word_and_a_checkpoint_over_everything_end_the_books(path: Path) -> None:
    async with opened(path) as ledger:
        await ledger.append(accepted(1))
        await ledger.close("told to stop")
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]
    reader = connect_reader(path)
    last = queries.entries(reader)[-1]
    note = reader.execute("SELECT note FROM checkpoints").get
    reader.close()
    assert read(last.kind, last.body) == NodeStopped("told to stop")
    assert Checkpoint.open(str(note), KEY.public).size == 2


async def test_a_closed_ledger_says_so(path: Path) -> None:
    async with opened(path) as ledger:
        pass
    with pytest.raises(LedgerUnavailable, match="closed"):
        await ledger.append(NodeStopped("x"))
    with pytest.raises(LedgerUnavailable, match="closed"):
        await ledger.query(queries.last_number)


async def test_a_damaged_ledger_is_not_opened_and_the_entry_is_named(path: Path) -> None:
    async with opened(path) as ledger:
        await write(ledger, (accepted(number) for number in range(1, 10)))
    connection = unlocked(path)
    connection.execute("UPDATE entries SET body = replace(body, 'ann', 'bob') WHERE seq = 4")
    connection.close()
    with pytest.raises(LedgerDamaged, match=r"ledger entry 4: .*changed.*restore .* from a backup") as caught:
        Ledger.open(path, KEY, HandClock())
    assert caught.value.seq == 4


async def test_a_long_ledger_is_opened_from_a_signed_checkpoint(path: Path) -> None:
    async with opened(path, checkpoint_entries=10) as ledger:
        await write(ledger, (accepted(number) for number in range(1, 41)))
    connection = unlocked(path)
    connection.execute("UPDATE entries SET body = replace(body, 'ann', 'bob') WHERE seq = 4")
    connection.close()
    async with opened(path, recheck=20) as ledger:  # entry 4 is too old to be looked at on every start
        await ledger.append(accepted(41))
    assert verify(path, KEY.public_key).problem is not None
    with pytest.raises(LedgerDamaged, match="entry 4"):
        Ledger.open(path, KEY, HandClock())


async def test_a_false_frontier_beside_a_checkpoint_is_noticed_on_opening(path: Path) -> None:
    async with opened(path, checkpoint_entries=10) as ledger:
        await write(ledger, (accepted(number) for number in range(1, 41)))
    connection = unlocked(path)
    connection.execute("UPDATE checkpoints SET frontier = zeroblob(length(frontier))")
    connection.close()
    with pytest.raises(LedgerDamaged):
        Ledger.open(path, KEY, HandClock(), recheck=5)


async def test_another_nodes_ledger_is_not_opened(path: Path) -> None:
    async with opened(path) as ledger:
        await ledger.append(accepted(1))
    with pytest.raises(LedgerDamaged, match="no signature by"):
        Ledger.open(path, type(KEY)(b"\x09" * 32), HandClock())


@pytest.mark.parametrize("offset", [4096 + 1, 4096 * 3 + 5])
async def test_a_file_that_sqlite_finds_malformed_is_reported_in_words(path: Path, offset: int) -> None:
    async with opened(path) as ledger:
        await write(ledger, (accepted(number) for number in range(1, 200)))
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * 2000)
    with pytest.raises(LedgerDamaged, match=r"damaged|changed|missing|malformed"):
        Ledger.open(path, KEY, HandClock())


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("my diary " * 1000)
    with pytest.raises(LedgerForeign, match="not a ledger file"):
        Ledger.open(path, KEY, HandClock())
    assert path.read_text() == "my diary " * 1000


def test_a_folder_in_the_place_of_the_ledger_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(LedgerUnavailable, match=r"ledger.db"):
        Ledger.open(path, KEY, HandClock())
