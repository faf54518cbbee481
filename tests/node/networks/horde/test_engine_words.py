"""The embedded engine, the real llama.cpp, does jobs of the AI Horde with every sampler that they can set."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from horde_house import house, station
from tiny_model import tiny_model

from node.clock import SystemClock
from node.engines.llamacpp import LlamaCpp
from node.jobs import JobState

pytestmark = pytest.mark.real_time

EVERYTHING = {
    "temperature": 0.7, "top_p": 0.9, "top_k": 40, "top_a": 0.1, "min_p": 0.05, "typical": 0.9, "tfs": 0.95,
    "rep_pen": 1.1, "rep_pen_range": 1024, "rep_pen_slope": 0.7, "smoothing_factor": 0.2, "dynatemp_range": 0.2,
    "dynatemp_exponent": 1.5, "sampler_order": [6, 0, 1, 3, 4, 2, 5], "stop_sequence": ["\n###", "never said"],
    "use_default_badwordsids": True, "singleline": False, "frmttriminc": True, "frmtrmblln": True, "frmtrmspch": True,
    "frmtadsnsp": True,
}  # fmt: skip


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[LlamaCpp]:
    model = tiny_model(tmp_path)
    engine = LlamaCpp(
        directory=tmp_path / "engine", models={"tiny": model}.get, slots=2, context=512, threads=1, clock=SystemClock()
    )
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    await engine.load("tiny")
    yield engine
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_every_sampler_at_once_and_a_prompt_that_is_far_too_long(engine: LlamaCpp, tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, engine=engine, served="tiny") as node:
        horde.ask(prompt="Once upon a time " * 300, max_length=32, max_context_length=512, **EVERYTHING)
        horde.ask(prompt="short", max_length=32, max_context_length=512, temperature=0.0, top_k=0, rep_pen_range=0)
        receipts = await node.ended(2)
        assert [(receipt.state, receipt.reason) for receipt in receipts] == [(JobState.DONE, "")] * 2
        assert all(receipt.usage and receipt.usage.prompt_tokens + 32 <= 512 for receipt in receipts)


async def test_an_answer_ends_with_its_stop_sequence_and_the_engine_is_free_at_once(
    engine: LlamaCpp, tmp_path: Path
) -> None:
    async with station() as horde, house(horde, tmp_path, engine=engine, served="tiny") as node:
        letters = list("abcdefghijklmnopqrstuvwxyz ")
        for _ in range(6):  # the model may also end by itself
            horde.ask(prompt="x", max_length=128, max_context_length=512, stop_sequence=letters)
        receipts = await node.ended(6)
        texts = [str(request.answers[0]["text"]) for request in horde.horde.requests]
        assert [text for text in texts if text and text[-1] in letters]
        assert not [text for text in texts if set(text[:-1]) & set(letters)]
        assert all(receipt.usage and receipt.usage.completion_tokens <= 128 for receipt in receipts)
