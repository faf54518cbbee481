"""The stand-in for the AI Horde over HTTP: keys, errors, caches, limits, and its own books."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from horde_day import KEY, MODEL, Day

from node.rehearsal.horde.app import BASE, HordeApp

POP = {"name": "w", "models": [MODEL], "bridge_agent": "KoboldCppEmbedWorker:2:x", "max_length": 1024}


class Line:
    def __init__(self, day: Day) -> None:
        self.day = day
        self.app = HordeApp(day.horde)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://horde")

    async def get(self, path: str, key: str | None = KEY) -> httpx.Response:
        return await self.http.get(BASE + path, headers={"apikey": key} if key else {})

    async def post(self, path: str, body: object, key: str | None = KEY) -> httpx.Response:
        return await self.http.post(BASE + path, json=body, headers={"apikey": key} if key else {})

    async def put(self, path: str, body: object, key: str = KEY) -> httpx.Response:
        return await self.http.put(BASE + path, json=body, headers={"apikey": key})


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line(Day())
    yield line
    await line.http.aclose()


async def test_a_job_over_http(line: Line) -> None:
    asked = await line.post("/generate/text/async", {"prompt": "Hi", "params": {"max_length": 50}}, "customer")
    assert asked.status_code == 202
    popped = (await line.post("/generate/text/pop", POP)).json()
    line.day.later(5)
    paid = await line.post("/generate/text/submit", {"id": popped["id"], "generation": "There"})
    assert paid.json()["reward"] > 0
    status = (await line.get(f"/generate/text/status/{asked.json()['id']}", None)).json()
    assert (status["done"], status["generations"][0]["text"]) == (True, "There")


async def test_a_missing_key_is_400_and_an_unknown_one_401_or_on_submit_500_and_on_find_user_404(line: Line) -> None:
    missing = await line.post("/generate/text/pop", POP, None)
    assert (missing.status_code, "errors" in missing.json()) == (400, True)
    unknown = await line.post("/generate/text/pop", POP, "nobody")
    assert (unknown.status_code, unknown.json()["rc"]) == (401, "InvalidAPIKey")
    line.day.ask()
    job = (await line.post("/generate/text/pop", POP)).json()["id"]
    assert (await line.post("/generate/text/submit", {"id": job, "generation": ""}, "nobody")).status_code == 500
    user = await line.get("/find_user", "nobody")
    assert (user.status_code, user.json()["rc"]) == (404, "UserNotFound")
    assert "did you mean" in user.json()["message"]


async def test_accounts_and_workers_are_half_a_minute_old(line: Line) -> None:
    async def seen() -> tuple[Any, Any]:
        user, worker = (await line.get("/find_user")).json(), (await line.get("/workers/name/w")).json()
        return user["records"]["fulfillment"]["text"], worker["requests_fulfilled"]

    await line.post("/generate/text/pop", POP)
    assert await seen() == (0, 0)
    line.day.job()
    assert await seen() == (0, 0)
    line.day.later(31)
    assert await seen() == (1, 1)


async def test_what_only_moderators_see_is_not_in_what_owners_see(line: Line) -> None:
    await line.post("/generate/text/pop", POP)
    line.day.worker.paused = True
    worker = (await line.get("/workers/name/w")).json()
    user = (await line.get("/find_user")).json()
    assert "paused" not in worker
    assert not [field for field in user if "evaluating" in field or "escrow" in field]
    assert isinstance(user["kudos"], int)
    refused = await line.put(f"/workers/{worker['id']}", {"paused": False})
    assert (refused.status_code, refused.json()["rc"]) == (403, "NotModerator")


async def test_the_owner_sets_maintenance_and_info_and_nobody_else_does(line: Line) -> None:
    await line.post("/generate/text/pop", POP)
    line.day.horde.join("Other", "other")
    path = f"/workers/{line.day.worker.id}"
    changed = await line.put(path, {"maintenance": True, "maintenance_msg": "cleaning", "info": "hello"})
    assert changed.json() == {"maintenance": True, "info": "hello"}
    refused = await line.post("/generate/text/pop", POP)
    assert (refused.status_code, refused.json()) == (403, {"message": "cleaning", "rc": "WorkerMaintenance"})
    assert (await line.put(path, {"maintenance": False}, "other")).status_code == 403


async def test_90_reads_a_minute_and_60_pops_a_second(line: Line) -> None:
    answers = [await line.get("/find_user") for _ in range(91)]
    assert [answer.status_code for answer in answers] == [200] * 90 + [429]
    assert answers[-1].json() == {"message": "90 per 1 minute"}
    assert answers[-1].headers["Retry-After"] == "60"
    pops = [(await line.post("/generate/text/pop", POP)).status_code for _ in range(61)]
    assert pops == [200] * 60 + [429]
    line.day.later(61)
    assert (await line.get("/find_user")).status_code == 200


async def test_the_queue_figures_tell_what_is_wanted(line: Line) -> None:
    await line.post("/generate/text/pop", POP)
    line.day.ask(models=["who/knows"])
    line.day.ask(models=["who/knows"])
    models = {one["name"]: one for one in (await line.get("/status/models?type=text")).json()}
    assert (models["who/knows"]["jobs"], models["who/knows"]["count"]) == (2, 0)
    assert models[MODEL]["count"] == 1
    assert (await line.get("/status/performance")).json()["queued_text_requests"] == 2
    assert (await line.get("/status/modes")).json() == {"maintenance_mode": False, "invite_only_mode": False}


async def test_its_own_books_hide_nothing(line: Line) -> None:
    line.day.operator.trusted = False
    reward = round(line.day.job() * 100)
    books = (await line.get("/rehearsal/books", None)).json()
    [worker] = books["workers"]
    assert sum(worker["paid_cents"].values()) == reward
    operator = next(user for user in books["users"] if user["username"].startswith("Op"))
    assert operator["cents"] + operator["escrow_cents"] == reward


async def test_what_is_no_json_object_is_refused(line: Line) -> None:
    answer = await line.http.post(f"{BASE}/generate/text/pop", content=b"[", headers={"apikey": KEY})
    assert (answer.status_code, list(answer.json())) == (400, ["errors", "message"])


async def test_the_command_serves_and_ends_by_itself() -> None:
    command = [sys.executable, "-m", "node.rehearsal.horde", "--port", "0", "--minutes", "5"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient() as http:
        pop = await http.post(
            f"{url}/generate/text/pop", json=POP | {"models": ["m/any"]}, headers={"apikey": "rehearsal-key"}
        )
    assert pop.json()["id"]
    os.kill(process.pid, signal.SIGTERM)
    told = (await process.stderr.read()).decode()
    assert await process.wait() == 0
    assert '"running": 1' in told
