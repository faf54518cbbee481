"""A server that somebody else runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from eventually import eventually
from hand_clock import HandClock
from paced_engine import Pace, PacedEngine

from node.engines.base import EngineError, EngineFault, EngineStatus, ModelInfo
from node.engines.openai import OpenAIServer
from node.jobs import GenerationRequest, Usage
from wallet.secret import Secret


@contextlib.asynccontextmanager
async def using(server: PacedEngine, key: Secret | None = None) -> AsyncIterator[OpenAIServer]:
    engine = OpenAIServer("mine", server.url, key, slots=3, clock=HandClock(), look_every=0.05)
    running = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        running.cancel()
        await asyncio.wait((running,))


async def until(engine: OpenAIServer, status: EngineStatus) -> None:
    await eventually(lambda: engine.health().status is status)


async def test_what_the_server_lists_is_served_with_the_owners_slots() -> None:
    async with PacedEngine(Pace(model="llama", context=4096)) as server, using(server) as engine:
        await until(engine, EngineStatus.READY)
        assert await engine.models() == [ModelInfo("llama", 4096, 3)]
        assert engine.slots("llama") == 3
        assert engine.slots("other") == 0


async def test_an_answer_comes_with_the_servers_own_count_of_tokens() -> None:
    async with PacedEngine(Pace(word=" {}")) as server, using(server) as engine:
        await engine.load("paced")
        chunks = [chunk async for chunk in engine.generate(GenerationRequest("paced", prompt="a b c", max_tokens=5))]
    assert "".join(chunk.text for chunk in chunks) == " 0 1 2 3 4"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["length"]
    assert chunks[-1].usage == Usage(3, 5)


async def test_a_server_that_does_not_count_leaves_usage_open() -> None:
    async with PacedEngine(Pace(say_usage=False)) as server, using(server) as engine:
        await engine.load("paced")
        chunks = [chunk async for chunk in engine.generate(GenerationRequest("paced", prompt="a"))]
    assert all(chunk.usage is None for chunk in chunks)


async def test_tokens_are_counted_by_the_server() -> None:
    async with PacedEngine() as server, using(server) as engine:
        await engine.load("paced")
        assert await engine.count_tokens("paced", "one two three") == 3


async def test_embeddings_are_refused_by_a_server_without_them() -> None:
    async with PacedEngine() as server, using(server) as engine:
        await engine.load("paced")
        with pytest.raises(EngineError):
            await engine.embed("paced", ["a"])


async def test_an_unknown_model_is_refused_by_us_and_named() -> None:
    async with PacedEngine() as server, using(server) as engine:
        await until(engine, EngineStatus.READY)
        with pytest.raises(EngineError, match="'other': the engine mine serves paced") as caught:
            await anext(engine.generate(GenerationRequest("other", prompt="a")))
        assert caught.value.fault is EngineFault.UNKNOWN_MODEL
        with pytest.raises(EngineError):
            await engine.load("other")
        assert server.started == 0


async def test_a_withdrawn_model_takes_no_jobs_until_it_is_offered_again() -> None:
    async with PacedEngine() as server, using(server) as engine:
        await engine.load("paced")
        await engine.unload("paced")
        assert (engine.slots("paced"), await engine.models()) == (0, [])
        await engine.load("paced")
        assert engine.slots("paced") == 3


async def test_a_server_that_goes_is_down_and_is_ready_again_when_it_returns() -> None:
    async with PacedEngine() as server, using(server) as engine:
        await until(engine, EngineStatus.READY)
        await server.__aexit__(None, None, None)
        await until(engine, EngineStatus.DOWN)
        assert "start the server" in engine.health().remedy
        assert engine.slots("paced") == 0
        with pytest.raises(EngineError) as caught:
            await anext(engine.generate(GenerationRequest("paced", prompt="a")))
        assert caught.value.fault is EngineFault.UNAVAILABLE
        async with PacedEngine(port=server.port):
            await until(engine, EngineStatus.READY)


async def test_a_connection_cut_in_the_middle_is_a_crash() -> None:
    async with PacedEngine(Pace(cut_after=3)) as server, using(server) as engine:
        await engine.load("paced")
        with pytest.raises(EngineError) as caught:
            _ = [chunk async for chunk in engine.generate(GenerationRequest("paced", prompt="a"))]
        assert caught.value.fault is EngineFault.CRASHED


async def test_a_prompt_longer_than_the_context_is_told_in_tokens() -> None:
    async with PacedEngine(Pace(context=10)) as server, using(server) as engine:
        await engine.load("paced")
        with pytest.raises(EngineError, match="20 tokens and this model's context holds 10") as caught:
            await anext(engine.generate(GenerationRequest("paced", prompt=" ".join("a" * 20))))
        assert caught.value.fault is EngineFault.CONTEXT_EXCEEDED


async def test_closing_an_answer_stops_the_computation() -> None:
    async with PacedEngine(Pace(rate=50, tokens=1000)) as server, using(server) as engine:
        await engine.load("paced")
        answer = engine.generate(GenerationRequest("paced", prompt="a"))
        await anext(answer)
        await answer.aclose()
        async with asyncio.timeout(1):
            await server.idle()
        assert server.dropped == 1


async def test_the_right_key_opens_and_a_wrong_one_is_explained_and_not_shown() -> None:
    async with PacedEngine(Pace(key="sk-right")) as server:
        async with using(server, Secret("sk-right")) as engine:
            await until(engine, EngineStatus.READY)
        async with using(server, Secret("sk-wrong")) as engine:
            await until(engine, EngineStatus.DOWN)
            assert "refused our key" in engine.health().detail
            assert "sk-wrong" not in repr(vars(engine)) + repr(engine.health())
