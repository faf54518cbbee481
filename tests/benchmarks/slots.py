"""How busy the slots are while a network has more work than the node can do.

    python tests/benchmarks/slots.py [--quick] [--json]

The real dispatcher and the real books serve a rehearsal network: each job is popped and delivered with a round trip of
100 ms, and computes for 200 ms in a slot of a scripted engine. The engine itself adds up the time it computes.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_report import Finding, parser, report  # noqa: E402

from node.clock import SystemClock  # noqa: E402
from node.dispatcher import Dispatcher  # noqa: E402
from node.engines.base import Embeddings, EngineHealth, EngineStatus, ModelInfo  # noqa: E402
from node.identity import Identity  # noqa: E402
from node.jobs import Chunk, GenerationRequest, Job, Usage  # noqa: E402
from node.ledger.store import Ledger  # noqa: E402
from node.networks.base import Standing, Ticket, Tickets  # noqa: E402

MODEL = "rehearsed"
ROUND_TRIP = 0.1
JOB_SECONDS = 0.2
WARM_UP = 2.0


class TimedEngine:
    """Computes by the clock, each job for its own time, and counts the seconds."""

    name = "timed"

    def __init__(self, slots: int, spread: float) -> None:
        self._slots = slots
        self._spread = spread
        self._lengths = random.Random(1)
        self._computing = 0
        self._seconds = 0.0
        self._since = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Slot seconds of computing until now."""
        self._count(0)
        return self._seconds

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        self._count(+1)
        try:
            await asyncio.sleep(JOB_SECONDS * self._lengths.uniform(1 - self._spread, 1 + self._spread))
        finally:
            self._count(-1)
        yield Chunk("done", deltas=1, finish_reason="stop", usage=Usage(20, 20))

    def _count(self, change: int) -> None:
        now = time.perf_counter()
        self._seconds += self._computing * (now - self._since)
        self._since = now
        self._computing += change

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo(MODEL, 4096, self._slots)]

    def slots(self, model: str) -> int:
        return self._slots

    async def load(self, model: str) -> None:
        return

    async def unload(self, model: str) -> None:
        return

    async def count_tokens(self, model: str, text: str) -> int:
        return len(text.split())

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return Embeddings((), 0)

    def health(self) -> EngineHealth:
        return EngineHealth(EngineStatus.READY, device="CPU")


class DeepQueue:
    """A network whose queue never ends: a ticket, a pop, an answer, a delivery."""

    name = "rehearsal"

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    async def run(self, tickets: Tickets) -> None:
        async with asyncio.TaskGroup() as jobs:
            while True:
                jobs.create_task(self._serve(tickets, await tickets.ticket(MODEL)))

    async def _serve(self, tickets: Tickets, ticket: Ticket) -> None:
        await asyncio.sleep(ROUND_TRIP)
        request = GenerationRequest(MODEL, prompt="work", max_tokens=20)
        async with tickets.submit(ticket, Job(f"job-{next(self._numbers)}", self.name, request)) as run:
            async for _ in run:
                pass
            await asyncio.sleep(ROUND_TRIP)
            await run.delivered()

    async def probe(self) -> Standing:
        return Standing(connected=True)


@asynccontextmanager
async def working(engine: TimedEngine) -> AsyncGenerator[None, None]:
    with tempfile.TemporaryDirectory(prefix="stoker-slots-") as name:
        clock = SystemClock()
        identity = Identity.load_or_create(Path(name))
        ledger = await asyncio.to_thread(Ledger.open, Path(name) / "ledger.db", identity, clock)
        dispatcher = Dispatcher([engine], ledger, clock)
        network = DeepQueue()
        desk = dispatcher.desk(network.name)
        await dispatcher.refresh()
        tasks = [asyncio.create_task(dispatcher.run()), asyncio.create_task(network.run(desk))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await dispatcher.stop("the benchmark is over")
            await ledger.close()


async def share_in_use(slots: int, spread: float, seconds: float) -> float:
    """Percent of slot time spent computing."""
    engine = TimedEngine(slots, spread)
    async with working(engine):
        await asyncio.sleep(WARM_UP)
        before, began = engine.seconds, time.perf_counter()
        await asyncio.sleep(seconds)
        return 100 * (engine.seconds - before) / (slots * (time.perf_counter() - began))


def main() -> int:
    given = parser(__doc__).parse_args()
    findings = []
    for slots in (1, 4, 8):
        for spread, lengths in ((0.0, "200 ms"), (0.5, "100 to 300 ms")):
            share = asyncio.run(share_in_use(slots, spread, 4 if given.quick else 15))
            findings.append(Finding(f"slot time in use, {slots} slots, jobs of {lengths}", share, "%", at_least=97))
    return report(findings, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
