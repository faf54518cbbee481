"""Every slot of the engine is filled while the network has jobs, and nothing is asked for that cannot be finished."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from horde_house import QUICK, RULES, house, station
from scripted_engine import ScriptedEngine
from timed_engine import Timed

from node.dispatcher.desk import TOO_LATE
from node.jobs import JobState, Usage
from node.networks.horde.gate import Tempo
from node.networks.horde.pace import TTL, UNMEASURED, USABLE

POP = "/api/v2/generate/text/pop"


@pytest.mark.parametrize("slots", [1, 4])
async def test_slots_are_97_percent_busy_with_a_deep_queue_and_100_ms_there_and_back(
    tmp_path: Path, slots: int
) -> None:
    engine = Timed(slots, 0.2)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.app.delay = 0.1
        horde.ask(400)
        await node.until(lambda: len(horde.horde.jobs) > 8 * slots)
        before = engine.busy
        await asyncio.sleep(2)
        share = (engine.busy - before) / (slots * 2)
        assert share >= 0.97
        assert engine.most_computing <= slots


async def test_several_answers_to_one_request_are_taken_with_one_pop(tmp_path: Path) -> None:
    engine = ScriptedEngine(4, by_itself=True)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        await node.until(lambda: horde.app.asked.get(POP, 0) > 2)
        horde.ask(n=4)
        await node.ended(4)
        assert len({job.popped for job in horde.horde.jobs.values()}) == 1


async def test_an_idle_worker_asks_once_a_second_whatever_its_places(tmp_path: Path) -> None:
    slow = Tempo(idle=0.2, exchange=2.0, farewell=0.5)
    async with station() as horde, house(horde, tmp_path, engine=ScriptedEngine(8), tempo=slow) as node:
        await node.until(lambda: horde.app.asked.get(POP, 0) > 0)
        before = horde.app.asked[POP]
        await asyncio.sleep(1.0)
        assert 3 <= horde.app.asked[POP] - before <= 7


async def test_what_is_announced_follows_the_measured_speed(tmp_path: Path) -> None:
    engine = Timed(2, 0.3, tokens=9)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        await node.until(lambda: horde.app.asked.get(POP, 0) > 1)
        assert horde.worker.max_length == UNMEASURED
        horde.ask()
        await node.until(lambda: horde.worker.max_length > UNMEASURED)
        seconds = node.dispatcher.speeds.seconds("m", 0, horde.worker.max_length)
        assert seconds is not None
        assert seconds <= TTL * USABLE


async def test_a_paused_node_asks_for_nothing(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, tempo=QUICK) as node:
        await node.until(lambda: horde.app.asked.get(POP, 0) > 2)
        node.dispatcher.close("paused by the owner")
        await asyncio.sleep(0.1)
        asked = horde.app.asked[POP]
        await asyncio.sleep(0.2)
        assert horde.app.asked[POP] == asked
        horde.ask()
        node.dispatcher.open()
        await node.ended(1)


async def test_a_job_that_waits_is_kept_while_a_short_answer_is_possible_and_then_given_back(tmp_path: Path) -> None:
    rules = replace(RULES, ttl=2.5)
    async with station(rules=rules) as horde, house(horde, tmp_path, engine=ScriptedEngine(1)) as node:
        horde.ask(2, max_length=128)
        await node.until(lambda: node.dispatcher.allocation.waiting_for("m"))
        node.dispatcher.speeds.note("m", Usage(100, 101), reading=1.0, writing=10.0)  # 16 tokens take 1.6 seconds
        await node.dispatcher.refresh()
        [waiting] = node.dispatcher.allocation.waiting_for("m")
        run = node.dispatcher.runs[waiting]
        assert run.state is JobState.WAITING, "128 tokens would take 13 seconds"
        while not run.state.final:
            await asyncio.sleep(0.05)
            await node.dispatcher.refresh()
        assert (run.state, run.reason) == (JobState.RETURNED, TOO_LATE)
        await node.until(lambda: horde.worker.dropped == 1)
