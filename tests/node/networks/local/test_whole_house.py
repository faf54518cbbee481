"""The endpoint over the real dispatcher and a real engine client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import openai
import pytest
from local_endpoint import Serve
from paced_engine import Pace, PacedEngine
from patience import PATIENCE

from node.clock import SystemClock
from node.dispatcher.dispatcher import Dispatcher
from node.engines.openai import OpenAIServer
from node.jobs import JobState
from node.ledger.records import JobAccepted, JobFinished

HELLO = [{"role": "user", "content": "hello"}]


@dataclass(frozen=True)
class Entry:
    seq: int


@dataclass
class Books:
    records: list[JobAccepted | JobFinished] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, record: JobAccepted | JobFinished) -> Entry:
        self.records.append(record)
        if isinstance(record, JobFinished):
            self.finished.set()
        return Entry(len(self.records))

    async def receipt(self) -> JobFinished:
        await asyncio.wait_for(self.finished.wait(), PATIENCE)
        return next(record for record in self.records if isinstance(record, JobFinished))


@dataclass
class House:
    dispatcher: Dispatcher
    engine: PacedEngine
    books: Books


@asynccontextmanager
async def house(pace: Pace, slots: int = 8) -> AsyncIterator[House]:
    clock, books = SystemClock(), Books()
    async with PacedEngine(pace) as paced:
        engine = OpenAIServer("paced", paced.url, None, slots=slots, clock=clock)
        dispatcher = Dispatcher([engine], books, clock)
        running = asyncio.gather(engine.run(), dispatcher.run())
        try:
            async with asyncio.timeout(PATIENCE):
                while not dispatcher.models():  # noqa: ASYNC110 - the dispatcher has no event for it
                    await asyncio.sleep(0.02)
            yield House(dispatcher, paced, books)
        finally:
            await dispatcher.stop("the test is over")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_delivered_answer_is_done_in_the_books_with_the_engines_usage(serve: Serve) -> None:
    async with house(Pace(tokens=20)) as home, (await serve(home.dispatcher.desk("local"))).openai() as client:
        answer = await client.chat.completions.create(model="paced", messages=HELLO)
        receipt = (await home.books.receipt()).receipt
    assert answer.choices[0].message.content == " word" * 20
    assert answer.usage is not None
    assert receipt.state is JobState.DONE
    assert receipt.usage is not None
    assert receipt.usage.completion_tokens == answer.usage.completion_tokens == 20


async def test_a_client_that_leaves_reaches_the_engine_within_a_second(serve: Serve) -> None:
    async with house(Pace(tokens=100_000, rate=50)) as home:
        endpoint = await serve(home.dispatcher.desk("local"))
        async with endpoint.openai() as client:
            stream = await client.chat.completions.create(model="paced", messages=HELLO, stream=True)
            await anext(aiter(stream))
            await stream.close()
        await asyncio.wait_for(home.engine.idle(), 1)
        receipt = (await home.books.receipt()).receipt
    assert receipt.state is JobState.CANCELLED


async def test_eight_clients_on_two_slots_all_get_their_whole_answer(serve: Serve) -> None:
    async with house(Pace(tokens=30, rate=1000), slots=2) as home:
        endpoint = await serve(home.dispatcher.desk("local"))

        async def ask() -> str:
            async with endpoint.openai() as client:
                stream = await client.chat.completions.create(model="paced", messages=HELLO, stream=True)
                return "".join([event.choices[0].delta.content or "" async for event in stream])

        answers = await asyncio.gather(*[ask() for _ in range(8)])
        assert home.engine.most_running <= 2
    assert answers == [" word" * 30] * 8


async def test_an_engine_that_breaks_off_ends_the_stream_with_an_error(serve: Serve) -> None:
    async with house(Pace(tokens=50, rate=500, cut_after=10)) as home:
        endpoint = await serve(home.dispatcher.desk("local"))
        async with endpoint.openai() as client:
            stream = await client.chat.completions.create(model="paced", messages=HELLO, stream=True)
            with pytest.raises(openai.APIError):
                async for _ in stream:
                    pass
        assert (await home.books.receipt()).receipt.state is JobState.FAILED


async def test_a_paused_node_says_so_at_once(serve: Serve) -> None:
    async with house(Pace()) as home:
        endpoint = await serve(home.dispatcher.desk("local"))
        home.dispatcher.close("paused by you")
        async with endpoint.openai() as client:
            with pytest.raises(openai.InternalServerError, match="takes no new work now: paused by you"):
                await client.chat.completions.create(model="paced", messages=HELLO)
