"""What services and networks do to a worker, each of which ends in a true and clear state."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from books import opened
from horde_house import MODEL, NAME, QUICK, RULES, Station, house, station
from scripted_engine import ScriptedEngine
from starlette.responses import HTMLResponse, JSONResponse, Response

from node.clock import SystemClock
from node.jobs import JobState

POP = "/api/v2/generate/text/pop"
SUBMIT = "/api/v2/generate/text/submit"


def server_error() -> Response:
    return JSONResponse({"message": "Internal Server Error"}, 500)


def web_page() -> Response:
    return HTMLResponse("<html>Just a moment...</html>")


def web_page_403() -> Response:
    return HTMLResponse("<html>Blocked</html>", 403)


def not_the_shape() -> Response:
    return JSONResponse({"id": 17, "payload": "no", "reward": "much"})


def huge() -> Response:
    return Response(b"[" + b" " * (33 * 1024 * 1024) + b"]", media_type="application/json")


@pytest.mark.parametrize("answer", [server_error, web_page, web_page_403, not_the_shape, huge])
@pytest.mark.parametrize("path", [POP, SUBMIT])
async def test_nonsense_is_survived_shown_and_costs_no_job(
    tmp_path: Path, path: str, answer: Callable[[], Response]
) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        seen: list[str] = []

        def fault(asked: str) -> Response | None:
            if asked != path or len(seen) >= 2:
                return None
            seen.append(asked)
            return answer()

        horde.app.fault = fault
        horde.ask()
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.DONE
        assert len(seen) == 2
        await node.until(lambda: not node.network._gate.reason)


async def test_a_server_that_asks_for_fewer_requests_is_left_alone_for_as_long_as_it_says(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        await node.until(lambda: NAME in horde.horde.workers)
        horde.app.fault = lambda path: JSONResponse({"message": "60 per 1 second"}, 429, {"Retry-After": "1"})
        await node.until(lambda: "fewer requests" in node.network._gate.reason)
        horde.app.fault = None
        asked = horde.app.asked[POP]
        began = asyncio.get_running_loop().time()
        await node.until(lambda: horde.app.asked[POP] > asked)
        assert asyncio.get_running_loop().time() - began > 0.7


async def test_a_service_that_is_away_comes_back_and_gets_the_answer_that_was_finished_meanwhile(
    tmp_path: Path,
) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask()
        gate = await engine.next_gate()
        await horde.down()
        gate.set_result("two")
        await node.until(lambda: "cannot be reached" in node.network._gate.reason or engine.computing == 0)
        assert not (await node.network.probe()).connected
        await horde.up()
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.DONE
        assert horde.horde.requests[0].answers[0]["text"] == "one two"


async def test_half_open_sockets_are_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with station() as horde:
            port, horde.port = horde.port, silent.getsockname()[1]
            async with house(horde, tmp_path, tempo=replace(QUICK, exchange=0.2)) as node:
                await node.until(lambda: "did not answer within" in node.network._gate.reason)
                standing = await node.network.probe()
                assert "did not answer within 0.2 s" in standing.problem
                assert not standing.connected
            horde.port = port


async def test_a_name_that_cannot_be_resolved_at_the_start_is_tried_again(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        node.network._client._base = "http://no-such-host.invalid/api/v2"
        await node.until(lambda: "cannot be reached" in node.network._gate.reason)
        node.network._client._base = horde.url
        horde.ask()
        await node.ended(1)


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_clock_that_is_wrong_does_not_matter(tmp_path: Path, minutes: int) -> None:
    class Wrong(SystemClock):
        def wall_ns(self) -> int:
            return super().wall_ns() + minutes * 60 * 1_000_000_000

    async with station() as horde, house(horde, tmp_path, clock=Wrong()) as node:
        horde.ask(3)
        assert {receipt.state for receipt in await node.ended(3)} == {JobState.DONE}
        assert sum(one.units for one in await node.booked(3)) == sum(horde.worker.paid.values())
        assert not node.network._account.paused_in_silence


async def test_a_time_limit_that_cannot_be_kept_ends_the_job_and_frees_the_engine(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station(rules=replace(RULES, ttl=1.0)) as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask()
        await engine.next_gate()
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.EXPIRED
        assert engine.gates[0].cancelled()


async def crashed_with_a_finished_answer(horde: Station, state: Path) -> int:
    """The node computed an answer, could not deliver it, and was killed. Returns the job's number."""
    horde.app.fault = lambda path: server_error() if path == SUBMIT else None
    async with opened(state / "ledger.db", None) as ledger, house(horde, state, ledger=ledger) as node:
        horde.ask()
        await node.until(lambda: horde.app.asked.get(SUBMIT, 0) > 0)
        [errand] = node.network._errands.all()
        await node.kill()
    horde.app.fault = None
    return errand.number


async def test_what_was_finished_when_the_node_was_killed_is_delivered_after_the_restart(tmp_path: Path) -> None:
    async with station() as horde:
        number = await crashed_with_a_finished_answer(horde, tmp_path)
        async with house(horde, tmp_path) as node:
            [credited] = await node.booked(1)
            assert horde.horde.requests[0].answers[0]["text"] == "one "
            assert (credited.refers, {credited.reference: credited.units}) == (number, horde.worker.paid)
            await node.until(lambda: node.network._errands.all() == ())


async def test_what_had_arrived_before_the_node_was_killed_is_paid_once(tmp_path: Path) -> None:
    async with station() as horde:
        await crashed_with_a_finished_answer(horde, tmp_path)
        job = next(iter(horde.horde.jobs.values()))
        horde.horde.submit(horde.owner.key, {"id": job.id, "generation": "one "})
        async with house(horde, tmp_path) as node:
            [credited] = await node.booked(1)
            assert {credited.reference: credited.units} == horde.worker.paid


async def test_what_was_not_finished_when_the_node_was_killed_is_given_back_after_the_restart(tmp_path: Path) -> None:
    async with station() as horde:
        engine, files = ScriptedEngine(1), tmp_path / "horde" / "jobs"
        async with house(horde, tmp_path, engine=engine) as node:
            [request] = horde.ask()
            await engine.next_gate()
            await node.until(lambda: list(files.glob("*.json")))
            [path] = files.glob("*.json")
            left_behind = path.read_bytes()
            await node.kill()
        assert next(iter(horde.horde.jobs.values())).state == "running"
        path.write_bytes(left_behind)
        path.chmod(0o600)
        async with house(horde, tmp_path) as node:
            await node.until(lambda: request.answers)
        assert sorted(job.state for job in horde.horde.jobs.values()) == ["faulted", "ok"]
        assert not path.exists()


async def test_no_prompt_and_after_delivery_no_answer_lies_on_the_disk(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask(prompt="a stranger's secret prompt")
        gate = await engine.next_gate()
        gate.set_result("a stranger's secret answer")
        await node.ended(1)
        for path in (tmp_path / "horde").rglob("*"):
            if path.is_file() and path.name != "models.json":
                assert b"secret" not in path.read_bytes()
                assert path.stat().st_mode & 0o077 == 0


async def test_the_key_is_in_no_file_log_or_message(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with station() as horde, house(horde, tmp_path) as node:
        horde.app.fault = lambda path: server_error() if len(caplog.records) < 3 else None
        horde.ask()
        await node.ended(1)
        standing = await node.network.probe()
        said = caplog.text + repr(standing) + repr(vars(node.network))
    assert "operator-key" not in said
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"operator-key" not in path.read_bytes()


async def test_an_orderly_end_gives_back_what_is_not_finished(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde:
        async with house(horde, tmp_path, engine=engine):
            [request] = horde.ask()
            await engine.next_gate()
        assert request.left == 1
        assert [job.state for job in horde.horde.jobs.values()] == ["faulted"]


async def test_draining_takes_nothing_new_and_finishes_what_is_in_hand(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde:
        async with house(horde, tmp_path, engine=engine) as node:
            horde.ask(3)
            gate = await engine.next_gate()
            draining = asyncio.ensure_future(node.dispatcher.drain(5))
            await asyncio.sleep(0)
            engine.by_itself = True
            gate.set_result("two")
            assert await draining == 0
            asked = horde.app.asked[POP]
            receipts = await node.receipts()
            assert {receipt.state for receipt in receipts} == {JobState.DONE}
            assert {receipt.job_id for receipt in receipts} <= set(horde.worker.paid)
            await node.until(lambda: horde.app.asked["/api/v2/find_user"] > 3)
            assert horde.app.asked[POP] == asked
        assert {job.state for job in horde.horde.jobs.values()} <= {"ok", "faulted"}


async def test_models_that_the_engine_does_not_serve_are_not_asked_for(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, served="another") as node:
        horde.ask()
        await node.until(lambda: horde.app.asked.get("/api/v2/find_user", 0) > 2)
        assert POP not in horde.app.asked
        assert horde.horde.requests[0].models == (MODEL,)
