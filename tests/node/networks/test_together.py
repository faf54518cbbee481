"""AI Horde and AI Power Grid on one engine, beside the owner's own use: real adapters, stand-in networks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from books import unpriced
from horde_house import House, Station, house, station
from shared_node import SLOTS as SHARED_SLOTS
from shared_node import shared_node
from timed_engine import Timed
from warped_loop import warped

from node.clock import SystemClock
from node.jobs import GenerationRequest, Job, JobState
from node.networks.aipg.network import AipgNetwork
from node.networks.credits import LedgerCredits
from node.rehearsal.aipg import Coordinator
from wallet.secret import Secret

MODEL = "gpt-oss-20b"
SLOTS, SECONDS = 4, 3.0


@contextlib.asynccontextmanager
async def both(tmp_path: Path, engine: Timed) -> AsyncIterator[tuple[Station, Coordinator, House]]:
    """A node that works for both networks."""
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.app.delay = 0.05
        grid = Coordinator(clock=SystemClock())
        key, _ = grid.books.open_account()
        async with grid.serving():
            network = AipgNetwork(
                url=grid.url,
                key=Secret(key),
                worker_name="rig",
                models={"m": MODEL},
                ledger=LedgerCredits(node.ledger, unpriced),
                state_dir=tmp_path / "aipg",
                clock=SystemClock(),
                chance=random.Random(1),
            )
            tasks = [
                asyncio.create_task(network.run(node.dispatcher.desk(network.name))),
                asyncio.create_task(node.dispatcher.run()),
            ]
            try:
                yield horde, grid, node
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


async def busy(engine: Timed) -> float:
    """The share of slot time in use over the next few seconds."""
    before, began = engine.busy, time.perf_counter()
    await asyncio.sleep(SECONDS)
    return (engine.busy - before) / (SLOTS * (time.perf_counter() - began))


async def test_a_near_and_a_far_network_with_deep_queues_share_the_engine_and_lose_no_job(tmp_path: Path) -> None:
    engine = Timed(SLOTS, 0.2)
    async with both(tmp_path, engine) as (horde, grid, node):
        horde.ask(500)
        asks = [grid.ask(MODEL) for _ in range(500)]
        await node.until(lambda: sum(ask.outcome.done() for ask in asks) > SLOTS)
        own = node.dispatcher.desk("local", queue=4, own=True)
        run = own.submit(await own.ticket("m"), Job("mine", "local", GenerationRequest("m", prompt="hi")))
        seen = len(await node.receipts())
        assert await busy(engine) >= 0.9
        assert run.state is JobState.DELIVERING
        await run.delivered()
        ended = (await node.receipts())[seen:]
        assert {receipt.state for receipt in ended} == {JobState.DONE}
        done = Counter(receipt.network for receipt in ended)
        assert min(done["horde"], done["aipg"]) >= 0.25 * done.total()
        assert engine.most_computing == SLOTS
        assert await node.dispatcher.drain(10) == 0
        assert (horde.worker.dropped, grid.strikes) == (0, {})


async def test_a_network_that_has_nothing_to_push_leaves_the_engine_to_the_other(tmp_path: Path) -> None:
    engine = Timed(SLOTS, 0.2)
    async with both(tmp_path, engine) as (horde, grid, node):
        await node.until(lambda: grid.online)
        horde.ask(500)
        await node.until(lambda: engine.computing == SLOTS)
        assert await busy(engine) >= 0.9


@warped
async def test_under_two_deep_queues_each_network_has_half_and_the_grid_gets_back_one_job_of_a_hundred_at_most(
    tmp_path: Path,
) -> None:
    async with shared_node(tmp_path) as node:
        node.engine.seconds, node.engine.spread = 3.0, 0.7
        seen = len(node.receipts)
        computing = []
        for _ in range(600):
            await asyncio.sleep(0.5)
            computing.append(node.engine.computing)
        done = Counter(receipt.network for receipt in node.receipts[seen:] if receipt.state is JobState.DONE)
        assert sum(computing) >= 0.97 * SHARED_SLOTS * len(computing)
        assert min(done["horde"], done["aipg"]) >= 0.45 * done.total()
        assert sum(ask.bounces for ask in node.services.grid.asks) <= 0.01 * done["aipg"]
