"""RPC nodes of a local chain, each with faults of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.methods import Methods

Fault = Callable[[], Response | None]
"""What is answered instead of the truth; None for the truth after all."""


class Node:
    """One RPC node: an ASGI application that answers at any path.

    Attributes:
        asked: how many requests came. delay: seconds before each answer. fault: set it to make the node misbehave.
    """

    def __init__(self, chain: Chain) -> None:
        self.methods = Methods(chain)
        self.asked = 0
        self.delay = 0.0
        self.fault: Fault | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        self.asked += 1
        await asyncio.sleep(self.delay)
        response = self.fault() if self.fault else None
        await (response or self._answer(body))(scope, receive, send)

    def _answer(self, body: bytes) -> Response:
        try:
            question = json.loads(body)
        except ValueError:
            question = None
        if not isinstance(question, dict):
            return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}})
        return JSONResponse(self.methods.answer(question))


class Nodes(httpx.AsyncBaseTransport):
    """The internet without sockets, as far as these nodes are it, by host name; other hosts cannot be reached."""

    def __init__(self, **nodes: Node) -> None:
        self._transports = {host: httpx.ASGITransport(node) for host, node in nodes.items()}

    def vanish(self) -> None:
        """No host can be reached any more."""
        self._transports.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._transports.get(request.url.host)
        if transport is None:
            raise httpx.ConnectError("connection refused")
        return await transport.handle_async_request(request)


def http(status: int, body: str = "", **headers: str) -> Fault:
    """A fault: this answer to everything."""
    return lambda: Response(body, status, {name.replace("_", "-"): text for name, text in headers.items()})


def rpc_error(code: int, message: str, status: int = 200) -> Fault:
    """A fault: this JSON-RPC error to everything."""
    return lambda: JSONResponse({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}}, status)


def once(fault: Fault) -> Fault:
    """A fault that happens one time."""
    left = [fault]
    return lambda: left.pop()() if left else None
