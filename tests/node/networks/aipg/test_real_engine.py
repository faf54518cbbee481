"""The whole way in real time: a paced engine behind HTTP, the dispatcher, the worker, the grid."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from grid import MODEL, booked
from memory_credits import MemoryCredits
from paced_engine import Pace, PacedEngine
from scripted_engine import MemoryBooks

from node.clock import SystemClock
from node.dispatcher import Dispatcher
from node.engines.openai import OpenAIServer
from node.ledger.records import JobFinished
from node.networks.aipg.network import AipgNetwork
from node.rehearsal.aipg import Coordinator
from wallet.secret import Secret

SLOTS, JOBS, TOKENS, RATE = 4, 40, 40, 200.0


async def test_slots_stay_busy_and_every_token_is_paid(tmp_path: Path) -> None:
    clock = SystemClock()
    grid = Coordinator()
    key, _ = grid.books.open_account()
    async with PacedEngine(Pace(tokens=TOKENS, rate=RATE, slots=SLOTS, model="m")) as paced, grid.serving():
        engine = OpenAIServer("paced", paced.url, None, slots=SLOTS, clock=clock)
        await engine.look()
        books = MemoryBooks()
        dispatcher = Dispatcher([engine], books, clock)
        await dispatcher.refresh()
        network = AipgNetwork(
            url=grid.url,
            key=Secret(key),
            worker_name="rig",
            models={"m": MODEL},
            ledger=MemoryCredits(),
            state_dir=tmp_path / "grid",
            clock=clock,
        )
        asks = [grid.ask(MODEL, max_tokens=TOKENS) for _ in range(JOBS)]
        began = time.monotonic()
        working = [asyncio.create_task(work) for work in (dispatcher.run(), network.run(dispatcher.desk("aipg")))]
        for ask in asks:
            outcome = await ask.outcome
            assert outcome.text == " word" * TOKENS
            assert "".join(str(delta.get("content", "")) for delta in ask.streamed) == outcome.text
        took = time.monotonic() - began
        await dispatcher.drain(5)
        for task in working:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert paced.most_running == SLOTS
    receipts = [record.receipt for record in books.records if isinstance(record, JobFinished)]
    assert all(receipt.usage and receipt.usage.completion_tokens == TOKENS for receipt in receipts)
    claimed = sum(receipt.reward.units for receipt in receipts if receipt.reward)
    assert claimed == booked(grid)
    busy = paced.busy_seconds / SLOTS / took
    assert busy >= 0.9, f"slots were busy {busy:.1%} of the time, with the way up"
