"""The sweep, over the real dispatcher and an engine whose speed follows the card's limit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from patience import PATIENCE
from scripted_engine import MemoryBooks, ScriptedEngine

from node.clock import SystemClock
from node.dispatcher import Dispatcher
from node.jobs import Chunk, GenerationRequest, JobState, Usage
from node.ledger.records import JobFinished
from node.power.setter import NvidiaLimits
from node.power.tune import NETWORK, Busy, Tuner, Windows

QUICK = Windows(settle=0.01, measure=0.05)


class Steady(ScriptedEngine):
    """Writes a token every two milliseconds."""

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        for _ in range(request.max_tokens or 1):
            await asyncio.sleep(0.002)
            yield Chunk("x", deltas=1)
        yield Chunk(finish_reason="length", usage=Usage(3, request.max_tokens or 1))


class Bench:
    def __init__(self, nvml: FakeNvml, folder: Path) -> None:
        self.nvml = nvml
        self.books = MemoryBooks()
        self.dispatcher = Dispatcher([Steady(2)], self.books, SystemClock())
        self.limits = NvidiaLimits(folder / "power.json", (nvml.library,))
        self.millijoules = 0
        self.tuner = Tuner(
            self.dispatcher.desk(NETWORK, queue=2, droppable=True),
            self.limits,
            lambda: self.dispatcher.throughput.total,
            self.meter,
            SystemClock(),
            random.Random(1),
        )

    def meter(self) -> int:
        self.millijoules += 10_000
        return self.millijoules

    def limit(self) -> float:
        found = self.limits.read(0)
        assert found is not None
        return found.limit


@pytest.fixture
async def bench(nvml: FakeNvml, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(nvml, tmp_path)
    await bench.dispatcher.refresh()
    yield bench
    await bench.dispatcher.stop("the test is over")


async def test_every_limit_is_measured_once_and_the_card_gets_back_what_it_had(bench: Bench) -> None:
    bench.nvml.set(root=1)
    points = [point async for point in bench.tuner.run("m", 2, 0, QUICK)]
    assert sorted(point.limit_w or 0 for point in points) == [225, 270, 315, 360, 405, 450]
    assert all(point.tokens_per_second > 100 and point.watts for point in points)
    assert bench.limit() == 315


async def test_where_no_limit_may_be_set_the_present_one_is_measured(bench: Bench) -> None:
    points = [point async for point in bench.tuner.run("m", 2, 0, QUICK)]
    assert [point.limit_w for point in points] == [315]


async def test_without_a_card_the_speed_is_measured_as_it_is(bench: Bench) -> None:
    points = [point async for point in bench.tuner.run("m", 2, 7, QUICK)]
    assert [point.limit_w for point in points] == [None]


async def test_a_sweep_that_is_broken_off_puts_the_limit_back_and_ends_its_jobs(bench: Bench) -> None:
    bench.nvml.set(root=1)
    sweep = bench.tuner.run("m", 2, 0, QUICK)
    async for point in sweep:
        assert bench.limit() == point.limit_w
        break
    await sweep.aclose()  # type: ignore[attr-defined]
    assert bench.limit() == 315
    assert not bench.tuner.busy
    async with asyncio.timeout(PATIENCE):
        while bench.dispatcher.runs:  # noqa: ASYNC110  their last entries are on the way to the books
            await asyncio.sleep(0)


async def test_the_jobs_that_the_end_of_measuring_meets_are_done_and_no_failure(bench: Bench) -> None:
    async for _ in bench.tuner.run("m", 2, 7, QUICK):
        pass
    ended = [record.receipt.state for record in bench.books.records if isinstance(record, JobFinished)]
    assert ended == [JobState.DONE] * 2


async def test_two_sweeps_at_once_are_refused(bench: Bench) -> None:
    first = bench.tuner.run("m", 1, 0, QUICK)
    await anext(first)
    with pytest.raises(Busy):
        await anext(bench.tuner.run("m", 1, 0, QUICK))
    await first.aclose()  # type: ignore[attr-defined]
