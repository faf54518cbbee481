"""Which model the engine serves: the one of the settings, as soon as it is here."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from node.engines.base import Engine, EngineError
from node.models.store import InstalledModel, ModelStore

log = logging.getLogger(__name__)

CONTEXT_SHARE = 1.2  # what a model takes beside its weights, roughly


class Loader:
    """Loads what is wanted, and can say what is missing or on its way.

    Attributes:
        loading: the model that is being loaded; empty if none is.

    Args:
        wanted: the model of the settings; empty where the engine brings its own.
        changed: told after each attempt, so that what is served now is known at once.
    """

    def __init__(self, store: ModelStore, engine: Engine, wanted: str, changed: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._engine = engine
        self._wanted = wanted
        self._changed = changed
        self.loading = wanted

    def missing(self) -> str:
        """The wanted model, if it is not here; empty if it is."""
        return self._wanted if self._wanted and self._store.path(self._wanted) is None else ""

    def weight(self, model: str) -> int:
        """Bytes of card memory that a model takes, roughly: its file and a fifth for its context."""
        path = self._store.path(model)
        return 0 if path is None else round(CONTEXT_SHARE * path.stat().st_size)

    async def load_first(self) -> None:
        """Load the wanted model; if it is not here, the state line says how to get it."""
        if self.missing():
            self.loading = ""
        elif self._wanted:
            await self._load(self._wanted)

    async def arrived(self, model: InstalledModel) -> None:
        """A model has come. If nothing is served yet, it is the one that was waited for."""
        if model.name == self._wanted or not await self._engine.models():
            await self._load(model.name)

    async def _load(self, model: str) -> None:
        self.loading = model
        try:
            await self._engine.load(model)
        except EngineError as error:
            log.warning("%s", error.message)
        finally:
            await self._changed()
            self.loading = ""
