"""The routes and commands for engines: servers that run already, and builds of llama.cpp for this machine's cards."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from node import settings_form
from node.box.isolation import unboxed
from node.clock import Clock
from node.config import ConfigError, Settings, load
from node.control.commands import Arguments, Commands
from node.control.errors import ControlError
from node.control.query import body
from node.engines.builds.adding import Adding
from node.engines.builds.errors import BuildError
from node.engines.builds.index import PinnedRelease, load_release
from node.engines.builds.store import Build, BuildStore
from node.engines.builds.suit import AUTO, Facts, choose, facts_of_this_machine
from node.engines.builds.taking import BY_FILE, Step, Taking, Tell
from node.engines.builds.trial import attempt
from node.engines.choice import program_of
from node.models.download import Downloads
from node.paths import Paths

EMBEDDED = "embedded"
MOST_FILES = 8


@dataclass(frozen=True, slots=True)
class EngineRoutes:
    """What these routes need.

    Attributes:
        facts: what this machine is; blocking.
        chosen: the name of the build that the settings ask for now; empty for the embedded engine. Blocking.
    """

    adding: Adding
    store: BuildStore
    release: PinnedRelease
    facts: Callable[[], Facts]
    chosen: Callable[[], str]
    settings_path: Path

    def routes(self) -> list[Route]:
        return [
            Route("/engines/builds", self.builds),
            Route("/engines/add", self.add, methods=["POST"]),
            Route("/engines/test", self.test, methods=["POST"]),
        ]

    def add_to(self, commands: Commands) -> None:
        """Put the commands into the table."""
        commands.add("use_engine", self._use)
        commands.add("remove_engine", self._remove)

    async def builds(self, _: Request) -> Response:
        """What is here, and what could be with what stands against it."""
        return JSONResponse(await asyncio.to_thread(self._describe))

    async def add(self, request: Request) -> Response:
        """Add a build; the answer is one JSON line for each step, the last one says how it ended."""
        said = await body(request)
        wanted, files = said.get("backend", AUTO), said.get("files", [])
        if not isinstance(wanted, str):
            raise ControlError(400, "bad_argument", f"backend: got {wanted!r:.60}; expected a text")
        if not isinstance(files, list) or len(files) > MOST_FILES or not all(_absolute(file) for file in files):
            raise ControlError(400, "bad_argument", f"files: got {files!r:.60}; expected absolute paths")
        return _told(lambda tell: self.adding.add(wanted, [Path(file) for file in files], tell))

    async def test(self, request: Request) -> Response:
        """Try a build, told like `add`."""
        name = (await body(request)).get("name")
        if not isinstance(name, str):
            raise ControlError(400, "bad_argument", f"name: got {name!r:.60}; expected the name of a build")
        return _told(lambda tell: self.adding.test(name, tell))

    async def _use(self, arguments: Arguments) -> dict[str, Any]:
        """Compute on a build, or on the embedded engine, from the node's next start on."""
        name = arguments.text("name", longest=100)
        build = None
        if name != EMBEDDED:
            build = await self._refusing(asyncio.to_thread(self.store.resolve, name))
            if build.fault:
                what = f"{build.name} does not work here: {build.fault}"
                raise ControlError(409, "engine", what, f"stoker engine test {build.name}")
        settings = {"engine.build": build.name if build else None, "engine.kind": "llamacpp"}
        try:
            for key, value in settings.items():
                await asyncio.to_thread(settings_form.change, self.settings_path, key, value)
        except ConfigError as error:
            raise ControlError(400, "bad_setting", str(error), "stoker settings") from None
        except OSError as error:
            raise ControlError(507, "not_written", f"{self.settings_path}: {error.strerror}") from None
        return {"name": build.name if build else EMBEDDED}

    async def _remove(self, arguments: Arguments) -> dict[str, Any]:
        build = await self._refusing(asyncio.to_thread(self.store.resolve, arguments.text("name", longest=100)))
        if build.name == await asyncio.to_thread(self.chosen):
            raise ControlError(409, "engine", f"{build.name} is in use", "stoker engine use embedded")
        await self._refusing(self.adding.remove(build.name))
        return {"name": build.name}

    async def _refusing(self, work: Awaitable[Build]) -> Build:
        try:
            return await work
        except BuildError as error:
            raise ControlError(409, "engine", error.what, error.remedy) from None

    def _describe(self) -> dict[str, object]:
        facts, chosen = self.facts(), self.chosen()
        backends = dict.fromkeys(build.backend for build in self.release.build)
        return {
            "installed": [{**asdict(build), "in_use": build.name == chosen} for build in self.store.installed()],
            "release": self.release.release,
            "available": [self._offer(backend, facts) for backend in backends],
        }

    def _offer(self, backend: str, facts: Facts) -> dict[str, object]:
        try:
            pinned = choose(self.release, backend, facts)
        except BuildError as error:
            return {"backend": backend, "size": None, "obstacle": error.what}
        return {"backend": backend, "size": pinned.size_bytes, "obstacle": ""}


def engine_routes(paths: Paths, settings: Settings, clock: Clock) -> EngineRoutes:
    """All of it for one node."""
    store, release = BuildStore(paths.builds), load_release()

    async def tried(build: Build) -> str:
        program = program_of(store, build, settings.hardware.gpus, clock)
        isolate = unboxed if settings.engine.box == "off" else None
        return await attempt(program, directory=paths.engine, clock=clock, isolate=isolate)

    taking = Taking(store, release, Downloads(instead=BY_FILE))
    return EngineRoutes(
        adding=Adding(taking, facts=facts_of_this_machine, attempt=tried),
        store=store,
        release=release,
        facts=facts_of_this_machine,
        chosen=lambda: load(paths.settings).engine.build,
        settings_path=paths.settings,
    )


def _absolute(file: object) -> bool:
    return isinstance(file, str) and Path(file).is_absolute()


def _told(work: Callable[[Tell], Awaitable[Build]]) -> StreamingResponse:
    return StreamingResponse(_lines(work), media_type="application/x-ndjson")


async def _lines(work: Callable[[Tell], Awaitable[Build]]) -> AsyncIterator[bytes]:
    """Whoever goes away before the end calls the work off; what was fetched is kept for the next time."""
    steps: deque[Step] = deque()
    news = asyncio.Event()

    def tell(now: Step) -> None:
        if steps and steps[-1].detail == now.detail:
            steps.pop()  # only the latest of many
        steps.append(now)
        news.set()

    task = asyncio.ensure_future(work(tell))
    task.add_done_callback(lambda _: news.set())
    try:
        while steps or not task.done():
            await news.wait()
            news.clear()
            while steps:
                yield _line(asdict(steps.popleft()))
        yield _line({"engine": asdict(task.result())})
    except BuildError as error:
        yield _line({"error": {"code": "engine", "message": error.what, "remedy": error.remedy}})
    finally:
        task.cancel()
        await asyncio.wait((task,))


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
