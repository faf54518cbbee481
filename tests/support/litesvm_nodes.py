"""RPC nodes by host name, each with its own faults, as one transport for httpx: no sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
from litesvm_chain import Chain
from litesvm_rpc import Methods, make_app


class Node:
    """One RPC node of a chain. Set a fault to make it misbehave; ``asked`` counts its requests."""

    def __init__(self, chain: Chain) -> None:
        self.methods = Methods(chain)
        self.asked = 0
        self.delay = 0.0
        self.fault: Callable[[], httpx.Response | None] | None = None
        self._app = httpx.ASGITransport(make_app(self.methods))

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        response = self.fault() if self.fault else None
        return response or await self._app.handle_async_request(request)


class Nodes(httpx.AsyncBaseTransport):
    """The internet, as far as these nodes are it; other hosts cannot be reached."""

    def __init__(self, **nodes: Node) -> None:
        self._nodes = nodes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        node = self._nodes.get(request.url.host)
        if node is None:
            raise httpx.ConnectError("connection refused")
        return await node.handle(request)


def http(status: int, body: str = "", **headers: str) -> Callable[[], httpx.Response]:
    """A fault: this answer to everything."""
    return lambda: httpx.Response(
        status, text=body, headers={key.replace("_", "-"): text for key, text in headers.items()}
    )


def rpc_error(code: int, message: str, status: int = 200) -> Callable[[], httpx.Response]:
    """A fault: this JSON-RPC error to everything."""
    return lambda: httpx.Response(status, json={"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}})


def once(fault: Callable[[], httpx.Response]) -> Callable[[], httpx.Response | None]:
    """A fault that happens one time."""
    left = [fault]
    return lambda: left.pop()() if left else None
