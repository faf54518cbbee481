"""A network in trouble, in one node with another one: its owner is told the truth, and the other notices nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from severed import wire
from shared_node import HORDE_KEY, RIG, SharedNode, shared_node, untouched
from starlette.responses import HTMLResponse, JSONResponse, Response
from warped_loop import warped

from node.control.wire.networks import NetworkState
from node.networks.aipg.strikes import Strikes
from node.rehearsal.aipg import Faults
from node.rehearsal.aipg.books import Key, Name
from node.rehearsal.horde.app import BASE

NEW_KEY = "grid_newer0000000000000000000000000"
Step = Callable[[SharedNode], Awaitable[Any]]


@dataclass(frozen=True)
class Trouble:
    """One thing that befalls a network.

    Attributes:
        lasts: seconds. reason, remedy: parts of what its owner is told.
    """

    what: str
    network: str
    begin: Step
    end: Step
    reason: str
    remedy: str = ""
    lasts: float = 30.0

    def __str__(self) -> str:
        return f"{self.network}-{self.what}"


def horde_answers(answer: Callable[[], Response] | None) -> Step:
    async def step(node: SharedNode) -> None:
        node.services.app.fault = None if answer is None else lambda path: answer()

    return step


def grid_answers(status: int, body: str, retry_after: int | None = None) -> Step:
    """To who dials; nobody is connected any more."""

    async def step(node: SharedNode) -> None:
        node.services.grid.faults = Faults(page=(status, body), retry_after=retry_after)
        node.services.grid.cut_all()

    return step


async def grid_is_well(node: SharedNode) -> None:
    node.services.grid.faults = Faults()


async def revoke_horde_key(node: SharedNode) -> None:
    node.services.horde.revoke(HORDE_KEY)


async def give_horde_key(node: SharedNode) -> None:
    await node.order("change_network", name="horde", key=node.services.owner.key)


async def revoke_grid_key(node: SharedNode) -> None:
    for key in node.services.grid.books.keys.values():
        key.revoked = True
    node.services.grid.cut_all()


async def give_grid_key(node: SharedNode) -> None:
    books = node.services.grid.books
    books.keys[NEW_KEY] = Key(books.names[RIG].account)
    await node.order("change_network", name="aipg", key=NEW_KEY)


async def take_horde_name(node: SharedNode) -> None:
    assert node.services.worker is not None
    node.services.worker.owner = node.services.horde.join("Somebody", "somebody")


def rigs() -> list[str]:
    """The names of the node's connections to the grid, those that it may yet open included."""
    return [RIG, *(f"{RIG}#{number}" for number in range(2, 10))]


async def take_grid_name(node: SharedNode) -> None:
    books = node.services.grid.books
    _, theirs = books.open_account()
    for name in rigs():
        books.names[name] = Name(theirs.account, "theirs")
    node.services.grid.cut_all()


def rename(network: str) -> Step:
    return lambda node: node.order("change_network", name=network, worker_name="newer-rig")


async def force_maintenance(node: SharedNode) -> None:
    assert node.services.worker is not None
    node.services.worker.maintenance = True
    node.services.worker.maintenance_message = "it drops too many jobs"


async def end_maintenance(node: SharedNode) -> None:
    await node.order("network_maintenance", name="horde", on=False)


async def evict(node: SharedNode) -> None:
    grid = node.services.grid
    for name in rigs():
        grid.strikes.setdefault(name, Strikes(node.clock)).evicted()
    grid.cut_all()


async def wait(node: SharedNode) -> None:
    """It passes by itself."""


SERVICES = [
    Trouble(
        "down", "horde", lambda node: node.services.horde_down(), lambda node: node.services.horde_up(),
        "cannot be reached", lasts=300,
    ),
    Trouble(
        "down", "aipg", lambda node: node.services.grid_down(), lambda node: node.services.grid_up(),
        "cannot be reached", lasts=300,
    ),
    Trouble(
        "500", "horde", horde_answers(lambda: JSONResponse({"message": "oops"}, 500)), horde_answers(None),
        "has trouble of its own (HTTP 500)",
    ),
    Trouble("500", "aipg", grid_answers(500, "{}"), grid_is_well, "has trouble of its own (HTTP 500)"),
    Trouble(
        "429", "horde", horde_answers(lambda: JSONResponse({"message": "60"}, 429, {"Retry-After": "20"})),
        horde_answers(None), "asks for fewer requests (HTTP 429)",
    ),
    Trouble("429", "aipg", grid_answers(429, "{}", 20), grid_is_well, "asks for fewer connections (HTTP 429)"),
    Trouble(
        "HTML", "horde", horde_answers(lambda: HTMLResponse("<html>Just a moment")), horde_answers(None), "not JSON"
    ),
    Trouble("HTML", "aipg", grid_answers(200, "<html>Just a moment"), grid_is_well, "no WebSocket there"),
    Trouble("key revoked", "horde", revoke_horde_key, give_horde_key, "key is not valid", "set horde --ask-api-key"),
    Trouble("key revoked", "aipg", revoke_grid_key, give_grid_key, "Invalid API key", "set aipg --ask-api-key"),
    Trouble("name taken", "horde", take_horde_name, rename("horde"), "belongs to someone else", "set horde --name"),
    Trouble("name taken", "aipg", take_grid_name, rename("aipg"), "registered to another", "set aipg --name"),
    Trouble(
        "maintenance", "horde", force_maintenance, end_maintenance, "maintenance: it drops too many jobs",
        "stoker networks maintenance horde off",
    ),
    Trouble("maintenance", "aipg", evict, wait, "recently evicted", lasts=10),
]  # fmt: skip


@pytest.mark.parametrize("trouble", SERVICES, ids=str)
@warped
async def test_trouble_with_a_service_is_told_and_touches_no_other(tmp_path: Path, trouble: Trouble) -> None:
    async with shared_node(tmp_path) as node, untouched(node, trouble.network):
        await trouble.begin(node)
        view = await node.looks(trouble.network, lambda view: trouble.reason in view.reason)
        assert view.state is NetworkState.PARKED
        assert trouble.remedy in view.remedy
        await asyncio.sleep(trouble.lasts)
        later = await node.view(trouble.network)
        assert later.state is NetworkState.PARKED
        assert trouble.reason in later.reason
        await trouble.end(node)


@pytest.mark.parametrize("network", ["horde", "aipg"])
@warped
async def test_half_open_sockets_are_given_up_and_touch_no_other(tmp_path: Path, network: str) -> None:
    async with shared_node(tmp_path) as node:
        port = node.services.horde_port if network == "horde" else node.services.grid.port
        async with wire(port) as line:
            await node.order("change_network", name=network, url=line.url + (BASE if network == "horde" else ""))
            await node.does(network, 2)
            async with untouched(node, network):
                line.freeze()
                told = ("did not answer within", "no answer within", "answered no pings")
                view = await node.looks(network, lambda view: any(words in view.reason for words in told))
                assert view.state is NetworkState.PARKED
                line.thaw()
