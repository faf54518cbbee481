"""One HTTP request and its answer, on bare ASGI: what a framework adds per chunk is what a relay cannot spend."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from node.networks.local.errors import ApiError
from node.networks.local.limits import Limits

Headers = tuple[tuple[bytes, bytes], ...]

JSON: Headers = ((b"content-type", b"application/json"),)
EVENTS: Headers = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"))


class ClientGone(Exception):
    """The client has closed its connection: there is nobody to answer."""


class Reply:
    """The answer to one request."""

    def __init__(self, send: Send) -> None:
        self.started = False
        self._send = send

    def start(self, status: int, headers: Headers) -> Awaitable[None]:
        """Send the status line and the headers."""
        self.started = True
        return self._send({"type": "http.response.start", "status": status, "headers": headers})

    def write(self, body: bytes) -> Awaitable[None]:
        """Send some of the body; waits while the client reads too slowly."""
        return self._send({"type": "http.response.body", "body": body, "more_body": True})

    def end(self, body: bytes = b"") -> Awaitable[None]:
        """Send the last of the body."""
        return self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def whole(self, status: int, body: bytes, headers: Headers = ()) -> None:
        """Send a JSON answer at once."""
        await self.start(status, (*JSON, (b"content-length", b"%d" % len(body)), *headers))
        await self.end(body)

    async def json(self, content: object) -> None:
        await self.whole(200, json.dumps(content).encode())

    async def error(self, error: ApiError) -> None:
        await self.whole(error.status, error.body(), error.headers)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of this name (lower case), if there is one."""
    for known, value in scope["headers"]:
        if known == name:
            found: bytes = value
            return found
    return None


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """The request's body, never more of it in memory than the limit.

    Raises:
        ApiError: it is too large (413) or comes too slowly (408).
        ClientGone: it never came whole.
    """
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > limits.body_bytes:
        raise _too_large(f"{int(declared):,} bytes", limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                body += message.get("body", b"")
                if len(body) > limits.body_bytes:
                    raise _too_large(f"more than {limits.body_bytes:,} bytes", limits)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        message_text = f"the request body did not come whole within {limits.body_seconds:g} s; send it again"
        raise ApiError(408, message_text, code="request_timeout") from None


def _too_large(size: str, limits: Limits) -> ApiError:
    return ApiError(
        413,
        f"the request body is {size}; this node takes {limits.body_bytes:,} bytes at most: send a shorter conversation",
        code="request_too_large",
    )
