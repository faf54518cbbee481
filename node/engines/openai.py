"""An OpenAI-compatible server that somebody else runs: llama-server, Ollama, vLLM, LM Studio, KoboldCpp, by its URL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence

from node.clock import Clock
from node.engines.backoff import Backoff
from node.engines.base import Embeddings, EngineError, EngineFault, EngineHealth, EngineStatus, ModelInfo
from node.engines.client import EngineClient
from node.engines.listing import Listed
from node.engines.stream import Patience
from node.jobs import Chunk, GenerationRequest
from wallet.secret import Secret

log = logging.getLogger(__name__)


class OpenAIServer:
    """A server that is already running; the node looks at it, uses it, and never starts or stops it.

    Args:
        slots: how many jobs the owner lets run there at once, for each model.
        look_every: seconds between two looks at a server that answers.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: Secret | None,
        *,
        slots: int,
        clock: Clock,
        patience: Patience | None = None,
        look_every: float = 5.0,
    ) -> None:
        self.name = name
        self._client = EngineClient(url, key, patience=patience)
        self._slots = slots
        self._clock = clock
        self._look_every = look_every
        self._listed: dict[str, Listed] = {}
        self._withdrawn: set[str] = set()
        self._health = EngineHealth(EngineStatus.STARTING, f"looking for a server at {self._client.url}")
        self._down_since: float | None = None

    @property
    def boxed(self) -> bool:
        """It is somebody else's process: nobody knows what it may reach."""
        return False

    async def run(self) -> None:
        """Look at the server again and again."""
        backoff = Backoff()
        try:
            while True:
                await self.look()
                if self._health.status is EngineStatus.READY:
                    backoff.reset()
                    await asyncio.sleep(self._look_every)
                else:
                    await asyncio.sleep(backoff.next())
        finally:
            self._listed = {}
            self._health = EngineHealth(EngineStatus.STOPPED)
            await self._client.aclose()

    async def look(self) -> None:
        """Ask the server now what it serves."""
        try:
            listed = await self._client.models()
        except EngineError as error:
            self._listed = {}
            if self._down_since is None:
                self._down_since = self._clock.monotonic()
                log.warning("engine %s is down: %s", self.name, error.message)
            seconds = self._clock.monotonic() - self._down_since
            self._health = EngineHealth(
                EngineStatus.DOWN,
                f"{error.message} (for {seconds:.0f} s)",
                remedy=f"start the server at {self._client.url}, or correct its url and key in the settings",
            )
            return
        if self._health.status is not EngineStatus.READY:
            log.info("engine %s answers at %s and lists %d models", self.name, self._client.url, len(listed))
        self._down_since = None
        self._listed = {model.name: model for model in listed}
        self._health = EngineHealth(EngineStatus.READY, f"{len(listed)} models at {self._client.url}")

    async def models(self) -> list[ModelInfo]:
        return [
            ModelInfo(
                name=model.name,
                context=model.context,
                slots=self._slots,
                chat=not model.embeds,
                embeddings=model.embeds,
            )
            for model in self._listed.values()
            if model.name not in self._withdrawn
        ]

    def slots(self, model: str) -> int:
        return self._slots if self._serves(model) else 0

    async def load(self, model: str) -> None:
        """Offer a model that the server has. Whether it loads it before the first job is the server's own affair."""
        if model not in self._listed:
            await self.look()
        if model not in self._listed:
            if self._health.status is not EngineStatus.READY:
                raise EngineError(EngineFault.UNAVAILABLE, self._health.detail)
            raise self._unknown(model)
        self._withdrawn.discard(model)

    async def unload(self, model: str) -> None:
        """Offer this model no longer. Its memory is the server's, which we do not touch."""
        self._withdrawn.add(model)

    async def count_tokens(self, model: str, text: str) -> int:
        self._require(model)
        return await self._client.count_tokens(model, text)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        self._require(model)
        return await self._client.embed(model, texts)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        self._require(request.model)
        chunks = self._client.generate(request)
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            await chunks.aclose()

    def health(self) -> EngineHealth:
        return self._health

    def _serves(self, model: str) -> bool:
        return model in self._listed and model not in self._withdrawn

    def _require(self, model: str) -> None:
        if self._health.status in (EngineStatus.DOWN, EngineStatus.STOPPED):
            raise EngineError(EngineFault.UNAVAILABLE, self._health.detail or "the engine is stopped")
        if not self._serves(model):
            raise self._unknown(model)

    def _unknown(self, model: str) -> EngineError:
        names = ", ".join(sorted(self._listed)[:5]) or "no model at all"
        return EngineError(EngineFault.UNKNOWN_MODEL, f"model {model!r}: the engine {self.name} serves {names}")
