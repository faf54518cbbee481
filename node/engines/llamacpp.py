"""llama.cpp, embedded or of one of its builds for cards: one supervised child for each loaded model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import psutil

from node.box.isolation import Isolation, Level, examine
from node.clock import Clock
from node.engines.base import Embeddings, EngineError, EngineFault, EngineHealth, EngineStatus, ModelInfo
from node.engines.client import EngineClient
from node.engines.exits import Death
from node.engines.launch import environment, trial
from node.engines.program import Program
from node.engines.served import Checkup, ServedModel, Serving
from node.jobs import Chunk, GenerationRequest
from node.models.gguf import GgufError, GgufHeader, read_header

log = logging.getLogger(__name__)

LAST_WORDS_S = 1.0  # from a lost connection to the reason for the child's death


class LlamaCpp:
    """Runs models of the node's own store.

    Args:
        directory: where children run and leave their logs.
        models: the file of a model by its name, None if there is none.
        slots: jobs at once, of each model.
        context: tokens of one slot; no more than the model was made for.
        threads: processor threads of each child; None for all physical cores but one.
        isolate: finds out, once and in a thread, how children are boxed.
        program: what its children are; the engine that comes with Stoker if left out.
    """

    name = "llamacpp"

    def __init__(
        self,
        *,
        directory: Path,
        models: Callable[[str], Path | None],
        slots: int,
        context: int,
        threads: int | None,
        clock: Clock,
        checkup: Checkup | None = None,
        isolate: Callable[[], Isolation] | None = None,
        program: Program | None = None,
    ) -> None:
        self._directory = directory
        self._models = models
        self._slots = slots
        self._context = context
        self._threads = threads or default_threads()
        self._clock = clock
        self._checkup = checkup or Checkup()
        self._isolate = isolate or means_of_this_machine
        self._program = program or Program()
        self._isolation: Isolation | None = None
        self._served: dict[str, ServedModel] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changing = asyncio.Lock()
        self._failures: dict[str, EngineHealth] = {}
        self._stopped = False

    async def run(self) -> None:
        """Keep what is loaded alive, until cancelled."""
        self._stopped = False
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._stopped = True
            await asyncio.gather(*(self._stop(model) for model in list(self._served)))

    async def load(self, model: str) -> None:
        """Start a child for this model and wait until it can compute.

        Raises:
            EngineError: there is no such model (UNKNOWN_MODEL), its file is broken (UNSUPPORTED), or the engine cannot
                run it here (UNAVAILABLE); with what to do about it.
        """
        async with self._changing:
            if self._stopped:
                raise EngineError(EngineFault.UNAVAILABLE, "the engine is stopped")
            if model in self._served:
                return
            self._failures.pop(model, None)
            try:
                await self._begin(model)
            except EngineError as error:
                log.error("engine: %s cannot be loaded: %s", model, error.message)
                raise

    async def unload(self, model: str) -> None:
        """End this model's child. Harmless if it is not loaded."""
        async with self._changing:
            self._failures.pop(model, None)
            await self._stop(model)

    async def models(self) -> list[ModelInfo]:
        return [
            ModelInfo(
                name=name,
                context=served.serving.context,
                slots=served.serving.slots,
                chat=not served.serving.embeddings,
                embeddings=served.serving.embeddings,
            )
            for name, served in self._served.items()
            if served.ready
        ]

    def slots(self, model: str) -> int:
        served = self._served.get(model)
        return served.serving.slots if served is not None and served.ready else 0

    async def count_tokens(self, model: str, text: str) -> int:
        _, client = self._ready(model)
        return await client.count_tokens(model, text)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        served, client = self._ready(model)
        if not served.serving.embeddings:
            raise EngineError(EngineFault.UNSUPPORTED, f"model {model!r} chats; it does not make embeddings")
        try:
            return await client.embed(model, texts)
        except EngineError as error:
            raise await _with_cause(error, served, client) from None

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        served, client = self._ready(request.model)
        if served.serving.embeddings:
            raise EngineError(EngineFault.UNSUPPORTED, f"model {request.model!r} makes embeddings; it does not chat")
        chunks = client.generate(request)
        try:
            async for chunk in chunks:
                yield chunk
        except EngineError as error:
            raise await _with_cause(error, served, client) from None
        finally:
            await chunks.aclose()

    def health(self) -> EngineHealth:
        """The whole engine's: in trouble if any model is, but READY as long as one can compute."""
        looks = [served.health() for served in self._served.values()] + list(self._failures.values())
        if self._stopped or not looks:
            status = EngineStatus.STOPPED if self._stopped else EngineStatus.ABSENT
            return EngineHealth(status, "" if self._stopped else "no model is loaded")
        statuses = {look.status for look in looks}
        ranking = (EngineStatus.READY, EngineStatus.STARTING, EngineStatus.DOWN)
        status = next(status for status in ranking if status in statuses)
        worst = next((look for look in looks if look.status is EngineStatus.DOWN), None)
        told = worst or next(look for look in looks if look.status is status)
        device = next((look.device for look in looks if look.device), "")
        return EngineHealth(status, told.detail, told.remedy, device, sum(look.restarts for look in looks))

    @property
    def boxed(self) -> bool:
        return self._isolation is not None and self._isolation.level is not Level.NONE

    def runs_on_cpu(self) -> bool:
        """Whether a loaded model computes on the processor only, as far as its child has said."""
        said = [served.greeting for served in self._served.values() if served.greeting is not None]
        return any(greeting.gpu is None for greeting in said)

    async def _begin(self, model: str) -> None:
        file = self._models(model)
        if file is None:
            raise EngineError(EngineFault.UNKNOWN_MODEL, f"model {model!r} is not in the store")
        try:
            header = await asyncio.to_thread(read_header, file)
        except GgufError as error:
            self._failures[model] = EngineHealth(EngineStatus.DOWN, f"{model}: {error.what}", error.remedy)
            raise EngineError(EngineFault.UNSUPPORTED, str(error)) from None
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._isolation is None:
            self._isolation = await asyncio.to_thread(self._isolate)
            log.info("engine: models are served %s", self._isolation.words)
        if hindrance := await asyncio.to_thread(self._program.hindrance, self._isolation):
            raise EngineError(EngineFault.UNAVAILABLE, hindrance)
        served = ServedModel(
            self._serving(model, file, header),
            program=self._program,
            directory=self._directory,
            isolation=self._isolation,
            clock=self._clock,
            checkup=self._checkup,
        )
        self._served[model] = served
        self._tasks[model] = asyncio.create_task(served.run(), name=f"engine-{model}")
        try:
            await served.settled.wait()
        except asyncio.CancelledError:
            await self._stop(model)
            raise
        if not served.ready:
            await self._stop(model)
            death = served.first_end or Death("the engine was stopped while it loaded")
            self._failures[model] = EngineHealth(EngineStatus.DOWN, f"{model}: {death.detail}", death.remedy)
            fault = EngineFault.UNSUPPORTED if death.blames_model else EngineFault.UNAVAILABLE
            raise EngineError(fault, f"{model}: {death}")

    def _serving(self, model: str, file: Path, header: GgufHeader) -> Serving:
        return Serving(
            name=model,
            file=file.resolve(),
            file_bytes=header.file_bytes,
            slots=self._slots,
            context=min(self._context, header.context_length),
            threads=self._threads,
            embeddings=header.embeddings,
        )

    async def _stop(self, model: str) -> None:
        task = self._tasks.pop(model, None)
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        self._served.pop(model, None)

    def _ready(self, model: str) -> tuple[ServedModel, EngineClient]:
        served = self._served.get(model)
        if served is None:
            names = ", ".join(sorted(self._served)) or "none"
            raise EngineError(EngineFault.UNKNOWN_MODEL, f"model {model!r} is not loaded; loaded: {names}")
        if served.client is None:
            raise EngineError(EngineFault.UNAVAILABLE, served.health().detail)
        return served, served.client


def means_of_this_machine() -> Isolation:
    """How an engine's child can be boxed here. Blocking."""
    return examine(trial(), environment(Path("/")))


def default_threads() -> int:
    """All physical cores but one, which stays the owner's."""
    return max(1, (psutil.cpu_count(logical=False) or 2) - 1)


async def _with_cause(error: EngineError, served: ServedModel, client: EngineClient) -> EngineError:
    """A lost connection, explained by the death of the child behind it."""
    if error.fault not in (EngineFault.CRASHED, EngineFault.UNAVAILABLE):
        return error
    death = await served.next_death(client, LAST_WORDS_S)
    if death is None:
        return error
    return EngineError(EngineFault.CRASHED, f"{served.serving.name}: {death}")
