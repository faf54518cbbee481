"""The stand-in engine is what it says, or benchmarks would measure nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import paced_engine
from paced_engine import Pace, PacedEngine
from patience import PATIENCE

from node.engines.client import EngineClient
from node.jobs import GenerationRequest


async def ask(url: str, tokens: int) -> int:
    request = GenerationRequest("paced", messages=({"role": "user", "content": "hi"},), max_tokens=tokens)
    return sum([chunk.deltas async for chunk in EngineClient(url, None).generate(request)])


async def test_it_keeps_its_pace_and_its_prefill() -> None:
    async with PacedEngine(Pace(rate=100, prefill=0.2)) as engine:
        began = time.perf_counter()
        assert await ask(engine.url, 31) == 31
        assert 0.5 <= time.perf_counter() - began < 1.0


async def test_it_computes_no_more_answers_at_once_than_it_has_slots() -> None:
    async with PacedEngine(Pace(slots=2, rate=200)) as engine:
        assert await asyncio.gather(*(ask(engine.url, 10) for _ in range(6))) == [10] * 6
        assert (engine.most_running, engine.finished) == (2, 6)


async def test_it_stops_in_its_prefill_when_its_reader_goes() -> None:
    async with PacedEngine(Pace(prefill=60)) as engine:
        asking = asyncio.create_task(ask(engine.url, 1))
        await engine.until_running()
        asking.cancel()
        async with asyncio.timeout(1):
            await engine.idle()
        assert (engine.dropped, engine.finished) == (1, 0)


async def test_as_a_process_it_prints_its_address_and_ends_with_its_standard_input() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(paced_engine.__file__)),
        "--tokens",
        "7",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = json.loads(await process.stdout.readline())["addr"]
        assert await ask(address, 5) == 5
    finally:
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
