"""What every engine looks like to the node."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from node.jobs import Chunk, GenerationRequest


class EngineStatus(StrEnum):
    """What an engine is doing."""

    ABSENT = "absent"  # nothing to run, or no way to run it
    STARTING = "starting"
    READY = "ready"
    DOWN = "down"  # died or unreachable; being tried again
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """One look at an engine.

    Attributes:
        detail: one sentence for a person: what it is doing, or why it cannot.
        remedy: what the person can do about it, as a command where there is one; empty if nothing is needed.
        device: where it computes, such as ``CPU`` or ``NVIDIA GeForce RTX 4090 (CUDA)``; empty if unknown.
        restarts: how often it was started again since the node began.
    """

    status: EngineStatus
    detail: str = ""
    remedy: str = ""
    device: str = ""
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that an engine serves now.

    Attributes:
        name: the name that jobs use.
        context: tokens that one job may use, prompt and answer together; None if the engine does not say.
        slots: how many jobs of it run at once.
    """

    name: str
    context: int | None
    slots: int
    chat: bool = True
    embeddings: bool = False


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each text, and what they cost."""

    vectors: tuple[tuple[float, ...], ...]
    prompt_tokens: int


class EngineFault(StrEnum):
    """Whose fault a failed request is, and what to do with the job."""

    BAD_REQUEST = "bad_request"  # the request can never work: tell the client
    CONTEXT_EXCEEDED = "context_exceeded"  # prompt and answer do not fit: tell the client
    UNKNOWN_MODEL = "unknown_model"
    UNSUPPORTED = "unsupported"  # this model cannot do that
    UNAVAILABLE = "unavailable"  # the engine is not there (now)
    CRASHED = "crashed"  # it died under the job


class EngineError(Exception):
    """A request that an engine could not serve.

    Attributes:
        fault: the class of the failure.
        message: one sentence for the person who asked.
    """

    def __init__(self, fault: EngineFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


class Engine(Protocol):
    """How jobs are run. Capacity is counted by model; it may change at any time."""

    name: str

    @property
    def boxed(self) -> bool:
        """Whether it computes in a box (`node.box`). Strangers' prompts reach no engine outside one, unless the owner
        has switched that off by name (``engine.box``)."""

    async def run(self) -> None:
        """Start what has to be started, keep it alive, until cancelled; leaves nothing running."""

    async def models(self) -> list[ModelInfo]:
        """What it serves now; empty while it is not ready."""

    def slots(self, model: str) -> int:
        """How many jobs of this model may compute at once, now (0: not served)."""

    async def load(self, model: str) -> None:
        """Serve this model too.

        Raises:
            EngineError: it is unknown, does not fit, or cannot be read.
        """

    async def unload(self, model: str) -> None:
        """Stop serving this model and free its memory."""

    async def count_tokens(self, model: str, text: str) -> int:
        """How many tokens this text is for this model."""

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Turn texts into vectors."""

    def generate(self, request: GenerationRequest) -> AsyncIterator[Chunk]:
        """Compute an answer. Closing the iterator stops the computation within a second.

        Raises:
            EngineError: from the iteration, never from the call.
        """

    def health(self) -> EngineHealth:
        """The latest look at it; never blocks."""
