"""Freeing the card for the owner: what may be dropped goes back, the rest is finished, and the model returns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from scripted_engine import MemoryBooks, ScriptedEngine
from until import until

from node.clock import SystemClock
from node.conduct.standby import Standby
from node.dispatcher import Dispatcher, JobRun
from node.dispatcher.desk import Desk
from node.engines.base import EngineError, EngineFault
from node.jobs import GenerationRequest, Job, JobState


class Shelf(ScriptedEngine):
    """An engine whose model can be taken off and put back; loading waits for the test."""

    def __init__(self, slots: int = 2) -> None:
        super().__init__(slots)
        self.full = slots
        self.done: list[str] = []
        self.may_load = asyncio.Event()
        self.may_load.set()
        self.fault = ""

    async def unload(self, model: str) -> None:
        assert self.computing == 0
        self.capacity = 0
        self.done.append("unload")

    async def load(self, model: str) -> None:
        self.done.append("load")
        try:
            await self.may_load.wait()
        except asyncio.CancelledError:
            self.done.append("given up")
            raise
        if self.fault:
            raise EngineError(EngineFault.UNAVAILABLE, self.fault)
        self.capacity = self.full
        self.done.append("loaded")


class House:
    def __init__(self) -> None:
        self.engine = Shelf()
        self.dispatcher = Dispatcher([self.engine], MemoryBooks(), SystemClock())
        self.standby = Standby(self.dispatcher, self.engine)
        self.free = self.dispatcher.desk("free", queue=10, droppable=True)
        self.bound = self.dispatcher.desk("bound", queue=10)

    async def submit(self, desk: Desk, name: str) -> JobRun:
        ticket = await desk.ticket("m")
        return desk.submit(ticket, Job(name, desk.network, GenerationRequest("m", prompt="hello")))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.dispatcher.refresh()
    running = asyncio.create_task(house.standby.run())
    yield house
    await house.dispatcher.stop("the test is over")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_droppable_jobs_are_given_back_and_the_model_is_gone_within_a_second(house: House) -> None:
    runs = [await house.submit(house.free, f"j{number}") for number in range(3)]
    await until(lambda: house.engine.computing == 2)
    began = asyncio.get_running_loop().time()
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done == ["unload"])
    assert asyncio.get_running_loop().time() - began < 1
    assert [run.state for run in runs] == [JobState.RETURNED] * 3
    assert {run.reason for run in runs} == {"a game works on the GPU"}
    assert house.standby.shelved == ("m",)


async def test_jobs_that_may_not_be_dropped_are_finished_first(house: House) -> None:
    bound = await house.submit(house.bound, "bound")
    free = await house.submit(house.free, "free")
    await until(lambda: house.engine.computing == 2)
    house.standby.stand_back("you are using this machine")
    await until(lambda: free.state is JobState.RETURNED and house.engine.computing == 1)
    assert house.engine.done == []
    (await house.engine.next_gate()).set_result("two")
    await until(lambda: house.engine.done == ["unload"])
    assert (await bound.delivered()).state is JobState.DONE


async def test_a_ticket_that_was_out_already_brings_its_job_back_at_once(house: House) -> None:
    ticket = await house.free.ticket("m")
    house.standby.stand_back("a game works on the GPU")
    run = house.free.submit(ticket, Job("late", "free", GenerationRequest("m", prompt="hello")))
    assert run.state is JobState.RETURNED


async def test_the_model_comes_back_once(house: House) -> None:
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done == ["unload"])
    house.standby.come_back()
    house.standby.come_back()
    await until(lambda: house.engine.done == ["unload", "load", "loaded"])
    await until(lambda: house.dispatcher.models() != [])
    assert house.standby.shelved == ()
    run = await house.submit(house.free, "next")
    assert run.state in (JobState.WAITING, JobState.RUNNING)


async def test_the_owner_who_comes_back_during_the_loading_is_not_kept_waiting(house: House) -> None:
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done == ["unload"])
    house.engine.may_load.clear()
    house.standby.come_back()
    await until(lambda: house.engine.done[-1] == "load")
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done[-1] == "given up")
    house.engine.may_load.set()
    house.standby.come_back()
    await until(lambda: house.engine.done[-1] == "loaded")
    assert house.engine.done == ["unload", "load", "given up", "load", "loaded"]


async def test_a_model_that_cannot_come_back_is_left_to_the_engine_s_own_words(house: House) -> None:
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done == ["unload"])
    house.engine.fault = "it does not fit"
    house.standby.come_back()
    await until(lambda: house.standby.shelved == ())
    assert house.dispatcher.models() == []


async def test_a_model_that_somebody_loads_meanwhile_is_taken_off_again(house: House) -> None:
    house.standby.stand_back("a game works on the GPU")
    await until(lambda: house.engine.done == ["unload"])
    house.engine.capacity = 2
    await until(lambda: house.engine.done == ["unload", "unload"])


async def test_half_the_slots_are_left_while_slowed_down(house: House) -> None:
    house.dispatcher.limit(1)
    for number in range(3):
        await house.submit(house.free, f"j{number}")
    await until(lambda: house.engine.computing == 1)
    assert house.dispatcher.allocation.running() == 1
    house.dispatcher.limit(None)
    await until(lambda: house.engine.computing == 2)
