"""Real deaths under both networks: of the engine, and of the node between writing an answer and delivering it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eventually import eventually
from horde_house import RULES
from running_node import DEFAULTS, MODEL, RunningNode, at_work, prepare
from starlette.responses import JSONResponse
from two_services import Services, both_services, join_both

SUBMIT = "/api/v2/generate/text/submit"
QUICK_RULES = replace(RULES, ttl=20.0)  # what a killed node had only just taken is given to others after that
HORDE_MODEL = "test/test-llm-7b"


def paid(services: Services) -> dict[tuple[str, str], int]:
    """Base units by the networks' own books."""
    worker = services.worker
    return {
        ("horde", "kudos"): 0 if worker is None else sum(worker.paid.values()),
        ("aipg", "den"): sum(round(one.den * 100) for one in services.grid.books.earned),
    }


async def earns(services: Services, network: tuple[str, str]) -> None:
    """Wait until the network has paid for more than it has by now."""
    before = paid(services)[network]
    await eventually(lambda: paid(services)[network] > before, 30)


def credited(node: RunningNode) -> dict[tuple[str, str], int]:
    """The same by the node's."""
    return {(view.name, one.asset): one.credited for view in node.control.networks() for one in view.rewards}


async def books_agree(node: RunningNode, services: Services) -> None:
    for _ in range(450):  # what is delivered again after a start is seen in the network's books a minute later
        if (ours := await asyncio.to_thread(lambda: credited(node))) == paid(services):
            break
        await asyncio.sleep(0.2)
    assert ours == paid(services)
    assert await asyncio.to_thread(lambda: node.control.get("/ledger/verify")["problem"]) is None


@pytest.mark.slow
async def test_neither_a_killed_engine_nor_a_killed_node_loses_an_answer_or_gives_one_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await asyncio.to_thread(lambda: prepare(home))
    errands = home / "networks" / "horde" / "jobs"

    def finished() -> list[dict[str, Any]]:
        kept = [json.loads(path.read_text()) for path in errands.glob("*.json")]
        return [errand for errand in kept if errand["answer"]]

    async with both_services(HORDE_MODEL, trusted=True, waiting=6, longest=64, rules=QUICK_RULES) as services:
        async with at_work(home) as node:
            await asyncio.to_thread(node.ready)
            await asyncio.to_thread(lambda: join_both(node.control, services, MODEL, HORDE_MODEL))
            services.open_the_doors()
            for network in paid(services):
                await earns(services, network)
            for engine in await asyncio.to_thread(node.engines):
                engine.kill()
            await asyncio.to_thread(node.ready)
            for network in paid(services):
                await earns(services, network)
            services.app.fault = lambda path: JSONResponse({"message": "oops"}, 500) if path == SUBMIT else None
            await eventually(finished, 30)
            await earns(services, ("aipg", "den"))
            node.process.kill()
            await asyncio.to_thread(node.ended)
        kept = {errand["id"]: errand for errand in finished()}
        services.app.fault = None
        async with at_work(home) as again:
            await eventually(lambda: services.worker and kept.keys() <= services.worker.paid.keys(), 30)
            await services.close_the_doors(90)
        told = [outcome for ask in services.grid.asks if (outcome := ask.outcome.result()).status != 200]
        assert len(told) <= DEFAULTS["engine"]["slots"]  # those that the engine was writing when it was killed
        assert all("mid-generation" in outcome.message for outcome in told), told
        async with at_work(home) as again:  # the networks' own books are read when work begins
            await books_agree(again, services)
            jobs = await asyncio.to_thread(lambda: again.control.get("/jobs?limit=1000")["jobs"])
            assert all(job["ended_at"] is not None for job in jobs)
            done = [(job["network"], job["id"]) for job in jobs if job["state"] == "done"]
            assert len(done) == len(set(done))
