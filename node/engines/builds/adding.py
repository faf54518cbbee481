"""Adding a build: taken, tried, kept; the next one if it does not work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from node.engines.builds.errors import BuildError
from node.engines.builds.store import Build
from node.engines.builds.suit import Facts, choose, order
from node.engines.builds.taking import Step, Taking, Tell

log = logging.getLogger(__name__)


class Adding:
    """Adds, tries and removes builds, one at a time.

    Args:
        facts: what this machine is; blocking.
        attempt: tries a build and says on which card it computed.
    """

    def __init__(
        self, taking: Taking, *, facts: Callable[[], Facts], attempt: Callable[[Build], Awaitable[str]]
    ) -> None:
        self._taking = taking
        self._store = taking.store
        self._facts = facts
        self._attempt = attempt
        self._busy = False

    async def add(self, wanted: str, files: Sequence[Path], tell: Tell) -> Build:
        """Take the best build that works here. One that does not is told, and stays behind with its fault.

        Args:
            wanted: a backend, or ``auto``.
            files: archives that are here already; without any the release is asked.

        Raises:
            BuildError: none works, with the reason of each.
        """
        with self._alone():
            if files:
                return await self._tried(await self._taking.bring(wanted, files, tell), tell)
            facts = await asyncio.to_thread(self._facts)
            faults: list[BuildError] = []
            for backend in order(wanted, facts):
                if faults:
                    tell(Step(f"{faults[-1].what}; trying {backend}"))
                try:
                    pinned = choose(self._taking.release, backend, facts)
                    return await self._tried(await self._taking.fetch(pinned, tell), tell)
                except BuildError as error:
                    log.warning("engine build: %s", error.what)
                    faults.append(error)
            raise BuildError("; ".join(error.what for error in faults), faults[-1].remedy)

    async def test(self, name: str, tell: Tell) -> Build:
        """Try a build that is here once more.

        Raises:
            BuildError: there is none of that name, or it does not work.
        """
        with self._alone():
            return await self._tried(await asyncio.to_thread(self._store.resolve, name), tell)

    async def remove(self, name: str) -> Build:
        """Delete a build.

        Raises:
            BuildError: there is none of that name.
        """
        with self._alone():
            build = await asyncio.to_thread(self._store.resolve, name)
            await asyncio.to_thread(self._store.remove, build)
            return build

    async def _tried(self, build: Build, tell: Tell) -> Build:
        tell(Step(f"trying {build.name}"))
        try:
            card = await self._attempt(build)
        except BuildError as error:
            await asyncio.to_thread(self._store.note, replace(build, device="", fault=error.what))
            raise BuildError(f"{build.name}: {error.what}", error.remedy) from error
        log.info("engine build: %s computes on %s", build.name, card)
        return await asyncio.to_thread(self._store.note, replace(build, device=card, fault=""))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._busy:
            raise BuildError("an engine is being added or tried already", "Wait until that has ended")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
