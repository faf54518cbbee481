"""The snapshot: what others see of the node, true at one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from until import until
from watched_node import WatchedNode, watched_node

from node.control.wire import Counts, EngineView, JobState, JobView, QueueView, Snapshot, Transfer
from node.ledger.errors import LedgerUnavailable
from node.networks.base import Standing


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[WatchedNode]:
    async with watched_node(tmp_path) as node:
        yield node


async def seen(node: WatchedNode) -> Snapshot:
    await node.observer.refresh()
    return node.watch.snapshot()


async def test_an_idle_node_shows_its_engine_and_its_networks(node: WatchedNode) -> None:
    snapshot = await seen(node)
    assert snapshot.engines == (EngineView("scripted", "ready", device="CPU", models=("m",), slots=2),)
    assert snapshot.queues == (QueueView("local", depth=3, connected=True, detail="listening"),)
    assert (snapshot.slots, snapshot.busy, snapshot.jobs, snapshot.recent) == (2, 0, (), ())
    assert snapshot.node.endpoint == "http://127.0.0.1:1/v1"
    assert snapshot.hardware is not None


async def test_each_snapshot_has_its_own_number(node: WatchedNode) -> None:
    assert (await seen(node)).tick < (await seen(node)).tick


async def test_running_jobs_come_before_waiting_ones(node: WatchedNode) -> None:
    runs = [await node.submit(f"j{number}", max_tokens=50) for number in range(4)]
    await until(lambda: node.engine.computing == 2)
    snapshot = await seen(node)
    assert [(job.number, job.state) for job in snapshot.jobs] == [
        (1, JobState.RUNNING), (2, JobState.RUNNING), (3, JobState.WAITING), (4, JobState.WAITING),
    ]  # fmt: skip
    assert (snapshot.busy, snapshot.queues[0].running, snapshot.queues[0].waiting) == (2, 2, 2)
    for run in runs:
        run.cancel("enough")


async def test_a_running_job_is_shown_as_of_now(node: WatchedNode) -> None:
    node.clock.now += 1
    run = await node.submit(max_tokens=50)
    await until(lambda: run.course.deltas == 1)
    node.clock.now += 4
    (job,) = (await seen(node)).jobs
    assert (job.network, job.model, job.client, job.max_tokens) == ("local", "m", "ann", 50)
    assert (job.queued, job.first_token, job.compute) == (0.0, 0.0, 4.0)
    assert (job.tokens, job.tokens_per_second, job.prompt_tokens) == (1, 0.25, None)
    assert job.accepted_at == job.started_at == node.clock.now - 4
    run.cancel("enough")


async def test_an_ended_job_is_among_the_recent_with_the_engines_own_counts(node: WatchedNode) -> None:
    node.meter = 1000
    run = await node.submit()
    await until(lambda: run.course.deltas == 1)
    node.clock.now += 2
    node.meter = 4500
    await node.finish(run)
    snapshot = await seen(node)
    assert snapshot.jobs == ()
    (job,) = snapshot.recent
    assert (job.state, job.prompt_tokens, job.tokens, job.joules) == (JobState.DONE, 3, 2, 3.5)
    assert (job.compute, job.ended_at, job.entry) == (2.0, node.clock.now, 2)
    assert snapshot.today.counts == Counts(done=1)
    assert (snapshot.today.prompt_tokens, snapshot.today.completion_tokens, snapshot.today.joules) == (3, 2, 3.5)


async def test_without_a_meter_no_energy_is_claimed(node: WatchedNode) -> None:
    await node.finish(await node.submit())
    snapshot = await seen(node)
    assert snapshot.recent[0].joules is None
    assert snapshot.today.joules is None


async def test_only_a_handful_of_ended_jobs_is_shown_newest_first(node: WatchedNode) -> None:
    for number in range(15):
        await node.finish(await node.submit(f"j{number}"))
    recent: tuple[JobView, ...] = (await seen(node)).recent
    assert [job.number for job in recent] == list(range(15, 3, -1))


async def test_many_waiting_jobs_do_not_hide_the_ended_ones(node: WatchedNode) -> None:
    await node.finish(await node.submit())
    runs = [await node.submit(f"j{number}") for number in range(60)]
    await until(lambda: all(run.entry for run in runs))
    assert [job.number for job in (await seen(node)).recent] == [1]


async def test_a_network_that_cannot_be_reached_says_why(node: WatchedNode) -> None:
    node.network.standing = Standing(connected=False, detail="the port is taken")
    (queue,) = (await seen(node)).queues
    assert (queue.connected, queue.detail, queue.depth) == (False, "the port is taken", None)


async def test_transfers_are_shown(node: WatchedNode) -> None:
    node.moving = (Transfer("nemo", 1, 2),)
    assert (await seen(node)).transfers == node.moving


async def test_the_history_has_one_value_a_second(node: WatchedNode) -> None:
    run = await node.submit()
    await until(lambda: node.engine.computing == 1)
    for _ in range(3):
        node.observer.beat()
        node.clock.now += 1
    history = node.observer.history()
    assert history.busy_slots == (1.0, 1.0, 1.0)
    assert (history.temperature_c, history.power_w, history.cpu_pct) == ((50.0, None), (100.0, 110.0), (5.0, 6.0))
    assert (await seen(node)).busy_pct == 50.0
    run.cancel("enough")


async def test_the_books_are_read_only_when_something_was_written(node: WatchedNode) -> None:
    await seen(node)
    node.books.unreadable = True
    await seen(node)
    node.books.unreadable = False


async def test_a_reading_of_the_books_that_failed_is_tried_again(node: WatchedNode) -> None:
    await node.finish(await node.submit())
    node.books.unreadable = True
    with pytest.raises(LedgerUnavailable):
        await node.observer.refresh()
    node.books.unreadable = False
    assert len((await seen(node)).recent) == 1
