"""The embedded engine with the real llama.cpp and a model of random weights."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest
from engine_processes import computing
from eventually import eventually

from node.engines.base import EngineError, EngineFault, EngineStatus, ModelInfo
from node.engines.llamacpp import LlamaCpp
from node.jobs import Chunk, GenerationRequest, Usage

ENDLESS = {"ignore_eos": True, "cache_prompt": False}


def request(model: str = "tiny", prompt: str = "hello", tokens: int = 16, **options: object) -> GenerationRequest:
    return GenerationRequest(model, prompt=prompt, max_tokens=tokens, options={**ENDLESS, **options})


async def answer(engine: LlamaCpp, asked: GenerationRequest) -> list[Chunk]:
    return [chunk async for chunk in engine.generate(asked)]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def sockets_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_socket()]


def open_to_others(path: Path) -> bool:
    return path.stat().st_mode & 0o077 != 0


async def until_idle(process: psutil.Process) -> float:
    """Seconds until the process uses no more than a sliver of a core."""
    began = time.monotonic()
    used = -1.0
    while (now := sum(process.cpu_times()[:2])) - used > 0.02:
        used = now
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def test_a_loaded_model_is_listed_with_its_slots_and_its_context(engine: LlamaCpp) -> None:
    assert engine.health().status is EngineStatus.ABSENT
    await engine.load("tiny")
    assert await engine.models() == [ModelInfo("tiny", 1024, 4)]
    assert engine.slots("tiny") == 4
    assert engine.health().status is EngineStatus.READY
    assert engine.health().device == "CPU"
    assert engine.runs_on_cpu()


async def test_an_answer_ends_with_its_reason_and_the_engines_own_count(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    chunks = await answer(engine, request(prompt="hello", tokens=16))
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["length"]
    assert chunks[-1].usage == Usage(prompt_tokens=5, completion_tokens=16)


async def test_a_chat_goes_through_the_models_template(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    asked = GenerationRequest("tiny", messages=({"role": "user", "content": "hi"},), max_tokens=4, options=ENDLESS)
    usage = (await answer(engine, asked))[-1].usage
    assert usage is not None
    assert usage.prompt_tokens == len("user\nhi\nassistant") + 3


async def test_four_at_once_get_what_each_would_get_alone(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    asked = [request(prompt=f"question {n}", tokens=64, seed=n, temperature=0) for n in range(4)]
    alone = [text_of(await answer(engine, one)) for one in asked]
    together = await asyncio.gather(*(answer(engine, one) for one in asked))
    assert [text_of(chunks) for chunks in together] == alone
    assert len(set(alone)) > 1


async def test_log_probabilities_come_with_their_choice(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    chunks = await answer(engine, request(tokens=12, logprobs=1, seed=1))
    assert any(chunk.choice and chunk.choice["logprobs"] for chunk in chunks)


async def test_tokens_are_counted_by_the_model(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    assert await engine.count_tokens("tiny", "hi there") == 8


async def test_a_prompt_longer_than_the_context_is_the_clients_fault(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    with pytest.raises(EngineError, match="2,000 tokens and this model's context holds 1,024") as caught:
        await answer(engine, request(prompt="x" * 2000))
    assert caught.value.fault is EngineFault.CONTEXT_EXCEEDED


async def test_a_request_that_makes_no_sense_is_the_clients_fault(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    with pytest.raises(EngineError) as caught:
        await answer(engine, request(grammar="root ::= ("))
    assert caught.value.fault is EngineFault.BAD_REQUEST


async def test_a_model_that_is_not_loaded_is_refused_although_the_child_would_answer(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    with pytest.raises(EngineError, match="'gpt-4' is not loaded; loaded: tiny") as caught:
        await answer(engine, request("gpt-4"))
    assert caught.value.fault is EngineFault.UNKNOWN_MODEL


async def test_embeddings_come_from_embedding_models_only(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    await engine.load("vectors")
    made = await engine.embed("vectors", ["one", "three"])
    assert made.prompt_tokens == 8
    assert [len(vector) for vector in made.vectors] == [64, 64]
    with pytest.raises(EngineError, match="does not make embeddings") as caught:
        await engine.embed("tiny", ["one"])
    assert caught.value.fault is EngineFault.UNSUPPORTED
    with pytest.raises(EngineError, match="does not chat"):
        await answer(engine, request("vectors"))


async def test_closing_an_answer_idles_the_engine_within_a_second(engine: LlamaCpp) -> None:
    await engine.load("long")
    chunks = engine.generate(request("long", tokens=20_000))
    await anext(chunks)
    await chunks.aclose()
    assert await until_idle(computing()[0]) < 1.0


async def test_cancelling_in_a_long_prefill_idles_the_engine_within_a_second(
    model_files: dict[str, Path], engine: LlamaCpp
) -> None:
    engine._slots, engine._context = 1, 100_000
    await engine.load("long")
    (child,) = computing()
    before = sum(child.cpu_times()[:2])
    task = asyncio.create_task(answer(engine, request("long", prompt="word " * 18_000)))
    await eventually(lambda: sum(child.cpu_times()[:2]) - before > 0.3)
    assert not task.done()
    task.cancel()
    assert await until_idle(child) < 1.0


async def test_a_killed_child_fails_its_jobs_with_the_reason_and_serves_again(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    chunks = engine.generate(request(tokens=1000))
    await anext(chunks)
    killed = time.monotonic()
    computing()[0].kill()
    with pytest.raises(EngineError, match="memory ran out") as caught:
        async for _ in chunks:
            pass
    assert caught.value.fault is EngineFault.CRASHED
    assert time.monotonic() - killed < 0.5
    await eventually(lambda: engine.slots("tiny") == 0, within=0.2)
    assert engine.health().status is not EngineStatus.READY
    await eventually(lambda: engine.slots("tiny") == 4, within=3)
    assert time.monotonic() - killed < 3
    assert (await answer(engine, request()))[-1].usage is not None
    assert engine.health().restarts == 1


async def test_a_child_that_hangs_is_replaced(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    computing()[0].send_signal(signal.SIGSTOP)
    await eventually(lambda: "hung" in engine.health().detail, within=5)
    await eventually(lambda: engine.slots("tiny") == 4)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated", "cut off"),
        ("not_gguf", "not a GGUF file"),
        ("no_context", "context_length is 0"),
        ("empty", "GGUF"),
        ("aborting", "gave up on this model.*another one"),
    ],
)
async def test_a_broken_file_is_one_clear_error_and_nothing_runs(engine: LlamaCpp, name: str, reason: str) -> None:
    with pytest.raises(EngineError, match=reason) as caught:
        await engine.load(name)
    assert caught.value.fault is EngineFault.UNSUPPORTED
    assert engine.health().status is EngineStatus.DOWN
    assert engine.health().remedy
    assert computing() == []
    await engine.load("tiny")
    assert engine.slots("tiny") == 4


async def test_a_file_that_breaks_while_it_is_served_is_tried_again_with_patience(
    engine: LlamaCpp, model_files: dict[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "changing.gguf"
    shutil.copyfile(model_files["tiny"], file)
    engine._models = {"changing": file}.get
    await engine.load("changing")
    file.unlink()
    shutil.copyfile(model_files["truncated"], file)
    computing()[0].kill()
    await eventually(lambda: "started again in 30 s" in engine.health().detail)
    assert "not within the file bounds" in engine.health().detail
    assert engine.health().status is EngineStatus.DOWN
    assert computing() == []
    with pytest.raises(EngineError, match="file bounds") as caught:
        await answer(engine, request("changing"))
    assert caught.value.fault is EngineFault.UNAVAILABLE


async def test_an_unknown_model_cannot_be_loaded(engine: LlamaCpp) -> None:
    with pytest.raises(EngineError, match="'nothing' is not in the store") as caught:
        await engine.load("nothing")
    assert caught.value.fault is EngineFault.UNKNOWN_MODEL


async def test_unloading_ends_the_child(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    await engine.unload("tiny")
    assert computing() == []
    assert engine.slots("tiny") == 0
    await engine.unload("tiny")


async def test_a_load_that_is_cancelled_leaves_no_child(engine: LlamaCpp) -> None:
    loading = asyncio.create_task(engine.load("tiny"))
    await eventually(computing)
    loading.cancel()
    await asyncio.wait((loading,))
    await eventually(lambda: not computing(), within=2)


async def test_the_end_of_run_leaves_no_child(model_files: dict[str, Path], engine: LlamaCpp) -> None:
    await engine.load("tiny")
    await engine.load("vectors")
    (running,) = (task for task in asyncio.all_tasks() if "LlamaCpp.run" in repr(task.get_coro()))
    running.cancel()
    await asyncio.wait((running,))
    assert computing() == []
    assert engine.health().status is EngineStatus.STOPPED
    with pytest.raises(EngineError, match="stopped"):
        await engine.load("tiny")


async def test_the_child_listens_on_one_socket_of_its_own_and_wants_a_key_that_nobody_can_see(
    engine: LlamaCpp, place: Path
) -> None:
    await engine.load("tiny")
    (child,) = computing()
    (socket,) = sockets_below(place)
    assert not open_to_others(socket) and not open_to_others(socket.parent)
    assert child.net_connections("inet") == []
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket))) as stranger:
        for key in ("", "Bearer wrong"):
            tried = await stranger.post(
                "http://localhost/v1/completions",
                json={"prompt": "x", "max_tokens": 1},
                headers={"Authorization": key},
            )
            assert tried.status_code == 401
    assert set(child.cmdline()[1:]) == {"-P", "-m", "node.engines.llamacpp_child"}
    assert not {name for name in child.environ() if "KEY" in name or "TOKEN" in name}
    assert child.nice() == min(os.nice(0) + 10, 19)
