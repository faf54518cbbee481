"""Which engine serves which model, as of the last look."""

from __future__ import annotations

from collections.abc import Sequence

from node.engines.base import Engine, EngineError, EngineFault, EngineStatus, ModelInfo


class Routing:
    """The engines and what they serve; where two serve the same model, the first does."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = tuple(engines)
        self._models: dict[str, tuple[Engine, ModelInfo]] = {}

    async def look(self) -> dict[str, int]:
        """Ask the engines: the slots of each model that is served now, and 0 for each that no longer is."""
        served: dict[str, tuple[Engine, ModelInfo]] = {}
        for engine in self._engines:
            for model in await engine.models():
                served.setdefault(model.name, (engine, model))
        gone = self._models.keys() - served.keys()
        self._models = served
        return dict.fromkeys(gone, 0) | {name: model.slots for name, (_, model) in served.items()}

    def models(self, engine: Engine | None = None) -> list[ModelInfo]:
        """What is served now, by this engine or by any."""
        return [model for owner, model in self._models.values() if engine in (None, owner)]

    def engine_for(self, model: str) -> Engine:
        """The engine that serves this model.

        Raises:
            EngineError: nobody does; the message says who does what.
        """
        if model in self._models:
            return self._models[model][0]
        for engine in self._engines:
            health = engine.health()
            if not self._models and health.status is not EngineStatus.READY:
                raise EngineError(EngineFault.UNAVAILABLE, health.detail or f"the engine is {health.status}")
        served = ", ".join(sorted(self._models)) or "none yet"
        raise EngineError(EngineFault.UNKNOWN_MODEL, f"model {model!r} is not served here; served: {served}")

    def trouble(self) -> str:
        """What the first engine says that has something to say."""
        return next((health.detail for engine in self._engines if (health := engine.health()).detail), "no engine")
