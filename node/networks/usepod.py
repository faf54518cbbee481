"""Use Pod (usepod.ai), experimental: jobs pushed over one WebSocket, paid in USDC by the token.

Source: ``Sortis-AI/usepod-agent`` d63ebc0 (2026-05-19) and the vendor's pages of 2026-05-12. The coordinator is
private: nothing here was tried against it, so it stays off until the owner says that they have asked the vendor.
"""

from __future__ import annotations

import base64
import os
import ssl
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import Field, field_validator

from node import __version__
from node.clock import Clock
from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk, JobState
from node.networks import websocket as family
from node.networks.base import JobEnded, Standing
from node.networks.kind import Enrolment, Kind, Options
from node.networks.websocket.address import socket_address
from node.networks.websocket.challenge import answered, checked_seed
from node.networks.websocket.events import EventStreams
from node.networks.websocket.frames import number_of, object_of, text_of, uuid_of
from node.networks.websocket.price import Price
from node.networks.websocket.vitals import Vitals
from wallet.money import Amount, Asset
from wallet.secret import Secret

HOME = "https://api.usepod.ai"
NOTICE = "Use Pod documents no other agents than its own: ask them whether this one is welcome, then set it to true"
AGENT = f"stoker/{__version__}"
USDC = Asset("USDC", 6)
PROVIDER_TENTHS = 8  # of the listed price
DEFAULT_DEADLINE_MS, LONGEST_DEADLINE_MS = 60_000, 3_600_000
EQUAL_REFUSALS, LONG_REST = 5, 600.0
CODES = {EngineFault.UNKNOWN_MODEL: "model_not_loaded", EngineFault.UNAVAILABLE: "backend_unreachable"}


class UsePodDialect:
    """Implements `node.networks.websocket.Dialect`: any number of jobs on one connection, no ack."""

    tls: ssl.SSLContext | None = None
    jobs_per_link: int | None = None
    ack_seconds: float | None = None
    pulse_seconds = 15.0

    def __init__(self, url: str, identity: Secret, price: Price, clock: Clock) -> None:
        self.url = url
        self.estimate = 0  # millionths of a micro-USDC at the listed prices, before the provider's share
        self._identity = identity
        self._price = price
        self._vitals = Vitals(clock)
        self._streams = EventStreams(clock)
        self._refusals = 0

    async def greet(self, link: family.Link, announcement: family.Announcement) -> None:
        """
        Raises:
            family.Refused: its reasons are not documented: so it is asked again, more and more seldom.
        """
        response = {"type": "auth_response", **answered(await link.receive(), self._identity)}
        await link.send({**response, "agent_version": AGENT})
        answer = await link.receive()
        if answer.get("type") != "auth_ok":
            self._refusals += 1
            rest = LONG_REST if self._refusals >= EQUAL_REFUSALS else 2.0**self._refusals
            raise family.Refused(f"Use Pod refuses this node: {str(answer.get('reason', 'unknown'))[:300]}", rest)
        self._refusals = 0
        models = [
            {
                "model_id": model.name,
                "input_per_1m": self._price.prompt,
                "output_per_1m": self._price.answer,
                "max_concurrent": announcement.jobs,
                "backend": "llamacpp",
                "context_window": model.context,
            }
            for model in sorted(announcement.models, key=lambda model: model.name)
        ]
        limits = {"max_concurrent_total": announcement.jobs, "max_tokens_per_minute": None}
        metadata = {"agent_version": AGENT}
        await link.send({"type": "capabilities", "models": models, "limits": limits, "metadata": metadata})

    def lost(self, lost: family.Lost) -> family.Refused | None:
        return None

    def hear(self, frame: family.Frame) -> family.Heard:
        """
        Raises:
            Garbage: a job lacks what it needs.
        """
        if frame.get("type") == "job_cancel":
            return family.Cancel(text_of(frame, "job_id"))
        if frame.get("type") != "job":
            return None
        job_id, model, body = uuid_of(frame, "job_id"), text_of(frame, "model_id"), object_of(frame, "request")
        milliseconds = number_of(frame, "deadline_ms", DEFAULT_DEADLINE_MS, LONGEST_DEADLINE_MS)
        if frame.get("format", "openai") == "anthropic":
            return family.Reply(_error(job_id, "internal", "this node speaks OpenAI's format only"))
        return family.Offer(job_id, model, body, max(1, milliseconds) / 1000)

    def piece(self, answer: family.Answer, chunk: Chunk) -> family.Frame | None:
        data = self._streams.piece(answer, chunk)
        return self._chunk(answer, data) if data else None

    def done(self, answer: family.Answer) -> tuple[family.Frame, ...]:
        usage = answer.usage
        read, written = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        self.estimate += self._price.millionths(usage)
        milliseconds = round(self._vitals.note(answer) * 1000)
        tokens = {"input": read, "output": written, "input_tokens": read, "output_tokens": written}
        done = {"type": "job_done", "job_id": answer.job_id, "duration_ms": milliseconds, "tokens": tokens}
        return self._chunk(answer, self._streams.closing(answer)), done

    def failed(self, answer: family.Answer, error: EngineError) -> family.Frame | None:
        return self._failed(answer, CODES.get(error.fault, "internal"), error.message)

    def ended(self, answer: family.Answer, ended: JobEnded) -> family.Frame | None:
        code = {JobState.EXPIRED: "backend_timeout", JobState.RETURNED: "out_of_capacity"}.get(ended.state, "internal")
        return self._failed(answer, code, ended.reason)

    def cancelled(self, answer: family.Answer) -> family.Frame | None:
        self._streams.drop(answer)
        return None

    def crowded(self, offer: family.Offer) -> family.Frame | None:
        return _error(offer.id, "out_of_capacity", "all places are taken")

    def pulse(self, load: family.Load) -> family.Frame | None:
        median, slow = self._vitals.latencies
        last = self._vitals.last_failure
        return {
            "type": "heartbeat",
            "queue_depth": load.in_hand,
            "tokens_per_sec_p50": self._vitals.tokens_per_second,
            "p50_latency_ms": round(median * 1000),
            "p95_latency_ms": round(slow * 1000),
            "error_rate_60s": self._vitals.error_rate,
            "last_error_at": datetime.fromtimestamp(last.wall_ns / 1e9, UTC).isoformat() if last else None,
            "last_error_code": last.code if last else None,
        }

    def _chunk(self, answer: family.Answer, data: bytes) -> family.Frame:
        answer.sent_bytes += len(data)
        return {"type": "job_chunk", "job_id": answer.job_id, "data": base64.b64encode(data).decode()}

    def _failed(self, answer: family.Answer, code: str, message: str) -> family.Frame:
        self._streams.drop(answer)
        self._vitals.note(answer, code)
        return _error(answer.job_id, code, message, answer.sent_bytes)


class UsePodOptions(Options):
    """What the owner says: that they asked, and their prices in micro-USDC for a million tokens."""

    asked_them: bool = Field(False, validate_default=True, description="You have asked Use Pod, and may.")
    prompt_price: int = Field(50_000, ge=1, le=10**12, description="Micro-USDC for a million tokens of prompts.")
    answer_price: int = Field(150_000, ge=1, le=10**12, description="Micro-USDC for a million tokens of answers.")

    @field_validator("asked_them")
    @classmethod
    def _have_been_asked(cls, asked: bool) -> bool:
        if not asked:
            raise ValueError(NOTICE)
        return asked


class UsePodNetwork(family.PushNetwork):
    """Implements `node.networks.base.Joinable`; its key is an Ed25519 seed that was made for this network alone."""

    def __init__(self, enrolment: Enrolment) -> None:
        """
        Raises:
            ValueError: the address or the key is none.
        """
        options: UsePodOptions = enrolment.options
        price = Price(options.prompt_price, options.answer_price)
        address = socket_address(enrolment.url, "/provider/connect", example=HOME)
        self._words = UsePodDialect(address, checked_seed(enrolment.key), price, enrolment.clock)
        models = {served: name or served for served, name in enrolment.models.items()}
        super().__init__(enrolment.name, self._words, models, enrolment.clock)

    @property
    def estimate(self) -> Amount:
        """What the work since the start is worth at the listed prices; the network states nothing and may cap them."""
        return Amount(self._words.estimate * PROVIDER_TENTHS // 10 // 10**6, USDC)

    async def probe(self) -> Standing:
        """What is known here: the network has no page for it."""
        standing = await super().probe()
        told = f"{standing.detail}; about {self.estimate} by the listed prices (an estimate: see its dashboard)"
        return replace(standing, detail=told)


KIND = Kind(UsePodNetwork, pays_money=True, options=UsePodOptions, new_key=lambda: Secret(os.urandom(32)))


def _error(job_id: str, code: str, message: str, sent: int = 0) -> family.Frame:
    return {"type": "job_error", "job_id": job_id, "error_code": code, "message": message[:300], "tokens_emitted": sent}
