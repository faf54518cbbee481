"""The state line is kept true, changes are written down, and trouble with the books clears by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from until import until
from watched_node import WatchedNode, watched_node

from node.control.wire import StateWord, Transfer
from node.guard import Policy
from node.ledger import queries
from node.networks.base import Closed
from node.weekly import parse_windows


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[WatchedNode]:
    async with watched_node(tmp_path) as node:
        await node.tick()
        yield node


async def written(node: WatchedNode) -> list[str]:
    entries = await node.books.query(queries.entries, 0, 100, kind="state_changed")
    return [str(entry.body["word"]) for entry in entries]


async def refused(node: WatchedNode) -> str:
    with pytest.raises(Closed) as refusal:
        await node.submit()
    return refusal.value.reason


async def test_a_ready_node_waits_and_takes_work(node: WatchedNode) -> None:
    assert node.watch.line.word is StateWord.WAITING
    run = await node.submit()
    assert node.watch.line.word is StateWord.WORKING
    assert node.watch.line.reason == "1 job running"
    await node.finish(run)


async def test_the_line_says_since_when(node: WatchedNode) -> None:
    since = node.watch.line.since_at
    await node.tick(100)
    assert node.watch.line.since_at == since
    node.pause("playing")
    await node.tick(1)
    assert node.watch.line.since_at == node.clock.now


async def test_a_pause_refuses_new_work_at_once_with_its_reason(node: WatchedNode) -> None:
    node.pause("playing")
    assert await refused(node) == "paused by you: playing"
    assert (node.watch.line.word, node.watch.line.remedy) == (StateWord.RESTING, "stoker resume")


async def test_the_line_tells_a_pause_of_the_owners_from_other_rest(node: WatchedNode) -> None:
    assert (node.watch.line.paused, node.watch.line.action) == (False, "run")
    node.pause("playing")
    assert (node.watch.line.paused, node.watch.line.action) == (True, "hold")


async def test_a_pause_lets_running_jobs_finish(node: WatchedNode) -> None:
    run = await node.submit()
    node.pause("playing")
    await node.finish(run)
    assert run.state == "done"


async def test_resuming_takes_work_at_once(node: WatchedNode) -> None:
    node.pause("playing")
    node.resume()
    await node.finish(await node.submit())
    node.resume()


@pytest.mark.parametrize("reason", ["playing", "日本語", "lone \ud800 surrogate", "two\nlines"])
async def test_a_pause_survives_a_restart(node: WatchedNode, reason: str) -> None:
    node.pause(reason)
    node.watch = node.new_watch()
    assert node.watch.line.word is StateWord.RESTING
    assert node.watch.line.reason.startswith(f"paused by you: {reason[:4]}")


async def test_a_resumed_node_stays_so_after_a_restart(node: WatchedNode) -> None:
    node.pause("playing")
    node.resume()
    assert node.new_watch().line.word is StateWord.WAITING


async def test_an_empty_pause_file_is_a_pause(node: WatchedNode) -> None:
    node.pause_file.touch()
    line = node.new_watch().line
    assert (line.word, line.reason) == (StateWord.RESTING, "paused by you: until you resume")


async def test_a_pause_that_cannot_be_kept_is_refused(node: WatchedNode) -> None:
    node.pause_file.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        node.pause("playing")
    assert node.watch.line.word is StateWord.WAITING


async def test_everyday_changes_are_not_worth_an_entry_in_the_books(node: WatchedNode) -> None:
    run = await node.submit()
    await node.tick()
    await node.finish(run)
    await node.tick(5)
    assert await written(node) == []


async def test_a_rest_and_its_end_are_written_down(node: WatchedNode) -> None:
    node.pause("playing")
    await node.tick(5)
    await node.tick(5)
    node.resume()
    await node.tick(5)
    assert await written(node) == ["RESTING", "WAITING"]


async def test_a_download_is_told_with_its_share(node: WatchedNode) -> None:
    await node.engine.unload("m")
    await node.dispatcher.refresh()
    node.missing = "nemo"
    assert node.watch.line.reason == "model nemo is not on this machine yet"
    node.moving = (Transfer("nemo", 49_000_000, 98_000_000),)
    assert node.watch.line.reason == "fetching nemo, 50 % of 98 MB"
    node.moving = (Transfer("nemo", 49_000_000, None),)
    assert node.watch.line.reason == "fetching nemo, 49 MB"
    node.moving, node.loading = (), "nemo"
    assert node.watch.line.reason == "loading nemo"


async def test_an_idle_card_beside_a_computing_processor_is_noted(node: WatchedNode) -> None:
    assert node.watch.line.notes == ()
    (note,) = node.new_watch(("RTX 4090",)).line.notes
    assert note.startswith("RTX 4090 is idle, the engine runs on the CPU: stoker engine add")


async def test_listeners_are_told_on_every_tick(node: WatchedNode) -> None:
    node.hub.listen()
    await node.tick()
    first = node.heard()[0]
    node.pause("playing")
    await node.tick()
    second = node.heard()[0]
    assert (first["state"]["word"], second["state"]["word"]) == ("WAITING", "RESTING")
    assert second["tick"] > first["tick"]


async def trouble(node: WatchedNode) -> None:
    """A job meets the full disk."""
    node.books.full = True
    run = await node.submit()
    with pytest.raises(Exception, match="no space is left"):
        async for _ in run:
            pass
    await node.tick()


async def test_a_full_disk_blocks_with_its_reason(node: WatchedNode) -> None:
    await trouble(node)
    assert node.watch.line.word is StateWord.BLOCKED
    assert "no space is left for the ledger" in node.watch.line.reason
    assert "no space is left" in await refused(node)


async def test_the_block_stays_while_the_disk_is_full(node: WatchedNode) -> None:
    await trouble(node)
    for _ in range(20):
        await node.tick()
    assert node.watch.line.word is StateWord.BLOCKED


async def test_the_block_ends_by_itself_when_the_books_take_entries_again(node: WatchedNode) -> None:
    await trouble(node)
    node.books.full = False
    await node.tick(5)
    await node.finish(await node.submit())
    await node.tick(5)
    await node.tick(5)
    assert node.watch.line.word is StateWord.WAITING
    assert await written(node) == ["BLOCKED", "WAITING"]


async def test_the_end_of_a_job_that_met_the_full_disk_is_written_down_later(node: WatchedNode) -> None:
    run = await node.submit()
    await until(lambda: run.entry is not None)
    node.books.full = True
    await node.finish(run)
    await node.tick()
    assert (await node.books.query(queries.job, 1)).state is None
    node.books.full = False
    await node.tick(5)
    assert (await node.books.query(queries.job, 1)).state == "done"


async def test_trouble_that_comes_while_the_engine_is_down_ends_by_itself_too(node: WatchedNode) -> None:
    await node.engine.unload("m")
    await node.dispatcher.refresh()
    await node.tick(5)
    assert node.watch.line.reason == "it is down for the test"
    node.books.full, node.dispatcher.bookings.trouble = True, "no space is left"
    await node.tick(5)
    node.engine.capacity = 2
    await node.dispatcher.refresh()
    await node.tick(5)
    assert node.watch.line.reason == "no space is left"
    node.books.full = False
    await node.tick(5)
    await node.tick(5)
    assert node.watch.line.word is StateWord.WAITING


async def test_heat_is_in_the_books_once_for_each_change_and_not_for_each_degree(node: WatchedNode) -> None:
    for reading in (60, 79, 84, 85, 84, 86, 83):
        node.reads(temperature_c=reading)
        await node.tick(5)
    assert await refused(node) == "the GPU is at 83 °C, its ceiling is 83 °C"
    for reading in (80, 76, 74, 70):
        node.reads(temperature_c=reading)
        await node.tick(30)
    await node.finish(await node.submit())
    assert await written(node) == ["COOLING", "WAITING"]


async def test_running_anyway_is_noted_with_what_it_sets_aside_and_survives_a_restart(node: WatchedNode) -> None:
    node.policy = Policy(hours=parse_windows("Mon 00:00-00:01"))
    node.watch = node.new_watch()
    assert node.watch.line.word is StateWord.RESTING
    node.run_anyway()
    node.watch = node.new_watch()
    (note,) = node.watch.line.notes
    assert node.watch.line.word is StateWord.WAITING
    assert note.startswith("you told it to run anyway against: outside the hours that you set")
    node.resume()
    assert node.watch.line.word is StateWord.RESTING


async def test_running_anyway_for_a_time_ends_by_itself(node: WatchedNode) -> None:
    node.policy = Policy(hours=parse_windows("Mon 00:00-00:01"))
    node.watch = node.new_watch()
    node.run_anyway(3600)
    await node.tick(3599)
    assert node.watch.line.word is StateWord.WAITING
    await node.tick(1)
    assert node.watch.line.word is StateWord.RESTING


async def test_a_pause_takes_running_anyway_back(node: WatchedNode) -> None:
    node.run_anyway()
    node.pause("playing")
    assert not node.wishes.override
    node.run_anyway()
    assert node.watch.line.word is StateWord.WAITING
