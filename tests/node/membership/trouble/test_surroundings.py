"""Trouble around a node that works for both networks: its clock, and the names of hosts."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from shared_node import OTHER, WELL, shared_node, untouched
from warped_loop import warped

from node.control.wire.networks import NetworkState
from node.jobs import JobState
from node.rehearsal.horde.app import BASE


@pytest.mark.parametrize("minutes", [-10, 10])
@warped
async def test_a_clock_that_jumps_touches_no_job_of_any_network(tmp_path: Path, minutes: int) -> None:
    async with shared_node(tmp_path) as node:
        node.clock.jump(minutes * 60)
        for network in OTHER:
            await node.does(network, 5)
            view = await node.view(network)
            assert (view.state in WELL, view.reason) == (True, "")
        await node.settle()
        assert {receipt.state for receipt in node.receipts} == {JobState.DONE}


@pytest.mark.parametrize("network", ["horde", "aipg"])
@warped
async def test_a_host_that_is_not_known_at_the_start_is_told_and_tried_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    loop = asyncio.get_running_loop()
    ask = loop.getaddrinfo
    known: list[str] = []

    async def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        here = host in ("localhost", b"localhost")
        if here and not known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return await ask("127.0.0.1" if here else host, *arguments, **options)

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    async with shared_node(tmp_path, joined=(OTHER[network],)) as node:
        services = node.services
        port, path = (services.horde_port, BASE) if network == "horde" else (services.grid.port, "")
        async with untouched(node, network):
            await node.join(network, url=f"http://localhost:{port}{path}")
            view = await node.looks(network, lambda view: "cannot be reached" in view.reason)
            assert (view.state, "Name or service not known" in view.reason) == (NetworkState.PARKED, True)
            await asyncio.sleep(30)
            known.append("localhost")
