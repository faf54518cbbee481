"""A network that floods, hangs or answers nonsense is slowed and parked with a reason, and touches no other."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest
from shared_node import SharedNode, shared_node, untouched
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from warped_loop import warped
from websockets.exceptions import ConnectionClosed

from node.control.wire.networks import NetworkState
from node.networks.horde.gate import MOST_DROPS

SUBMIT = "/api/v2/generate/text/submit"


NONSENSE = "it sent jobs that cannot be computed"


@pytest.mark.parametrize("network", ["horde", "aipg"])
@warped
async def test_a_network_whose_jobs_cannot_be_computed_is_parked_and_healed(tmp_path: Path, network: str) -> None:
    async with shared_node(tmp_path) as node, untouched(node, network):
        chats = network == "aipg"
        node.engine.refused = lambda request: (request.messages is not None) == chats
        view = await node.looks(network, lambda view: NONSENSE in view.reason and view.retry_at is not None)
        assert view.state is NetworkState.PARKED
        assert view.hour_failed <= MOST_DROPS, "the AI Horde stops workers at 20"
        node.engine.refused = lambda request: False


class Never(Response):
    """An answer that does not come."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.get_running_loop().create_future()


@warped
async def test_a_network_that_never_takes_an_answer_is_asked_for_no_more_before_it_counts_that_against_us(
    tmp_path: Path,
) -> None:
    async with shared_node(tmp_path) as node, untouched(node, "horde"):
        node.services.app.fault = lambda path: Never() if path == SUBMIT else None
        view = await node.looks("horde", lambda view: "finished answers cannot be delivered" in view.reason)
        assert view.state is NetworkState.PARKED
        await asyncio.sleep(60)
        node.services.app.fault = None
        assert not any(worker.maintenance for worker in node.services.horde.workers.values())


async def flood(node: SharedNode) -> None:
    """The grid pushes further jobs to everybody who has one already."""
    while True:
        for worker in list(node.services.grid.online.values()):
            if worker.current is not None:
                frame = {**worker.current.frame(), "id": f"flood-{node.clock.monotonic()}"}
                with suppress(ConnectionClosed):
                    await worker.ws.send(json.dumps(frame))
        await asyncio.sleep(0.5)


@warped
async def test_a_network_that_floods_is_parked_and_healed(tmp_path: Path) -> None:
    async with shared_node(tmp_path) as node, untouched(node, "aipg"):
        flooding = asyncio.create_task(flood(node))
        view = await node.looks("aipg", lambda view: "more jobs than were announced" in view.reason)
        assert view.state is NetworkState.PARKED
        view = await node.looks("aipg", lambda view: "it dropped jobs that were in hand" in view.reason, 400)
        assert view.state in (NetworkState.SLOWED, NetworkState.PARKED)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
