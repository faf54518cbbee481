"""The coordinator: sockets, queue, books and pages behind one port of this machine."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from node.clock import Clock, SystemClock
from node.networks.aipg.strikes import Strikes
from node.rehearsal.aipg.account import Pages
from node.rehearsal.aipg.books import Books, Earned, Name
from node.rehearsal.aipg.den import den, paid_tokens, tokens
from node.rehearsal.aipg.progress import Progress
from node.rehearsal.aipg.queue import Ask, Frame, JobQueue, Outcome, Taker
from node.rehearsal.aipg.register import Registration
from node.rehearsal.aipg.socket import WorkerSocket

PATH = "/v1/workers/ws"
DEFAULT_LENGTH = 32768


@dataclass(frozen=True)
class Rules:
    """Seconds and bytes, as the grid has them."""

    handshake: float = 30.0
    ping: float = 10.0
    ping_answer: float = 0.5
    stall: float = 300.0
    cancel_check: float = 0.3
    sweep_every: float = 60.0
    sweep_after: float = 300.0
    keepalive: float = 20.0
    frame_bytes: int = 16 * 1024 * 1024


@dataclass
class Faults:
    """What may go wrong on purpose.

    Attributes:
        ack_after: seconds before an ack; None for never. ack_twice: send it again.
        page: what every page answers instead: a status and a body. retry_after: seconds that go with it.
        unsettled: settlement fails: no ack, and the job stays open.
    """

    ack_after: float | None = 0.0
    ack_twice: bool = False
    page: tuple[int, str] | None = None
    retry_after: int | None = None
    unsettled: bool = False


class Coordinator:
    """Serves while its ``serving`` block lasts; its state outlives that, as a restarted service's does."""

    def __init__(self, rules: Rules | None = None, clock: Clock | None = None) -> None:
        self.rules = rules or Rules()
        self.clock = clock or SystemClock()
        self.books = Books()
        self.faults = Faults()
        self.strikes: dict[str, Strikes] = {}
        self.online: dict[str, WorkerSocket] = {}
        self.completed: set[str] = set()
        self.asks: list[Ask] = []
        self.greeted = 0
        self.dialled = 0
        self.queue = JobQueue(self._takers)
        self.port = 0
        self._pages = Pages(self.books, self)
        self._sockets: set[WorkerSocket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self, port: int | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Coordinator]:
        """Listen on loopback; at the end every socket is cut, as when the service restarts."""
        server: Server = await serve(
            self._serve,
            "127.0.0.1",
            self.port if port is None else port,
            process_request=self._page,
            max_size=self.rules.frame_bytes,
            ping_interval=self.rules.keepalive,
            ping_timeout=self.rules.keepalive,
            compression=None,
            ssl=tls,
        )
        self.port = next(iter(server.sockets)).getsockname()[1]
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield self
        finally:
            sweeping.cancel()
            self.cut_all()
            server.close()
            with suppress(asyncio.CancelledError):
                await sweeping
            await server.wait_closed()

    def cut_all(self) -> None:
        """Every socket drops at once."""
        for socket in list(self._sockets):
            socket.drop()

    def ask(self, model: str, text: str = "hello", **wants: object) -> Ask:
        """A caller wants a chat.

        Args:
            wants: further fields of the request; ``target``, ``validation`` and ``api_format`` are not part of it.
        """
        target, validation = wants.pop("target", None), bool(wants.pop("validation", False))
        api_format = str(wants.pop("api_format", "openai-chat"))
        request: dict[str, object] = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": DEFAULT_LENGTH,
            "stream": False,
            "n": 1,
            "seed": 5440029476238170,
        } | wants
        payload: dict[str, object] = {
            "request": request,
            "api_format": api_format,
            "prompt": f"User: {text}\nAssistant:",
            "max_length": request["max_tokens"],
            "temperature": request["temperature"],
            "top_p": request["top_p"],
        }
        ask = Ask(str(uuid4()), model, payload, validation, None if target is None else str(target))
        self.asks.append(ask)
        self.queue.put(ask)
        return ask

    def served(self) -> tuple[str, ...]:
        """Model ids that somebody online has announced."""
        told = [socket.registration for socket in self.online.values()]
        listed = {model for one in told if one is not None and isinstance(one.models, list) for model in one.models}
        return tuple(sorted(listed))

    # For sockets

    async def arrived(self, socket: WorkerSocket, told: Registration) -> Name:
        """A worker is let in; an older socket of its name goes."""
        entry = self.books.name(socket.name, told.account)
        entry.models = list(told.models) if isinstance(told.models, list | str) else []
        self.greeted += 1
        older = self.online.get(socket.name)
        self.online[socket.name] = socket
        if older is not None:
            await older.replaced()
        return entry

    def left(self, socket: WorkerSocket) -> None:
        if self.online.get(socket.name) is socket:
            del self.online[socket.name]
        self.queue.give_back(socket)

    def strike(self, name: str, job_id: str) -> bool:
        """Count a failure against a name; whether it is evicted for it."""
        return self.strikes.setdefault(name, Strikes(self.clock)).add(job_id)

    def settle(self, ask: Ask, progress: Progress, socket: WorkerSocket) -> float | None:
        """Pay for a finished job; None if the database did not take it."""
        if self.faults.unsettled:
            return None
        told = socket.registration
        assert told is not None
        if socket.name in self.strikes:
            self.strikes[socket.name].clear()
        units = 0.0
        if ask.id not in self.completed and not ask.validation:
            limit = ask.payload["max_length"]
            spoken = tokens(progress.text) + tokens(progress.reasoning)
            paid = paid_tokens(spoken, progress.said, progress.frames, limit if type(limit) is int else spoken)
            words = len(str(ask.payload.get("prompt", "")).split())
            context = told.max_context_length
            units = den(paid, min(words, context) if isinstance(context, int) else words, ask.model)
            self.books.earned.append(Earned(ask.id, told.account, socket.name, ask.model, units, self.clock.wall_ns()))
        self.completed.add(ask.id)
        ask.close(
            Outcome(
                200,
                progress.text,
                progress.reasoning,
                tuple(progress.tool_calls.values()),
                progress.finish_reason,
                socket.name,
                units,
            )
        )
        return units

    async def acknowledge(self, socket: WorkerSocket, ask: Ask, units: float | None) -> None:
        """Tell the worker what it got, in the way the faults have it."""
        if units is None or self.faults.ack_after is None:
            return
        frame = json.dumps({"type": "ack", "id": ask.id, "den": units})
        if self.faults.ack_after:
            await asyncio.sleep(self.faults.ack_after)
        for _ in range(2 if self.faults.ack_twice else 1):
            await socket.ws.send(frame)

    # Inside

    def _takers(self) -> list[Taker]:
        return list(self.online.values())

    async def _serve(self, ws: ServerConnection) -> None:
        socket = WorkerSocket(ws, self)
        self.dialled += 1
        self._sockets.add(socket)
        try:
            await socket.serve()
        except ConnectionClosed:
            pass
        finally:
            self._sockets.discard(socket)

    def _page(self, connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == PATH and self.faults.page is None:
            return None
        status, body, kind = 200, "", "application/json"
        if self.faults.page is not None:
            status, body = self.faults.page
            kind = "text/html" if body.startswith("<") else kind
        else:
            status, answer = self._pages.answer(request.path, _key(request.headers))
            body = json.dumps(answer)
        raw = body.encode()
        headers = Headers({"Content-Type": kind, "Content-Length": str(len(raw)), "Connection": "close"})
        if self.faults.retry_after is not None:
            headers["Retry-After"] = str(self.faults.retry_after)
        return Response(status, HTTPStatus(status).phrase, headers, raw)

    async def _sweep(self) -> None:
        """What nobody has acknowledged for too long goes to somebody else too."""
        while True:
            await asyncio.sleep(self.rules.sweep_every)
            for socket in list(self.online.values()):
                ask = socket.current
                if ask and ask.open and self.clock.monotonic() - ask.taken_at >= self.rules.sweep_after:
                    self.queue.put(ask)


def _key(headers: Mapping[str, str]) -> str:
    return headers.get("apikey") or headers.get("Authorization", "").removeprefix("Bearer ")


__all__ = ["Coordinator", "Faults", "Frame", "Rules"]
