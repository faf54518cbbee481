"""Takes the engine's models off the card while the machine is needed elsewhere, and brings them back."""

from __future__ import annotations

import asyncio
import logging

from node.dispatcher import Dispatcher
from node.engines.base import Engine, EngineError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05


class Standby:
    """Follows the last order: stand back, or come back.

    Attributes:
        shelved: the models that were unloaded and will be loaded again.
    """

    def __init__(self, dispatcher: Dispatcher, engine: Engine) -> None:
        self.shelved: tuple[str, ...] = ()
        self._dispatcher = dispatcher
        self._engine = engine
        self._away = False
        self._told = asyncio.Event()

    def stand_back(self, reason: str) -> None:
        """Give back what may be given back, let the rest finish, and free the card's memory."""
        if self._dispatcher.yielding != reason:
            self._dispatcher.give_back(reason)
        if not self._away:
            self._away = True
            self._told.set()

    def come_back(self) -> None:
        """Load again what was unloaded."""
        if self._away:
            self._away = False
            self._dispatcher.keep()
            self._told.set()

    async def run(self) -> None:
        """Do what was told, until cancelled."""
        while True:
            self._told.clear()
            if self._away:
                await self._clear()
            elif self.shelved:
                await self._restore(self.shelved[0])
                continue
            try:
                async with asyncio.timeout(LOOK_SECONDS if self._away else None):
                    await self._told.wait()
            except TimeoutError:
                continue  # a model may have come meanwhile

    async def _clear(self) -> None:
        if self._dispatcher.unfinished():
            return  # the engine lets go within a second, and what may not be dropped is finished
        for model in await self._engine.models():
            await self._engine.unload(model.name)
            self.shelved = (*self.shelved, model.name)
            log.info("%s is unloaded: the machine is needed", model.name)
        await self._dispatcher.refresh()

    async def _restore(self, model: str) -> None:
        loading = asyncio.ensure_future(self._engine.load(model))
        told = asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait((loading, told), return_when=asyncio.FIRST_COMPLETED)
            if not loading.done():
                return
            self.shelved = self.shelved[1:]
            try:
                loading.result()
                log.info("%s is loaded again", model)
            except EngineError as error:
                log.warning("%s", error.message)
        finally:
            for task in (loading, told):
                task.cancel()
            await asyncio.gather(loading, told, return_exceptions=True)
        await self._dispatcher.refresh()
