"""One worker's socket, from its first frame to its loss."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from node.rehearsal.aipg.books import stamp
from node.rehearsal.aipg.progress import Broken, Progress
from node.rehearsal.aipg.queue import MOST_ATTEMPTS, MOST_BOUNCES, Ask, Frame, Outcome
from node.rehearsal.aipg.register import Dropped, Registration, Turned, read_first, register

if TYPE_CHECKING:
    from node.rehearsal.aipg.coordinator import Coordinator


class WorkerSocket:
    """Reads in turn, never beside its work: what a worker sends unasked is read as part of its next job."""

    def __init__(self, ws: ServerConnection, coordinator: Coordinator) -> None:
        self.ws = ws
        self.name = ""
        self.busy = False
        self.held: deque[Ask] = deque()
        self.heard: list[Mapping[str, object]] = []
        self.current: Ask | None = None
        self.registration: Registration | None = None
        self._coordinator = coordinator
        self._news = asyncio.Event()
        self._lost = asyncio.Event()

    def fits(self, ask: Ask) -> bool:
        """Whether such a job comes to this socket."""
        told = self.registration
        return (
            told is not None
            and not self._lost.is_set()
            and "text" in told.job_types
            and told.serves(ask.model)
            and ask.api_format in told.api_formats
            and ask.target in (None, self.name)
        )

    def wake(self) -> None:
        """Something has come for it."""
        self._news.set()

    def drop(self) -> None:
        """Cut the TCP connection, without a word."""
        self._lost.set()
        self._news.set()
        self.ws.transport.abort()

    async def replaced(self) -> None:
        """The same name has come again."""
        self._lost.set()
        self._news.set()
        await self.ws.close(1012)

    async def serve(self) -> None:
        """Until the worker is gone."""
        rules = self._coordinator.rules
        try:
            async with asyncio.timeout(rules.handshake):
                first = read_first(await self.ws.recv())
            self.registration = register(first, self._coordinator.books, self._coordinator.strikes)
        except Turned as turned:
            await self._send({"type": "error", "message": turned.message})
            await self.ws.close(turned.code)
            return
        except (Dropped, TimeoutError):
            self.drop()
            return
        except ConnectionClosed:
            return
        self.name = self.registration.name
        entry = await self._coordinator.arrived(self, self.registration)
        try:
            await self._send({"type": "ready", "worker_id": entry.worker_id})
            while not self._lost.is_set():
                ask = await self._next()
                if ask is not None:
                    await self._work(ask)
        except ConnectionClosed:
            pass
        finally:
            self._lost.set()
            entry.last_seen = stamp(self._coordinator.clock.wall_ns())
            self._coordinator.left(self)

    async def _next(self) -> Ask | None:
        """The next job; pings while there is none."""
        self.busy = False
        self._coordinator.queue.deal()
        self._news.clear()
        if not self.held:
            try:
                async with asyncio.timeout(self._coordinator.rules.ping):
                    await self._news.wait()
            except TimeoutError:
                await self._send({"type": "ping"})
                try:
                    async with asyncio.timeout(self._coordinator.rules.ping_answer):
                        self._note(await self.ws.recv())
                except TimeoutError:
                    pass
        if not self.held or self._lost.is_set():
            return None
        self.busy = True
        return self.held.popleft()

    async def _work(self, ask: Ask) -> None:
        clock = self._coordinator.clock
        self.current = ask
        ask.taken_at = clock.monotonic()
        progress = Progress(ask)
        told = False
        checked = clock.monotonic()
        try:
            await self._send(ask.frame())
            while True:
                async with asyncio.timeout(self._coordinator.rules.stall):
                    frame = self._note(await self.ws.recv())
                now = clock.monotonic()
                if now - checked >= self._coordinator.rules.cancel_check:
                    checked = now
                    if ask.cancelled and not told:
                        told = True
                        await self._send({"type": "cancel", "id": ask.id})
                if progress.hear(frame):
                    break
        except (TimeoutError, Broken):
            self.drop()
            self._requeue(ask)
            return
        except (ConnectionClosed, asyncio.CancelledError):
            self._requeue(ask)
            raise
        finally:
            self.current = None
        await self._conclude(ask, progress)

    async def _conclude(self, ask: Ask, progress: Progress) -> None:
        if progress.failed and ask.api_format == "openai-chat":
            await self._failed(ask, progress)
        elif progress.failed:
            ask.close(Outcome(400 if progress.client_error else 502, message=progress.message))
        else:
            den = self._coordinator.settle(ask, progress, self)
            await self._coordinator.acknowledge(self, ask, den)

    async def _failed(self, ask: Ask, progress: Progress) -> None:
        if progress.client_error:
            ask.close(Outcome(400, worker=self.name, message=progress.message))
            return
        if not ask.validation and self._coordinator.strike(self.name, ask.id):
            self.drop()
        ask.attempts += 1
        if progress.frames:
            ask.close(Outcome(502, worker=self.name, message="Worker failed mid-generation; please retry."))
        elif ask.attempts >= MOST_ATTEMPTS:
            ask.close(Outcome(502, worker=self.name, message="No worker could complete this job; giving up."))
        else:
            self._coordinator.queue.put(ask, first=True)

    def _requeue(self, ask: Ask) -> None:
        ask.bounces += 1
        if ask.id in self._coordinator.completed or not ask.open:
            return
        if ask.bounces > MOST_BOUNCES:
            ask.close(Outcome(502, message="No worker could complete this job; giving up."))
        else:
            self._coordinator.queue.put(ask, first=True)

    async def _send(self, frame: Frame) -> None:
        await self.ws.send(json.dumps(frame))

    def _note(self, message: str | bytes) -> Mapping[str, object]:
        """
        Raises:
            Broken: it is binary or no JSON object.
        """
        try:
            frame = read_first(message)
        except Dropped:
            raise Broken from None
        self.heard.append(frame)
        return frame
