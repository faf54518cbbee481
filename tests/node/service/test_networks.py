"""A whole node that works for networks: joined without it, at work with it, killed and started again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from eventually import eventually
from horde_house import KEY, NAME, Station, station
from running_node import MODEL, ROOT, RunningNode, at_work, prepare
from starlette.responses import JSONResponse

from node.control.client import ControlClient, OfflineClient
from node.rehearsal.aipg import Coordinator

SUBMIT = "/api/v2/generate/text/submit"
PAGE = "2026-11-22"
GRID_MODEL = "gpt-oss-20b"


@pytest.fixture(autouse=True)
def our_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def join_horde(client: ControlClient, horde: Station, **more: Any) -> None:
    client.order("add_network", {
        "kind": "horde", "worker_name": NAME, "key": KEY, "url": horde.url, "accepted_page": PAGE,
        "models": {MODEL: "test/test-llm-7b"},
        "options": {"reference_url": f"{horde.url}/rehearsal/reference"}, **more,
    })  # fmt: skip


def join_grid(client: ControlClient, grid: Coordinator, key: str) -> None:
    client.order("add_network", {
        "kind": "aipg", "worker_name": NAME, "key": key, "url": grid.url, "accepted_page": PAGE,
        "models": {MODEL: GRID_MODEL},
    })  # fmt: skip


def takings(node: RunningNode) -> dict[tuple[str, str], tuple[int, int]]:
    """Claimed and credited, by network and asset."""
    rows = node.control.get("/earnings", by="network")["rows"]
    return {(row["key"], one["asset"]): (one["claimed"], one["credited"]) for row in rows for one in row["earnings"]}


@pytest.mark.slow
async def test_one_node_works_for_two_networks_at_once_and_its_books_are_theirs(tmp_path: Path) -> None:
    await asyncio.to_thread(lambda: prepare(tmp_path))
    grid = Coordinator()
    key, _ = grid.books.open_account()
    async with station() as horde, grid.serving():
        await asyncio.to_thread(lambda: join_horde(OfflineClient(tmp_path), horde))
        async with at_work(tmp_path) as node:
            requests = horde.ask(10, max_length=16)
            await eventually(lambda: horde.horde.workers and len(horde.worker.paid) >= 1)
            await asyncio.to_thread(lambda: join_grid(node.control, grid, key))
            asks = [grid.ask(GRID_MODEL, max_tokens=16) for _ in range(10)]
            for ask in asks:
                assert (await ask.outcome).status == 200
            await eventually(lambda: len(horde.worker.paid) == len(requests))
            views = {
                view["name"]: view
                for view in (await asyncio.to_thread(lambda: node.control.get("/networks")))["networks"]
            }
            assert {name: view["hour_failed"] for name, view in views.items()} == {"horde": 0, "aipg": 0}
            assert views["horde"]["models"][0]["known"] is True
        async with at_work(tmp_path) as again:  # the networks' own books are read when work begins
            kudos, den = sum(horde.worker.paid.values()), sum(round(one.den * 100) for one in grid.books.earned)
            until = {("horde", "kudos"): (kudos, kudos), ("aipg", "den"): (den, den)}
            async with asyncio.timeout(30):
                while await asyncio.to_thread(lambda: takings(again)) != until:  # noqa: ASYNC110  it is another process
                    await asyncio.sleep(0.2)
            assert await asyncio.to_thread(lambda: again.control.get("/ledger/verify")["problem"]) is None


@pytest.mark.slow
async def test_what_was_finished_when_the_node_was_killed_is_delivered_after_the_restart(tmp_path: Path) -> None:
    await asyncio.to_thread(lambda: prepare(tmp_path))
    async with station() as horde:
        horde.app.fault = lambda path: JSONResponse({"message": "oops"}, 500) if path == SUBMIT else None
        await asyncio.to_thread(lambda: join_horde(OfflineClient(tmp_path), horde))
        errands = tmp_path / "networks" / "horde" / "jobs"

        def finished() -> list[dict[str, Any]]:
            kept = [json.loads(path.read_text()) for path in errands.glob("*.json")]
            return [errand for errand in kept if errand["answer"]]

        async with at_work(tmp_path) as node:
            (request,) = horde.ask(1, max_length=16)
            await eventually(finished)
            node.process.kill()
            await asyncio.to_thread(node.ended)
        (errand,) = finished()
        assert not horde.worker.paid
        horde.app.fault = None
        async with at_work(tmp_path) as again:
            await eventually(lambda: horde.worker.paid)
            assert list(horde.worker.paid) == [errand["id"]]
            kept = errand["answer"].replace("\0", "")  # which the network takes out
            assert [answer["text"] for answer in request.answers] == [kept]
            job = await asyncio.to_thread(lambda: again.control.job(errand["number"]).job)
            assert job.reason == "the node stopped while the job was in hand"
            assert horde.worker.dropped == 0


@pytest.mark.slow
async def test_a_network_that_is_switched_off_stays_so_after_a_restart_and_its_key_is_nowhere(tmp_path: Path) -> None:
    await asyncio.to_thread(lambda: prepare(tmp_path))
    async with station() as horde:
        async with at_work(tmp_path) as node:
            await asyncio.to_thread(lambda: join_horde(node.control, horde))
            await eventually(lambda: horde.horde.workers)
            await asyncio.to_thread(lambda: node.control.order("disable_network", {"name": "horde"}))
        asked = horde.app.asked["/api/v2/generate/text/pop"]
        async with at_work(tmp_path) as again:
            await asyncio.to_thread(again.ready)
            (view,) = (await asyncio.to_thread(lambda: again.control.get("/networks")))["networks"]
            assert (view["state"], view["enabled"]) == ("off", False)
            commands = await asyncio.to_thread(lambda: again.control.entries(limit=1000, kind="owner_command"))
            assert [entry.body["command"] for entry in commands] == ["add_network", "disable_network"]
        assert horde.app.asked["/api/v2/generate/text/pop"] == asked
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert KEY.encode() not in path.read_bytes(), path
