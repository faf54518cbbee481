"""The routes and commands for builds: a whole life of one, from a file on disk to its removal."""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from standin_server import standin_server

from node import config
from node.clock import SystemClock
from node.control.app import build_app
from node.control.commands import Commands
from node.control.engines import EngineRoutes, engine_routes
from node.control.ordering import command_route
from node.engines.builds.store import BuildStore
from node.engines.builds.taking import Step, Tell
from node.engines.choice import chosen_engine
from node.engines.llamacpp import LlamaCpp
from node.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    return paths


@pytest.fixture
def routes(paths: Paths) -> EngineRoutes:
    return engine_routes(paths, config.load(paths.settings), SystemClock())


@pytest.fixture
async def client(routes: EngineRoutes) -> AsyncIterator[httpx.AsyncClient]:
    async def unrecorded(*_: object) -> None:
        """These tests keep no books."""

    commands = Commands(unrecorded)
    routes.add_to(commands)
    app = build_app([*routes.routes(), command_route(commands)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stoker", timeout=60) as client:
        yield client


def archive(tmp_path: Path, **behaviour: object) -> Path:
    server = standin_server(tmp_path / "made", **behaviour)
    with tarfile.open(tmp_path / "llama-vulkan.tar.gz", "w:gz") as packed:
        for path in server.parent.iterdir():
            packed.add(path, f"llama-b1/{path.name}")
    return tmp_path / "llama-vulkan.tar.gz"


async def added(client: httpx.AsyncClient, file: Path) -> list[dict[str, Any]]:
    answer = await client.post("/engines/add", json={"backend": "auto", "files": [str(file)]})
    return [json.loads(line) for line in answer.text.splitlines()]


async def order(client: httpx.AsyncClient, command: str, name: str) -> httpx.Response:
    body = {"key": f"key-{command}-{name}", "arguments": {"name": name}}
    return await client.post(f"/commands/{command}", json=body)


async def test_a_build_is_added_used_and_removed(client: httpx.AsyncClient, paths: Paths, tmp_path: Path) -> None:
    *steps, last = await added(client, archive(tmp_path))
    name = last["engine"]["name"]
    assert list(dict.fromkeys(step["detail"].split()[0] for step in steps)) == ["reading", "unpacking", "trying"]
    assert last["engine"]["device"] == "Stand-in 4090 (RADV) (Vulkan0)"
    assert (await order(client, "use_engine", "vulkan")).json() == {"name": name}
    assert config.load(paths.settings).engine.build == name
    (here,) = (await client.get("/engines/builds")).json()["installed"]
    assert here["in_use"]
    refused = await order(client, "remove_engine", name)
    assert (refused.status_code, refused.json()["error"]["remedy"]) == (409, "stoker engine use embedded")
    assert (await order(client, "use_engine", "embedded")).json() == {"name": "embedded"}
    assert config.load(paths.settings).engine.build == ""
    assert (await order(client, "remove_engine", "vulkan")).status_code == 200
    assert (await client.get("/engines/builds")).json()["installed"] == []


async def test_the_build_of_the_settings_is_what_computes(
    client: httpx.AsyncClient, paths: Paths, tmp_path: Path
) -> None:
    *_, last = await added(client, archive(tmp_path))
    for name, server in ((last["engine"]["name"], True), ("gone-b1", False), ("", False)):
        engine = chosen_engine(
            config.build({"engine": {"build": name}}, "test").engine,
            directory=paths.engine,
            builds=BuildStore(paths.builds),
            gpus=(),
            models=lambda _: None,
            key=None,
            clock=SystemClock(),
        )
        assert isinstance(engine, LlamaCpp)
        assert (engine._program.server is not None) is server


async def test_a_build_that_failed_its_test_is_not_used(client: httpx.AsyncClient, tmp_path: Path) -> None:
    *_, last = await added(client, archive(tmp_path, layers="0/3"))
    assert "it sees no card" in last["error"]["message"]
    refused = await order(client, "use_engine", "vulkan")
    assert refused.status_code == 409
    assert "stoker engine test vulkan-" in refused.json()["error"]["remedy"]


async def test_what_could_be_had_says_what_stands_against_it(client: httpx.AsyncClient) -> None:
    offers = (await client.get("/engines/builds")).json()["available"]
    assert [offer["backend"] for offer in offers] == ["vulkan", "cuda", "rocm", "metal"]
    assert all(bool(offer["obstacle"]) != bool(offer["size"]) for offer in offers)


@pytest.mark.parametrize(
    "body", [{"files": ["relative.zip"]}, {"files": "x"}, {"backend": 4}, {"files": ["/x.zip"] * 9}]
)
async def test_a_request_that_makes_no_sense_is_refused(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await client.post("/engines/add", json=body)).status_code == 400


async def test_whoever_goes_away_calls_the_work_off(routes: EngineRoutes, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = asyncio.Event()

    async def endless(_: str, __: list[Path], tell: Tell) -> None:
        tell(Step("fetching"))
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cancelled.set()

    monkeypatch.setattr(routes.adding, "add", endless)

    async def receive() -> dict[str, object]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"{}"}
        await told.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            told.set()

    asked: list[bool] = []
    told = asyncio.Event()
    scope = {"type": "http", "method": "POST", "path": "/engines/add", "headers": [], "query_string": b""}
    await build_app(routes.routes())(scope, receive, send)  # type: ignore[arg-type]
    assert cancelled.is_set()
