"""Downloads and imports under way: one for each model, watched by as many as like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from node.clock import Clock
from node.control.wire import Transfer
from node.models.catalogue import UnknownModelError
from node.models.errors import StoreError
from node.models.partial import Progress
from node.models.store import InstalledModel, ModelStore

TELL_EVERY = 0.25  # seconds between two looks at the progress


@dataclass(slots=True)
class _Moving:
    """One transfer."""

    task: asyncio.Task[InstalledModel]
    detail: str
    started: float
    done: int = 0
    total: int | None = None
    told: list[tuple[float, int]] = field(default_factory=list)


class Transfers:
    """Runs transfers into the store, each in a task of its own.

    Args:
        arrived: told of each model that has come.
    """

    def __init__(self, store: ModelStore, clock: Clock, arrived: Callable[[InstalledModel], Awaitable[None]]) -> None:
        self._store = store
        self._clock = clock
        self._arrived = arrived
        self._moving: dict[str, _Moving] = {}

    def pull(self, name: str) -> None:
        """Begin to fetch a model of the catalogue; nothing new if that is under way.

        Raises:
            UnknownModelError: the catalogue does not have it.
        """
        entry = self._store.catalogue.find(name)
        if entry is None:
            raise UnknownModelError(name, self._store.catalogue.names)
        if name not in self._moving:
            self._begin(name, f"from {entry.source}", lambda progress: self._store.pull(name, progress))

    def bring(self, path: Path, name: str | None) -> str:
        """Begin to copy a file into the store; the name under which to watch it.

        Raises:
            StoreError: that name is busy.
        """
        label = name or path.name
        if label in self._moving:
            raise StoreError(f"{label!r} is being brought here already", "Wait for it, or choose another --name")
        self._begin(label, f"from {path}", lambda progress: self._store.import_file(path, name, progress))
        return label

    def watch(self, name: str) -> AsyncIterator[Transfer | InstalledModel]:
        """The progress of a transfer that is under way, and at last the model. It may end before one looks.

        Raises:
            ModelError: it failed or was cancelled; from the iteration.
        """
        return self._steps(name, self._moving[name])

    async def _steps(self, name: str, moving: _Moving) -> AsyncIterator[Transfer | InstalledModel]:
        while not moving.task.done():
            yield self._look(name, moving)
            await asyncio.wait([moving.task], timeout=TELL_EVERY)
        if moving.task.cancelled():
            raise StoreError(f"the transfer of {name} was cancelled", f"Begin again with `stoker model pull {name}`")
        yield moving.task.result()

    def cancel(self, name: str) -> bool:
        """End a transfer; False if there is none of that name."""
        moving = self._moving.get(name)
        return moving is not None and moving.task.cancel()

    def now(self) -> tuple[Transfer, ...]:
        """All that is under way."""
        return tuple(self._look(name, moving) for name, moving in self._moving.items())

    async def stop(self) -> None:
        """End them all."""
        tasks = [moving.task for moving in self._moving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, name: str, detail: str, fetch: Callable[[Progress], Awaitable[InstalledModel]]) -> None:
        async def move() -> InstalledModel:
            model = await fetch(lambda done, total: self._note(name, done, total))
            await self._arrived(model)
            return model

        task = asyncio.create_task(move())
        self._moving[name] = _Moving(task, detail, self._clock.monotonic())
        task.add_done_callback(lambda _: self._ended(name))

    def _ended(self, name: str) -> None:
        task = self._moving.pop(name).task
        if not task.cancelled():
            task.exception()  # whoever watches is told; nobody has to

    def _note(self, name: str, done: int, total: int | None) -> None:
        moving = self._moving.get(name)
        if moving is not None:
            now = self._clock.monotonic()
            moving.done, moving.total = done, total
            moving.told = [(at, count) for at, count in moving.told if now - at < 5.0] + [(now, done)]

    def _look(self, name: str, moving: _Moving) -> Transfer:
        rate = None
        if len(moving.told) > 1:
            (first_at, first), (last_at, last) = moving.told[0], moving.told[-1]
            rate = (last - first) / (last_at - first_at) if last_at > first_at else None
        return Transfer(name, moving.done, moving.total, rate, moving.detail)
