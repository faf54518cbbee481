"""One model kept served: its child started, watched and started again, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from node.box.confinement import confine
from node.box.isolation import Isolation
from node.clock import Clock
from node.engines.base import EngineHealth, EngineStatus
from node.engines.client import EngineClient
from node.engines.den import den
from node.engines.exits import Death, explain
from node.engines.launch import SOCKET, ChildSettings, Greeting
from node.engines.process import Child
from node.engines.program import Program
from node.engines.restarts import Restarts
from wallet.secret import Secret

log = logging.getLogger(__name__)

LOAD_LIMIT_S = 60.0
URL = "http://localhost"  # of the child, which listens on a Unix socket
SLOWEST_DISK = 50 << 20  # bytes per second, for the time that a big model may take


@dataclass(frozen=True, slots=True)
class Serving:
    """What is to be served.

    Attributes:
        context: tokens of one slot.
    """

    name: str
    file: Path
    file_bytes: int
    slots: int
    context: int
    threads: int
    embeddings: bool


@dataclass(frozen=True, slots=True)
class Checkup:
    """How a child is looked at, in seconds: every so often, and how long it may fail to answer."""

    every: float = 5.0
    silence: float = 30.0


class ServedModel:
    """Runs one child after the other for one model.

    Attributes:
        client: speaks to the child; None while there is none that can compute.
        greeting: what the latest child said of itself.
        first_end: why the very first child never became ready; None if it did.
        settled: set once the first child is ready, or has died before that.
    """

    def __init__(
        self,
        serving: Serving,
        *,
        program: Program,
        directory: Path,
        isolation: Isolation,
        clock: Clock,
        checkup: Checkup,
    ) -> None:
        self.serving = serving
        self._program = program
        self.client: EngineClient | None = None
        self.greeting: Greeting | None = None
        self.first_end: Death | None = None
        self.settled = asyncio.Event()
        self.pid: int | None = None
        self._directory = directory
        self._isolation = isolation
        self._checkup = checkup
        self._restarts = Restarts(clock)
        self._death: Death | None = None
        self._died = asyncio.Condition()
        self._health = EngineHealth(EngineStatus.STARTING, f"loading {serving.name}")

    @property
    def ready(self) -> bool:
        return self.client is not None

    def health(self) -> EngineHealth:
        return self._health

    async def run(self) -> None:
        """Keep it served, until cancelled; returns early only if the first child never became ready."""
        try:
            while True:
                death = await self._live()
                pause = self._restarts.died()
                self._become_down(death, f"; it is started again in {pause:g} s")
                log.warning("engine: %s: %s", self.serving.name, death.detail)
                if not self.settled.is_set():
                    self.first_end = death
                    return
                await asyncio.sleep(pause)
                if not self._restarts.troubled:
                    self._health = EngineHealth(
                        EngineStatus.STARTING,
                        f"loading {self.serving.name} again: {death.detail}",
                        death.remedy,
                        self._device,
                        self._restarts.count,
                    )
        finally:
            self.settled.set()

    async def next_death(self, client: EngineClient, patience: float) -> Death | None:
        """Why the child behind this client died; None if it lives on after ``patience`` seconds."""
        try:
            async with asyncio.timeout(patience), self._died:
                await self._died.wait_for(lambda: self.client is not client)
        except TimeoutError:
            return None
        return self._death

    @property
    def _device(self) -> str:
        return self.greeting.device if self.greeting else ""

    async def _live(self) -> Death:
        """One life of a child, from its start to the reason for its end."""
        key = Secret(secrets.token_urlsafe(32))
        try:
            place = den(self._directory, self.serving.name)
            child = await self._start(place, key)
        except OSError as error:
            return Death(f"the engine's process cannot be started: {error}")
        self.pid = child.pid
        client = EngineClient(URL, key, socket=place / SOCKET)
        try:
            async with asyncio.timeout(self._load_limit):
                self.greeting = await self._program.greeting(child, client)
            if self.greeting is None:
                await child.stop()
                return explain(await child.ended(), child.lines, was_ready=False)
            return await self._compute(child, client)
        except TimeoutError:
            return Death(f"the engine did not load {self.serving.name} within {self._load_limit:.0f} s")
        finally:
            self.pid = None
            await client.aclose()
            await child.stop()
            (place / SOCKET).unlink(missing_ok=True)

    async def _start(self, place: Path, key: Secret) -> Child:
        what = self.serving
        program, cards = self._program, await asyncio.to_thread(self._program.cards)
        surroundings = program.environment(place, cards)
        reach = confine(
            place,
            (what.file,),
            private=self._directory,
            environment=surroundings,
            devices=cards.nodes,
            program=program.server,
        )
        settings = ChildSettings(
            model=str(what.file),
            name=what.name,
            key=key.reveal(),
            slots=what.slots,
            context=what.context,
            threads=what.threads,
            embeddings=what.embeddings,
            belts=self._isolation.belts(reach),
            program=str(program.server or ""),
        )
        log_name = re.sub(r"[^A-Za-z0-9._-]", "_", what.name)[:100]
        return await Child.start(
            self._isolation.wrap(program.command(), reach),
            settings.line(),
            directory=place,
            environment=surroundings,
            log_file=self._directory / f"engine-{log_name}.log",
        )

    async def _compute(self, child: Child, client: EngineClient) -> Death:
        self._become_ready(client)
        end = asyncio.create_task(child.ended(), name=f"engine-end-{child.pid}")
        hang = asyncio.create_task(self._hangs(client), name=f"engine-watch-{child.pid}")
        try:
            await asyncio.wait((end, hang), return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                self._death = explain(end.result(), child.lines, was_ready=True)
            else:
                self._death = Death(f"the engine hung: it said nothing for {self._checkup.silence:g} s")
            return self._death
        finally:
            self.client = None
            if self._death is not None:
                self._become_down(self._death)
            async with self._died:
                self._died.notify_all()
            for task in (end, hang):
                task.cancel()
            await asyncio.wait((end, hang))

    def _become_ready(self, client: EngineClient) -> None:
        assert self.greeting is not None
        self.client = client
        self._death = None
        device = self.greeting.device
        sees_nothing = self._program.server is not None and self.greeting.gpu is None
        where = f"{device} (the {self._program.backend} build sees no card)" if sees_nothing else device
        self._health = EngineHealth(
            EngineStatus.READY,
            f"{self.serving.name} on {where}, {self.serving.slots} slots, {self._isolation.words}",
            f"The {self._program.backend} build sees no card: stoker engine test {self._program.backend}"
            if sees_nothing
            else "",
            device,
            self._restarts.count,
        )
        log.info("engine: %s is ready on %s, %s", self.serving.name, where, self._isolation.words)
        self.settled.set()

    def _become_down(self, death: Death, outlook: str = "") -> None:
        self._health = EngineHealth(
            EngineStatus.DOWN,
            f"{self.serving.name}: {death.detail}{outlook}",
            death.remedy,
            self._device,
            self._restarts.count,
        )

    async def _hangs(self, client: EngineClient) -> None:
        """Returns when the child has not answered for too long."""
        loop = asyncio.get_running_loop()
        alive_at = loop.time()
        while loop.time() - alive_at < self._checkup.silence:
            await asyncio.sleep(self._checkup.every)
            if await client.healthy(self._checkup.every):
                alive_at = loop.time()

    @property
    def _load_limit(self) -> float:
        return LOAD_LIMIT_S + self.serving.file_bytes / SLOWEST_DISK
