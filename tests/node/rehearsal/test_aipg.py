"""The stand-in AI Power Grid: each rule of the protocol notes, seen by a worker without manners."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from raw_worker import RawWorker, nothing_comes, raw_worker
from warped_loop import LoopClock, warped

from node.rehearsal.aipg import Coordinator, Rules
from node.rehearsal.aipg.books import Account


@asynccontextmanager
async def coordinator(**rules: float) -> AsyncIterator[tuple[Coordinator, str]]:
    grid = Coordinator(Rules(**rules), LoopClock())  # type: ignore[arg-type]
    key, _ = grid.books.open_account()
    async with grid.serving():
        yield grid, key


def now() -> float:
    return asyncio.get_running_loop().time()


# The first frame


@pytest.mark.parametrize("first", ["no json", "[1, 2]", b'{"apikey": "k", "name": "n"}', None])
@warped
async def test_a_first_frame_that_is_none_is_cut_off_without_a_word(first: str | bytes | None) -> None:
    async with coordinator() as (grid, _), raw_worker(grid) as worker:
        began = now()
        if first is not None:
            await worker.say(first)
        assert await worker.end() == 1006
        assert now() - began == pytest.approx(30 if first is None else 0, abs=1)


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        ({"apikey": ""}, 4001, "Missing apikey or name"),
        ({"name": ""}, 4001, "Missing apikey or name"),
        ({"apikey": "grid_nobody"}, 4001, "Invalid API key"),
        ({"models": ["FLUX.1_krea dev"]}, 4003, "Retired model identity: flux.1-krea-dev"),
        ({"worker_profile": {}}, 4003, "worker_profile is for managed audio only"),
    ],
)
@warped
async def test_a_worker_is_refused_in_words_first_and_with_a_code_then(
    told: dict[str, object], code: int, message: str
) -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.say({"apikey": key, "name": "rig", "models": ["m"]} | told)
        assert await worker.hear() == {"type": "error", "message": message}
        assert await worker.end() == code


@warped
async def test_keys_are_refused_for_what_they_are() -> None:
    async with coordinator() as (grid, key):
        entry = grid.books.keys[key]
        cases = [
            ({"revoked": True}, "Invalid API key"),
            ({"scopes": frozenset({"account.read"})}, "API key lacks worker.connect scope"),
            ({"label": "worker:other"}, "worker credential targets another rig"),
            ({"account": Account("someone")}, "worker name already registered to another account"),
        ]
        async with raw_worker(grid) as worker:
            assert (await worker.join(key))["type"] == "ready"
        for change, message in cases:
            grid.books.keys[key] = replace(entry, **change)  # type: ignore[arg-type]
            async with raw_worker(grid) as worker:
                assert (await worker.join(key))["message"] == message


@pytest.mark.parametrize("models", [["unknown"], [], None, "plain"])
@warped
async def test_any_nonsense_is_welcome(models: object) -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        assert (await worker.join(key, models=models, max_context_length="abc", extra=1))["type"] == "ready"


@pytest.mark.parametrize("field", ["name", "bridge_agent"])
@warped
async def test_what_does_not_fit_its_column_is_cut_off(field: str) -> None:
    async with coordinator() as (grid, key):
        for length, code in ((120, None), (121, 1006)):
            async with raw_worker(grid) as worker:
                await worker.say({"apikey": key, "name": "n", "models": ["m"], field: "x" * length})
                assert (await worker.end() if code else (await worker.hear())["type"]) == (code or "ready")


@warped
async def test_the_same_name_again_replaces_the_older_socket_and_keeps_its_id() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as older, raw_worker(grid) as newer:
        first = await older.join(key)
        ask = grid.ask("m")
        assert (await older.hear())["type"] == "job"
        assert await newer.join(key) == first
        assert await older.end() == 1012
        assert (await newer.hear())["id"] == ask.id


# Waiting


@warped
async def test_an_idle_worker_is_pinged_every_ten_seconds_and_need_not_answer() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        began = now()
        for expected in (10.0, 20.5):
            assert await worker.hear() == {"type": "ping"}
            assert now() - began == pytest.approx(expected, abs=0.2)


@warped
async def test_a_job_comes_at_once_and_the_next_one_after_the_ack() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        asks = [grid.ask("m", text) for text in ("one", "two")]
        began = now()
        assert (await worker.hear())["id"] == asks[0].id
        assert await nothing_comes(worker, 60), "no ping and no second job while one is under way"
        await worker.answer()
        assert (await worker.hear())["type"] == "ack"
        assert (await worker.hear())["id"] == asks[1].id
        assert now() - began < 61


@warped
async def test_jobs_have_the_documented_shape() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        grid.ask("m", "hi", tools=[{"type": "function"}])
        job = await worker.hear()
        assert job.keys() == {"type", "id", "model", "payload"}
        assert job["payload"].keys() == {"request", "api_format", "prompt", "max_length", "temperature", "top_p"}
        assert job["payload"]["request"]["max_tokens"] == 32768
        assert job["payload"]["request"]["seed"] > 2**32


@warped
async def test_a_busy_socket_holds_jobs_that_an_idle_one_could_do() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as busy, raw_worker(grid) as idle:
        await busy.join(key, "rig")
        grid.ask("m")
        assert (await busy.hear())["type"] == "job"
        await idle.join(key, "rig#2")
        for _ in range(4):
            grid.ask("m")
        assert len(grid.online["rig"].held) == 2


@warped
async def test_jobs_go_to_those_who_announced_their_model_format_and_name() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        grid.ask("M")
        grid.ask("m", api_format="anthropic")
        grid.ask("m", target="someone-else")
        mine = grid.ask("m", target="rig")
        assert (await worker.hear())["id"] == mine.id


# Answers


@warped
async def test_an_answer_is_paid_by_the_formula_and_ids_are_not_looked_at() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key, models=["gpt-oss-20b"])
        ask = grid.ask("gpt-oss-20b")
        await worker.hear()
        await worker.say({"type": "token", "id": "wrong", "delta": {"content": "Hello"}})
        await worker.say({"type": "nobody knows"})
        await worker.say({"type": "token", "text": " you"})
        await worker.say({"type": "done", "id": "wrong", "usage": {"completion_tokens": 2}})
        assert await worker.hear() == {"type": "ack", "id": ask.id, "den": 0.44}
        outcome = await ask.outcome
        assert (outcome.status, outcome.text, outcome.den) == (200, "Hello you", 0.44)
        assert [one.den for one in grid.books.earned] == [0.44]


@warped
async def test_reasoning_and_tool_calls_are_gathered() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        for function in ({"name": "f", "arguments": '{"a"'}, {"arguments": ":1}"}):
            await worker.say({"type": "token", "delta": {"tool_calls": [{"index": 0, "function": function}]}})
        await worker.say({"type": "token", "delta": {"reasoning_content": "hm"}})
        await worker.say({"type": "done"})
        outcome = await ask.outcome
        assert outcome.tool_calls == ({"name": "f", "arguments": '{"a":1}'},)
        assert (outcome.reasoning, outcome.finish_reason) == ("hm", "tool_calls")


@pytest.mark.parametrize("frame", [{"type": "token", "delta": "text"}, "no json", b"binary"])
@warped
async def test_a_frame_that_trips_the_coordinator_costs_the_socket_and_not_the_job(frame: object) -> None:
    async with coordinator() as (grid, key):
        async with raw_worker(grid) as worker:
            await worker.join(key)
            ask = grid.ask("m")
            await worker.hear()
            await worker.say(frame)
            assert await worker.end() == 1006
        async with raw_worker(grid) as again:
            await again.join(key)
            assert (await again.hear())["id"] == ask.id


@warped
async def test_a_frame_beyond_the_limit_is_answered_with_1009() -> None:
    async with coordinator(frame_bytes=100_000) as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        await worker.say({"type": "done", "full_text": "x" * 100_001})
        assert await worker.end() == 1009
        assert ask.open


@pytest.mark.parametrize(("fault", "acks"), [("never", 0), ("late", 1), ("twice", 2), ("unsettled", 0)])
@warped
async def test_acks_may_be_late_double_or_missing(fault: str, acks: int) -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        grid.faults.ack_after = {"never": None, "late": 3.0}.get(fault, 0.0)
        grid.faults.ack_twice = fault == "twice"
        grid.faults.unsettled = fault == "unsettled"
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        await worker.answer()
        heard = [(await worker.hear())["type"] for _ in range(acks)]
        assert heard == ["ack"] * acks
        assert await nothing_comes(worker, 5)
        assert ask.open is (fault == "unsettled")


@warped
async def test_an_answer_that_comes_twice_is_paid_once() -> None:
    async with (
        coordinator(sweep_after=50, sweep_every=10) as (grid, key),
        raw_worker(grid) as slow,
        raw_worker(grid) as quick,
    ):
        await slow.join(key, "slow")
        ask = grid.ask("m")
        await slow.hear()
        await quick.join(key, "quick")
        assert (await quick.hear_but_pings())["id"] == ask.id, "the sweeper gives it to somebody else too"
        await quick.answer()
        assert (await quick.hear_but_pings())["den"] > 0
        await slow.answer()
        assert (await slow.hear())["den"] == 0
        assert len(grid.books.earned) == 1


@warped
async def test_a_validation_job_looks_like_any_other_and_pays_nothing() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        grid.ask("m", validation=True, target="rig", max_tokens=512, temperature=0)
        assert "validation" not in json.dumps(await worker.hear())
        await worker.answer()
        assert (await worker.hear())["den"] == 0


# Failures


async def fail(worker: RawWorker, **more: object) -> None:
    await worker.say({"type": "error", "message": "no", **more})


@warped
async def test_a_callers_fault_closes_the_job_without_strike_and_without_ack() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        await fail(worker, client_error=True)
        outcome = await ask.outcome
        assert (outcome.status, outcome.message) == (400, "no")
        assert await nothing_comes(worker, 5)
        assert not grid.strikes


@pytest.mark.parametrize("ending", [{"type": "error"}, {"type": "done"}, {"type": "done", "full_text": " \n"}])
@warped
async def test_a_failure_before_the_first_token_comes_back_twice_and_is_one_strike(ending: dict[str, object]) -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        for _ in range(3):
            assert (await worker.hear())["id"] == ask.id
            await worker.say(ending)
        assert (await ask.outcome).status == 502
        assert grid.strikes["rig"].count == 1


@warped
async def test_a_failure_after_a_token_is_final() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        await worker.say({"type": "token", "delta": {"content": "Hel"}})
        await fail(worker)
        assert (await ask.outcome).message.startswith("Worker failed mid-generation")
        assert grid.strikes["rig"].count == 1


async def collect_strikes(grid: Coordinator, worker: RawWorker, count: int) -> None:
    for _ in range(count):
        grid.ask("m")
        await worker.hear_but_pings()
        await worker.say({"type": "token", "delta": {"content": "Hel"}})
        await fail(worker)
    await asyncio.sleep(0.1)


@warped
async def test_the_sixth_strike_evicts_and_each_eviction_bars_for_longer() -> None:
    async with coordinator() as (grid, key):
        for cool_down in (30.0, 120.0, 600.0):
            async with raw_worker(grid) as worker:
                assert (await worker.join(key))["type"] == "ready"
                await collect_strikes(grid, worker, 6)
                assert await worker.end() == 1006
            async with raw_worker(grid) as worker:
                assert "recently evicted" in (await worker.join(key))["message"]
            async with raw_worker(grid) as other:
                assert (await other.join(key, "rig#2"))["type"] == "ready", "it is by name"
            await asyncio.sleep(cool_down)


@warped
async def test_a_success_and_five_quiet_minutes_wipe_strikes() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        await collect_strikes(grid, worker, 5)
        grid.ask("m")
        await worker.hear_but_pings()
        await worker.answer()
        await worker.hear_but_pings()
        assert grid.strikes["rig"].count == 0
        await collect_strikes(grid, worker, 5)
        await asyncio.sleep(301)
        assert grid.strikes["rig"].count == 0


@warped
async def test_silence_of_300_seconds_loses_the_socket_and_a_pong_does_not() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        await asyncio.sleep(250)
        await worker.say({"type": "pong"})
        began = now()
        assert await worker.end() == 1006
        assert now() - began == pytest.approx(300, abs=1)
        assert ask.open and not grid.strikes


@warped
async def test_a_cancel_comes_in_reaction_to_a_frame_only_and_once() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        ask = grid.ask("m")
        await worker.hear()
        ask.cancelled = True
        assert await nothing_comes(worker, 100)
        await worker.say({"type": "pong"})
        assert await worker.hear() == {"type": "cancel", "id": ask.id}
        await worker.say({"type": "pong"})
        await worker.say({"type": "done", "cancelled": True})
        assert (await worker.hear())["den"] == 0.1
        assert not grid.strikes


@warped
async def test_a_stray_frame_after_the_end_is_taken_for_the_next_job() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        await worker.say({"type": "done", "full_text": "stray"})
        ask = grid.ask("m")
        assert (await ask.outcome).text == "stray"


@warped
async def test_raw_formats_are_passed_on_and_never_tried_again() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key, api_formats=["anthropic"])
        ask = grid.ask("m", api_format="anthropic")
        await worker.hear()
        await worker.say({"type": "raw", "event": None, "data": "{}"})
        await fail(worker)
        assert (await ask.outcome).status == 502
        assert len(ask.streamed) == 1 and not grid.strikes


@warped
async def test_a_restart_drops_every_socket_at_once() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as one, raw_worker(grid) as two:
        await one.join(key, "rig")
        await two.join(key, "rig#2")
        grid.cut_all()
        assert [await one.end(), await two.end()] == [1006, 1006]


# Pages


@warped
async def test_pages_want_a_key_and_show_what_was_earned_and_paid() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        grid.ask("m")
        await worker.hear()
        await worker.answer()
        await worker.hear()
        async with httpx.AsyncClient(base_url=grid.url, headers={"apikey": key}) as client:
            assert (await client.get("/v1/account", headers={"apikey": "grid_x"})).status_code == 401
            bearer = {"apikey": "", "Authorization": f"Bearer {key}"}
            assert (await client.get("/v1/account", headers=bearer)).json()["payout"]["live_asset"] == "AIPG"
            workers = (await client.get("/v1/account/workers")).json()
            assert (workers["den_earned"], workers["jobs_completed"], workers["online"]) == (0.1, 1, 1)
            jobs = (await client.get("/v1/account/jobs?limit=1")).json()
            assert [row["den"] for row in jobs["jobs"]] == [0.1]
            assert (await client.get("/v1/account/jobs?limit=0")).status_code == 422
            assert (await client.get("/v2/anything")).status_code == 410
            assert (await client.get("/v1/status/models")).json()[0]["name"] == "m"
            assert (await client.get("/health")).json()["workers_connected"] == 1


@warped
async def test_an_hour_is_shared_by_units_and_crumbs_are_dropped() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        await worker.join(key)
        grid.ask("m")
        await worker.hear()
        await worker.answer()
        await worker.hear()
        grid.books.others_den = 0.9
        grid.books.close_hour(grid.clock.wall_ns() + 1)
        grid.books.close_hour(grid.clock.wall_ns() + 1, "pending")
        grid.books.others_den = 100_000.0
        grid.books.close_hour(grid.clock.wall_ns() + 1)
        async with httpx.AsyncClient(base_url=grid.url, headers={"apikey": key}) as client:
            page = (await client.get("/v1/account/payouts")).json()
        assert (page["paid_aipg"], page["accrued_aipg"], page["periods"]) == (20.833, 20.833, 2)
        assert [row["status"] for row in page["payouts"]] == ["pending", "sent"]
        assert page["payouts"][1]["tx_hash"].startswith("0x")


@warped
async def test_without_a_payout_wallet_shares_accrue_and_no_jobs_are_listed() -> None:
    async with coordinator() as (grid, key), raw_worker(grid) as worker:
        grid.books.keys[key].account.wallet = ""
        await worker.join(key)
        grid.ask("m")
        await worker.hear()
        await worker.answer()
        await worker.hear()
        grid.books.close_hour(grid.clock.wall_ns() + 1)
        async with httpx.AsyncClient(base_url=grid.url, headers={"apikey": key}) as client:
            assert (await client.get("/v1/account/jobs")).json()["jobs"] == []
            assert (await client.get("/v1/account/payouts")).json()["payouts"][0]["status"] == "accrued"


@warped
async def test_the_service_can_answer_with_anything_instead() -> None:
    async with coordinator() as (grid, key), httpx.AsyncClient(base_url=grid.url, headers={"apikey": key}) as client:
        grid.faults.page = (429, '{"detail": "slow down"}')
        assert (await client.get("/v1/account")).status_code == 429
        grid.faults.page = (502, "<html>bad gateway</html>")
        assert (await client.get("/v1/account")).headers["content-type"] == "text/html"
