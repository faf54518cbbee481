"""The control API as an ASGI app: what the node is, what happens, and what it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from node.control.codec import encode
from node.control.commands import Commands
from node.control.errors import ControlError, answer
from node.control.hub import Event, Hub
from node.control.query import body
from node.control.server import peer_of
from node.control.wire import PROTOCOL, History, LedgerEvent, Snapshot

HEARTBEAT_SECONDS = 10.0
REPLAY_PAGE = 500

Past = Callable[[int, int], Awaitable[Sequence[LedgerEvent]]]
"""Ledger events after an entry, at most so many."""


class Live:
    """The routes that speak of this very moment.

    Args:
        snapshot, history: what the observer says now. past: older ledger events, for clients that resume.
    """

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        history: Callable[[], History],
        past: Past,
        hub: Hub,
        commands: Commands,
    ) -> None:
        self._snapshot = snapshot
        self._history = history
        self._past = past
        self._hub = hub
        self._commands = commands

    def routes(self) -> list[Route]:
        return [
            Route("/state", self.state),
            Route("/history", self.history),
            Route("/events", self.events),
            Route("/commands/{name}", self.command, methods=["POST"]),
        ]

    async def state(self, _: Request) -> Response:
        return JSONResponse(encode(self._snapshot()))

    async def history(self, _: Request) -> Response:
        return JSONResponse(encode(self._history()))

    async def events(self, request: Request) -> Response:
        """Snapshots and ledger events, resumable by ``Last-Event-ID``."""
        sent = request.headers.get("last-event-id")
        if sent is not None and not (sent.isascii() and sent.isdigit() and len(sent) < 19):
            raise ControlError(400, "bad_argument", f"Last-Event-ID: got {sent[:60]!r}; expected an entry's number")
        return StreamingResponse(self._stream(None if sent is None else int(sent)), media_type="text/event-stream")

    async def command(self, request: Request) -> Response:
        """Do one command; the same key does it only once."""
        said = await body(request)
        arguments = said.get("arguments", {})
        if not isinstance(arguments, dict):
            raise ControlError(400, "bad_argument", "arguments: expected an object")
        uid, pid = peer_of(request.scope)
        done = await self._commands.give(request.path_params["name"], str(said.get("key", "")), arguments, uid, pid)
        return JSONResponse(done)

    async def _stream(self, after: int | None) -> AsyncIterator[bytes]:
        listener = self._hub.listen()
        try:
            yield Event("hello", json.dumps({"protocol": PROTOCOL})).encode()
            yield Event("snapshot", json.dumps(encode(self._snapshot()))).encode()
            reached = after
            while reached is not None and (page := await self._past(reached, REPLAY_PAGE)):
                yield b"".join(ledger_event(event).encode() for event in page)
                reached = page[-1].seq
            while (news := await listener.next(HEARTBEAT_SECONDS)) is not None:
                fresh = [event for event in news if event.id is None or reached is None or event.id > reached]
                yield b"".join(event.encode() for event in fresh) or b": still here\n\n"
        finally:
            self._hub.leave(listener)


def ledger_event(event: LedgerEvent) -> Event:
    """A ledger entry as it goes over the wire."""
    return Event("ledger", json.dumps(encode(event)), event.seq)


def build_app(routes: Sequence[BaseRoute], owner_endpoint: ASGIApp | None = None) -> Starlette:
    """The app over these routes; ``owner_endpoint`` serves ``/v1`` for whoever reaches the control socket."""
    mounts = [] if owner_endpoint is None else [Mount("/v1", _Whole(owner_endpoint))]
    return Starlette(routes=[*routes, *mounts], exception_handlers={ControlError: _refuse, 404: _nothing_here})


class _Whole:
    """Hands a mounted app the whole path, as it would see it at the root of a server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await self._app({**scope, "root_path": ""}, receive, send)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ControlError)
    return answer(error)


async def _nothing_here(request: Request, _: Exception) -> Response:
    return answer(ControlError(404, "unknown_path", f"there is nothing at {request.url.path[:200]}"))
