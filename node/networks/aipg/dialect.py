"""AI Power Grid's frames. Source: ``AIPowerGrid/grid-core`` 4ee16f7, ``grid-text-worker`` c03f7d1 (2026-08-21)."""

from __future__ import annotations

import ssl
from pathlib import Path

from node import __version__
from node.clock import Clock
from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk
from node.networks.aipg.registration import LONGEST_AGENT
from node.networks.aipg.strikes import Strikes
from node.networks.base import JobEnded, Remedy
from node.networks.websocket import (
    Ack,
    Announcement,
    Answer,
    Cancel,
    Frame,
    Heard,
    Link,
    Load,
    Lost,
    Offer,
    Refused,
    Reply,
)
from node.networks.websocket.answer import delta_of
from node.networks.websocket.frames import object_of, text_of
from wallet.money import Amount, Asset
from wallet.secret import Secret

DEN = Asset("den", 2)
"""The grid's work unit; it becomes AIPG by the hour."""

AGENT = f"Stoker:{__version__}:unofficial worker"[:LONGEST_AGENT]
QUIET_SECONDS = 3.0  # of ours during a job, before we give the grid an occasion to cancel it
JOB_SECONDS = 240.0  # the grid gives a job to somebody else too after 300
REPLACED = 1012
TEMPORARY = "recently evicted"
LONGEST_MESSAGE = 500
LARGEST_DEN = 1_000_000.0
CALLERS_FAULT = frozenset({EngineFault.BAD_REQUEST, EngineFault.CONTEXT_EXCEEDED, EngineFault.UNSUPPORTED})


class AipgDialect:
    """Implements `node.networks.websocket.Dialect`: one job for each connection, and an ack for each answer.

    Whatever is said while no job is in hand would be read as part of the next one: so nothing is.
    """

    jobs_per_link: int | None = 1
    ack_seconds: float | None = 10.0
    pulse_seconds = 1.0

    def __init__(self, url: str, tls: ssl.SSLContext | None, key: Secret, worker_name: str, clock: Clock) -> None:
        self.url = url
        self.tls = tls
        self._key = key
        self._name = worker_name
        self._clock = clock
        self._strikes: dict[int, Strikes] = {}

    @property
    def strikes(self) -> int:
        """The most that any of our names has now."""
        return max((one.count for one in self._strikes.values()), default=0)

    def name(self, place: int) -> str:
        """How the connection of that number is called on the grid."""
        return self._name if place == 1 else f"{self._name}#{place}"

    async def greet(self, link: Link, announcement: Announcement) -> None:
        """
        Raises:
            Refused: with the grid's reason; ``rest`` where it passes by itself.
        """
        await link.send(
            {
                "apikey": self._key.reveal(),
                "name": self.name(announcement.place),
                "models": [model.name for model in announcement.models],
                "job_types": ["text"],
                "max_length": min(model.context for model in announcement.models),
                "max_context_length": min(model.context for model in announcement.models),
                "api_formats": ["openai-chat"],
                "modalities": ["text"],
                "bridge_agent": AGENT,
            }
        )
        answer = await link.receive()
        if answer.get("type") == "ready":
            return
        if answer.get("type") != "error":
            raise Lost("the service does not answer as the grid does")
        message = str(answer.get("message", "no reason given"))[:LONGEST_MESSAGE]
        strikes = self._strikes_of(announcement.place)
        if TEMPORARY in message and not strikes.barred_for:
            strikes.evicted()
        told = f"the grid refuses the worker {self._name}: {message}"
        raise Refused(told, strikes.barred_for if TEMPORARY in message else None, _remedy(message))

    def lost(self, lost: Lost) -> Refused | None:
        if lost.code == REPLACED:
            return Refused(f"another worker has connected under the name {self._name}", remedy=Remedy.NAME)
        barred = max((one.barred_for for one in self._strikes.values()), default=0.0)
        if barred:
            return Refused("the grid has sent us away for a while: too many jobs failed here", barred)
        return None

    def hear(self, frame: Frame) -> Heard:
        """
        Raises:
            Garbage: a job lacks what it needs.
        """
        kind = frame.get("type")
        if kind == "ping":
            return Reply({"type": "pong"})
        if kind == "ack":
            return Ack(text_of(frame, "id"), _den(frame.get("den")))
        if kind == "cancel":
            return Cancel(text_of(frame, "id"))
        if kind != "job":
            return None
        job_id = text_of(frame, "id")
        payload = object_of(frame, "payload")
        if frame.get("job_type", "text") != "text" or payload.get("api_format", "openai-chat") != "openai-chat":
            return Reply(_error(job_id, "this worker takes text chats only", client=False))
        request = payload.get("request")
        body = dict(request) if isinstance(request, dict) else {}
        if "messages" not in body:
            body["messages"] = [{"role": "user", "content": text_of(payload, "prompt", 10_000_000)}]
        body.setdefault("max_tokens", payload.get("max_length"))
        return Offer(job_id, text_of(frame, "model"), body, JOB_SECONDS)

    def piece(self, answer: Answer, chunk: Chunk) -> Frame | None:
        delta = delta_of(chunk)
        if not delta:
            return None
        return {"type": "token", "id": answer.job_id, "delta": delta, "finish_reason": None}

    def done(self, answer: Answer) -> tuple[Frame, ...]:
        self._strikes_of(answer.place).clear()
        return (self._done(answer, answer.finish_reason or "stop"),)

    def cancelled(self, answer: Answer) -> Frame | None:
        return {**self._done(answer, "cancelled"), "cancelled": True}

    def failed(self, answer: Answer, error: EngineError) -> Frame | None:
        """A caller's fault is told and costs nothing. Before the first token a job is handed back by leaving, which
        costs nothing either; later the caller must hear of it, and that is a strike."""
        if error.fault in CALLERS_FAULT:
            return _error(answer.job_id, error.message, client=True)
        if not answer.pieces and answer.ended_at is None:
            return None
        self._strikes_of(answer.place).add(answer.job_id)
        return _error(answer.job_id, "the worker could not finish the answer", client=False)

    def ended(self, answer: Answer, ended: JobEnded) -> Frame | None:
        return None

    def crowded(self, offer: Offer) -> Frame | None:
        return None

    def pulse(self, load: Load) -> Frame | None:
        """The grid cancels in reaction to a frame only, and drops who is silent for 300 s with a job in hand."""
        return {"type": "pong"} if load.in_hand and load.silence >= QUIET_SECONDS else None

    def _done(self, answer: Answer, finish_reason: str) -> Frame:
        frame: dict[str, object] = {
            "type": "done",
            "id": answer.job_id,
            "full_text": answer.text,
            "full_reasoning": answer.reasoning,
            "finish_reason": finish_reason,
        }
        if answer.usage is not None:
            frame["usage"] = {
                "prompt_tokens": answer.usage.prompt_tokens,
                "completion_tokens": answer.usage.completion_tokens,
                "total_tokens": answer.usage.total_tokens,
            }
        return frame

    def _strikes_of(self, place: int) -> Strikes:
        return self._strikes.setdefault(place, Strikes(self._clock))


def trust(root: Path | None = None) -> ssl.SSLContext:
    """What the system trusts, and one root more.

    Args:
        root: a PEM file. The grid's worker address is signed by Cloudflare's authority for origin servers, which no
            system trusts by itself; Cloudflare publishes its root.
    """
    context = ssl.create_default_context()
    if root is not None:
        context.load_verify_locations(cafile=root)
    return context


def _remedy(message: str) -> str:
    remedies = {
        "Invalid API key": Remedy.KEY,
        "already registered to another account": Remedy.NAME,
        "lacks worker.connect scope": Remedy.WORKERS_KEY,
    }
    return next((words for part, words in remedies.items() if part in message), "")


def _den(value: object) -> Amount | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LARGEST_DEN:
        return None
    return Amount(round(value * 100), DEN)


def _error(job_id: str, message: str, *, client: bool) -> Frame:
    return {"type": "error", "id": job_id, "message": message[:LONGEST_MESSAGE], "client_error": client}
