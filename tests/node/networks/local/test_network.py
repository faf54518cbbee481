"""The network itself: where it listens, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from contextlib import suppress

import httpx
import pytest
from local_endpoint import Serve
from loose_tickets import LooseTickets
from patience import PATIENCE
from starlette.applications import Starlette
from starlette.routing import Mount

from node.networks.local import network as network_module
from node.networks.local.access import AccessKeys
from node.networks.local.app import build_app
from node.networks.local.limits import Limits
from node.networks.local.network import LocalNetwork


async def test_it_listens_on_loopback_and_says_where(serve: Serve) -> None:
    endpoint = await serve()
    standing = endpoint.network.standing
    assert standing.connected
    assert standing.detail == f"listening at http://127.0.0.1:{endpoint.port}/v1"
    await endpoint.stop()
    assert endpoint.url == ""
    assert not endpoint.network.standing.connected


async def test_a_taken_port_parks_it_with_the_reason_until_the_port_is_free(
    access: AccessKeys, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(network_module, "RETRY_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        network = LocalNetwork(port=port, access=access, limits=Limits())
        serving = asyncio.create_task(network.run(LooseTickets()))
        await asyncio.sleep(0.3)  # several tries, one line in the log
        told = network.standing.detail
    assert told.startswith(f"local.port: {port} on 127.0.0.1 is taken by ")
    assert f"process {os.getpid()}" in told
    assert "set local.port to another one" in told
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    await asyncio.wait_for(network.listening.wait(), PATIENCE)
    assert network.problem == ""
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_it_opens_beyond_this_machine_only_where_that_is_meant(access: AccessKeys, host: str) -> None:
    with pytest.raises(ValueError, match=rf"local\.host: {host} can be reached from other machines"):
        LocalNetwork(host=host, port=0, access=access, limits=Limits())
    LocalNetwork(host=host, port=0, access=access, limits=Limits(), allow_remote=True)


def test_a_host_is_an_address(access: AccessKeys) -> None:
    with pytest.raises(ValueError, match=r"local\.host: got 'my-rig'; expected an IP address"):
        LocalNetwork(host="my-rig", port=0, access=access, limits=Limits())


async def test_signals_stay_with_the_node(serve: Serve) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    await serve()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_the_owner_needs_no_key_where_only_the_owner_can_come(access: AccessKeys) -> None:
    tickets = LooseTickets()
    app = Starlette(routes=[Mount("/v1", build_app(tickets, access, Limits(), trusted=True))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node/v1/") as http:
        asked = {"model": "tiny", "messages": [{"role": "user", "content": "it works"}]}
        answer = await http.post("chat/completions", json=asked)
    assert answer.json()["choices"][0]["message"]["content"] == "it works"
    assert tickets.runs[0].job.client == "owner"
