"""A stand-in Use Pod: the provider's WebSocket as the protocol notes have it, with books at the listed price.

Facts from ``Sortis-AI/usepod-agent`` d63ebc0 (2026-05-19); what a provider must not do is kept in ``complaints``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from node.clock import Clock, SystemClock

HEARTBEAT = {
    "queue_depth",
    "tokens_per_sec_p50",
    "p50_latency_ms",
    "p95_latency_ms",
    "error_rate_60s",
    "last_error_at",
    "last_error_code",
}


@dataclass
class PodJob:
    """What one job came to: ``ended`` has ``job_done`` or ``job_error`` once it came."""

    id: str
    model: str
    request: Mapping[str, object]
    data: bytes = b""
    cancelled: bool = False
    ended: asyncio.Future[dict[str, object]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def text(self) -> str:
        """What the caller reads out of the event stream."""
        events = [line[6:] for line in self.data.decode().splitlines() if line.startswith("data: ")]
        choices = [choice for event in events if event != "[DONE]" for choice in json.loads(event)["choices"]]
        return "".join(str(choice["delta"].get("content", "")) for choice in choices)


class Pod:
    """The coordinator. ``known`` are the public keys that were paired; any key if it is None."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.port = 0
        self.known: set[bytes] | None = None
        self.nonce_bytes = 32
        self.jobs: dict[str, PodJob] = {}
        self.complaints: list[str] = []
        self.capabilities: list[dict[str, object]] = []
        self.heartbeats: list[float] = []
        self.dialled = 0
        self.earned = 0  # millionths of a micro-USDC at the listed prices
        self.ready = asyncio.Event()
        self._socket: ServerConnection | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Pod]:
        """Listen on loopback."""
        server = await serve(self._serve, "127.0.0.1", self.port, compression=None)
        self.port = next(iter(server.sockets)).getsockname()[1]
        try:
            yield self
        finally:
            self.cut()
            server.close()
            await server.wait_closed()

    def cut(self) -> None:
        """The connection breaks off."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def close(self) -> None:
        """A clean end, as at a deploy."""
        assert self._socket is not None
        await self._socket.close()

    async def say(self, message: object) -> None:
        """Send a frame, or garbage."""
        assert self._socket is not None
        await self._socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def job(self, model: str, text: str = "hi", **more: object) -> PodJob:
        """A caller wants a chat; ``more`` are further fields of the job frame."""
        request = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 64, "stream": True}
        job = PodJob(str(uuid4()), model, request)
        self.jobs[job.id] = job
        await self.say({"type": "job", "job_id": job.id, "model_id": model, "request": request} | more)
        return job

    async def cancel(self, job: PodJob) -> None:
        job.cancelled = True
        await self.say({"type": "job_cancel", "job_id": job.id})

    async def _serve(self, ws: ServerConnection) -> None:
        self.dialled += 1
        with suppress(ConnectionClosed):
            if not await self._let_in(ws):
                return
            self._socket = ws
            first = json.loads(await ws.recv())
            if first.get("type") != "capabilities":
                self.complaints.append(f"the first frame after auth_ok was {first.get('type')}")
            self._check(first)
            self.capabilities.append(first)
            self.ready.set()
            async for message in ws:
                self._hear(json.loads(message))
        self.ready.clear()

    async def _let_in(self, ws: ServerConnection) -> bool:
        nonce = secrets.token_bytes(self.nonce_bytes)
        await ws.send(json.dumps({"type": "auth_challenge", "nonce": base64.b64encode(nonce).decode()}))
        response = json.loads(await ws.recv())
        key = base64.b64decode(response["pubkey"], validate=True)
        reason = "" if self.known is None or key in self.known else "unknown key"
        try:
            VerifyKey(key).verify(nonce, base64.b64decode(response["signature"], validate=True))
        except BadSignatureError:
            reason = "bad signature"
        if reason:
            await ws.send(json.dumps({"type": "auth_failed", "reason": reason}))
            return False
        await ws.send(json.dumps({"type": "auth_ok", "provider_id": "p-1"}))
        return True

    def _check(self, told: Mapping[str, object]) -> None:
        models = told.get("models")
        for model in models if isinstance(models, list) else []:
            for name in ("input_per_1m", "output_per_1m", "max_concurrent"):
                if type(model.get(name)) is not int or model[name] < 1:
                    self.complaints.append(f"capabilities: {name} is {model.get(name)!r}")
            if "context_window" in model and type(model["context_window"]) is not int:
                self.complaints.append("capabilities: context_window is no integer")

    def _hear(self, frame: dict[str, object]) -> None:
        if frame["type"] == "heartbeat":
            self.heartbeats.append(self.clock.monotonic())
            if frame.keys() - {"type"} != HEARTBEAT:
                self.complaints.append(f"a heartbeat has {sorted(frame)}")
            return
        job = self.jobs.get(str(frame.get("job_id")))
        if job is None or job.cancelled or job.ended.done():
            self.complaints.append(f"{frame['type']} for a job that is none, cancelled or over")
        elif frame["type"] == "job_chunk":
            job.data += base64.b64decode(str(frame["data"]), validate=True)
        elif frame["type"] in ("job_done", "job_error"):
            self._settle(job, frame)
        else:
            self.complaints.append(f"an unknown frame {frame['type']}")

    def _settle(self, job: PodJob, frame: dict[str, object]) -> None:
        tokens = frame.get("tokens")
        if isinstance(tokens, dict):
            (listed,) = [one for one in self._listed() if one["model_id"] == job.model]
            self.earned += tokens["input"] * int(str(listed["input_per_1m"]))
            self.earned += tokens["output"] * int(str(listed["output_per_1m"]))
        job.ended.set_result(frame)

    def _listed(self) -> list[dict[str, object]]:
        models = self.capabilities[-1]["models"]
        return models if isinstance(models, list) else []
