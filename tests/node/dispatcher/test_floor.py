"""Several networks on one floor: who gets tickets, who is kept short, and how they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from patience import PATIENCE
from scripted_engine import MemoryBooks, ScriptedEngine
from until import until
from warped_loop import LoopClock, warped

from node.clock import Clock, SystemClock
from node.dispatcher import Dispatcher, JobRun
from node.dispatcher.desk import STANDBY_SECONDS, TICKET_SECONDS, Desk
from node.dispatcher.dispatcher import COMING_SECONDS
from node.dispatcher.probation import PARKED_AT, SLOWED_AT, Verdict
from node.engines.base import EngineError, EngineFault
from node.jobs import GenerationRequest, Job, JobState, Usage
from node.networks.base import Closed, Full, JobEnded
from wallet.money import Amount, Asset

USD = Asset("USDC", 6)


class House:
    """Two networks and the owner's own use before one engine."""

    def __init__(self, slots: int = 2, clock: Clock | None = None, *, by_itself: bool = False) -> None:
        self.engine = ScriptedEngine(slots, by_itself=by_itself)
        self.dispatcher = Dispatcher(
            [self.engine], MemoryBooks(), clock or SystemClock(), worth=lambda reward: reward.units
        )
        self.pushed = self.dispatcher.desk("pushed")
        self.polled = self.dispatcher.desk("polled")
        self.own = self.dispatcher.desk("local", queue=100, own=True)
        self.jobs = 0

    async def ready(self) -> House:
        await self.dispatcher.refresh()
        return self

    async def submit(
        self, desk: Desk, *, seconds: float | None = None, tokens: int | None = None, least: int | None = None
    ) -> JobRun:
        ticket = await desk.ticket("m")
        deadline = None if seconds is None else self.dispatcher.clock.monotonic() + seconds
        request = GenerationRequest("m", prompt="hello", max_tokens=tokens)
        self.jobs += 1
        return desk.submit(ticket, Job(f"j{self.jobs}", desk.network, request, deadline=deadline, least_tokens=least))

    async def serve(self, desk: Desk, micro: int) -> None:
        """One whole job."""
        run = await self.submit(desk)
        async for _ in run:
            pass
        await run.delivered(Amount(micro, USD))

    async def drop(self, desk: Desk) -> None:
        """One job that its network drops."""
        run = await self.submit(desk)
        await until(lambda: run.state is not JobState.WAITING)
        run.cancel("changed my mind")
        await until(lambda: run.receipt is not None)

    def ten_tokens_a_second(self) -> None:
        self.dispatcher.speeds.note("m", Usage(100, 101), reading=1.0, writing=10.0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = await House().ready()
    yield house
    await house.dispatcher.stop("the test is over")


async def test_the_next_ticket_goes_to_who_has_least_in_hand_whoever_came_first(house: House) -> None:
    taken = [await house.pushed.ticket("m") for _ in range(3)]
    first = asyncio.ensure_future(house.pushed.ticket("m"))
    later = asyncio.ensure_future(house.polled.ticket("m"))
    await asyncio.sleep(0)
    taken[0].release()
    assert (await later).model == "m"
    assert not first.done()
    taken[1].release()
    assert (await first).model == "m"


async def test_who_asks_for_a_ticket_does_not_overtake_who_waits_for_one(house: House) -> None:
    taken = [await house.polled.ticket("m") for _ in range(3)]
    waiting = asyncio.ensure_future(house.pushed.ticket("m"))
    await asyncio.sleep(0)
    taken[0].release()
    with pytest.raises(Full):
        await house.polled.ticket("m", wait=False)
    assert (await waiting).model == "m"


async def test_who_has_no_use_for_a_ticket_is_passed_over_and_gets_one_when_there_is(house: House) -> None:
    taken = [await house.polled.ticket("m") for _ in range(3)]
    useful = False
    waiting = asyncio.ensure_future(house.pushed.ticket("m", useful=lambda: useful))
    await asyncio.sleep(0)
    taken[0].release()
    taken.append(await house.polled.ticket("m"))
    useful = True
    taken[1].release()
    assert (await waiting).model == "m"


async def test_a_place_may_go_to_the_connection_whose_own_job_has_just_freed_it(house: House) -> None:
    mine = await house.submit(house.pushed)
    others = [await house.submit(house.polled) for _ in range(2)]
    next_of_mine = asyncio.ensure_future(
        house.pushed.ticket("m", useful=lambda: mine.state not in (JobState.WAITING, JobState.RUNNING))
    )
    next_of_others = asyncio.ensure_future(house.polled.ticket("m"))
    (await house.engine.next_gate()).set_result("two")
    await until(lambda: mine.state is JobState.DELIVERING)
    assert (await next_of_mine).model == "m"
    assert not next_of_others.done()
    assert {run.state for run in others} <= {JobState.WAITING, JobState.RUNNING}
    next_of_others.cancel()


async def test_a_time_without_use_for_a_ticket_saves_up_no_right_to_the_engine(house: House) -> None:
    allocation = house.dispatcher.allocation
    useful = False
    taken = [await house.polled.ticket("m") for _ in range(3)]
    waiting = asyncio.ensure_future(house.pushed.ticket("m", useful=lambda: useful))
    await asyncio.sleep(0)
    allocation.present = 500.0
    house.dispatcher.turn()
    useful = True
    taken[0].release()
    house.pushed.submit(await waiting, Job("mine", "pushed", GenerationRequest("m", prompt="hello")))
    taken[1].release()
    assert allocation.present >= 500.0
    assert allocation.in_turn(["pushed", "polled"])[0] == "polled", "it begins at the present"


@warped
async def test_tickets_for_which_nothing_comes_keep_nobody_else_from_work() -> None:
    house = await House(clock=LoopClock()).ready()
    for _ in range(3):
        await house.pushed.ticket("m")
    began = asyncio.get_running_loop().time()
    await house.polled.ticket("m")
    assert asyncio.get_running_loop().time() - began == pytest.approx(STANDBY_SECONDS, abs=0.5)
    await asyncio.sleep(TICKET_SECONDS)
    assert house.dispatcher.allocation.tickets() == 0


@warped
async def test_the_wait_for_somebody_to_ask_is_no_round_trip() -> None:
    house = await House(clock=LoopClock()).ready()
    held = [await house.pushed.ticket("m") for _ in range(2)]
    await asyncio.sleep(60)
    request = GenerationRequest("m", prompt="hello")
    runs = [house.pushed.submit(held[0], Job("late", "pushed", request))]
    assert house.pushed.granted("m") == 1, "no round trip is known yet"
    runs.append(house.pushed.submit(held[1], Job("told", "pushed", request), round_trip=0.0))
    await asyncio.sleep(1)
    for gate in house.engine.gates:
        gate.set_result("two")
    for run in runs:
        async for _ in run:
            pass
        await run.delivered()
    assert house.pushed.granted("m") == 2, "slots without any look-ahead"


async def test_a_job_that_waits_is_given_back_as_soon_as_it_can_only_be_late(house: House) -> None:
    house.ten_tokens_a_second()
    for _ in range(2):
        await house.submit(house.pushed)
    waiting = await house.submit(house.polled, seconds=10.05, tokens=100)
    other = await house.submit(house.own, seconds=60.0, tokens=100)
    assert waiting.state is JobState.WAITING
    await asyncio.sleep(0.1)
    await house.dispatcher.refresh()
    assert waiting.state is JobState.RETURNED
    with pytest.raises(JobEnded, match="before its deadline"):
        await anext(aiter(waiting))
    assert other.state is JobState.WAITING
    assert house.dispatcher.conduct("polled").verdict is Verdict.GOOD


async def test_a_job_whose_network_takes_a_shorter_answer_is_kept_as_long_as_that_is_possible(house: House) -> None:
    house.ten_tokens_a_second()
    run = await house.submit(house.polled, seconds=5.0, tokens=1000, least=16)
    assert run.state is not JobState.RETURNED
    late = await house.submit(house.polled, seconds=1.0, tokens=1000, least=16)
    assert late.state is JobState.RETURNED


async def test_networks_that_pay_more_weigh_more_and_the_pay_is_told() -> None:
    house = await House(by_itself=True).ready()
    assert house.dispatcher.pay("pushed") is None
    for _ in range(8):
        await house.serve(house.pushed, 30)
        await house.serve(house.polled, 10)
    await house.dispatcher.refresh()
    pay = house.dispatcher.pay("pushed"), house.dispatcher.pay("polled")
    assert pay[0] is not None
    assert pay[1] is not None
    assert house.dispatcher.pay("local") is None
    await house.dispatcher.stop("the test is over")


async def test_a_network_that_drops_its_jobs_is_slowed_then_parked_and_touches_no_other(house: House) -> None:
    for _ in range(SLOWED_AT):
        await house.drop(house.pushed)
    await house.dispatcher.refresh()
    assert house.dispatcher.conduct("pushed").verdict is Verdict.SLOWED
    assert house.pushed.granted("m") == 1
    for _ in range(PARKED_AT - SLOWED_AT):
        await house.drop(house.pushed)
    await house.dispatcher.refresh()
    conduct = house.dispatcher.conduct("pushed")
    assert conduct.verdict is Verdict.PARKED
    with pytest.raises(Closed, match="parked: it dropped jobs that were in hand"):
        await house.pushed.ticket("m", wait=False)
    assert house.dispatcher.conduct("polled").verdict is Verdict.GOOD
    assert house.polled.granted("m") == 3


async def test_crashes_of_the_engine_are_held_against_no_network(house: House) -> None:
    for _ in range(PARKED_AT + 1):
        await house.dispatcher.refresh()  # it is seen to be back
        run = await house.submit(house.pushed)
        (await house.engine.next_gate()).set_result(EngineError(EngineFault.CRASHED, "it died"))
        await until(lambda run=run: run.receipt is not None)  # type: ignore[misc]
    assert house.dispatcher.conduct("pushed").verdict is Verdict.GOOD


async def test_what_the_owner_cancels_is_held_against_no_network(house: House) -> None:
    for _ in range(PARKED_AT + 1):
        run = await house.submit(house.pushed)
        assert house.dispatcher.cancel_job(run.number, "cancelled by you")
        await until(lambda run=run: run.receipt is not None)  # type: ignore[misc]
    assert house.dispatcher.conduct("pushed").verdict is Verdict.GOOD


async def test_a_network_that_leaves_gets_no_ticket_and_its_jobs_go_on(house: House) -> None:
    tickets = [await house.pushed.ticket("m") for _ in range(3)]
    waiting = asyncio.ensure_future(house.pushed.ticket("m"))
    await asyncio.sleep(0)
    house.dispatcher.leave("pushed")
    with pytest.raises(Closed, match="no more jobs"):
        await waiting
    with pytest.raises(Closed, match="no more jobs"):
        await house.pushed.ticket("m")
    run = house.pushed.submit(tickets[0], Job("last", "pushed", GenerationRequest("m", prompt="hello")))
    for ticket in tickets[1:]:
        ticket.release()
    assert (house.pushed.granted("m"), house.dispatcher.in_hand("pushed")) == (0, 1)
    (await house.engine.next_gate()).set_result("two")
    async for _ in run:
        pass
    assert (await run.delivered()).state is JobState.DONE
    assert house.dispatcher.in_hand("pushed") == 0


async def test_a_network_that_left_may_come_back(house: House) -> None:
    house.dispatcher.leave("pushed")
    again = house.dispatcher.desk("pushed", weight=2.0)
    assert (await again.ticket("m")).model == "m"
    with pytest.raises(ValueError, match="takes part already"):
        house.dispatcher.desk("pushed")


async def test_a_network_may_be_weighed_while_it_works(house: House) -> None:
    for desk in (house.pushed, house.polled):
        await house.submit(desk)
    house.dispatcher.weigh("pushed", 3.0)
    parties = house.dispatcher.allocation._parties
    assert parties["pushed"].weight / parties["polled"].weight == pytest.approx(3.0)


async def test_draining_waits_for_a_job_that_may_still_come(house: House) -> None:
    ticket = await house.polled.ticket("m")
    draining = asyncio.ensure_future(house.dispatcher.drain(10))
    await asyncio.sleep(0.01)
    assert not draining.done()
    run = house.polled.submit(ticket, Job("late", "polled", GenerationRequest("m", prompt="hello")))
    (await house.engine.next_gate()).set_result("two")
    async for _ in run:
        pass
    await run.delivered()
    assert await draining == 0


async def test_draining_ends_at_once_when_the_last_ticket_comes_back(house: House) -> None:
    ticket = await house.polled.ticket("m")
    draining = asyncio.ensure_future(house.dispatcher.drain(10))
    await asyncio.sleep(0)
    ticket.release()
    assert await asyncio.wait_for(draining, PATIENCE) == 0


@warped
async def test_a_ticket_that_is_never_used_holds_a_drain_up_for_a_short_time_only() -> None:
    house = await House(clock=LoopClock()).ready()
    await house.polled.ticket("m")
    began = asyncio.get_running_loop().time()
    assert await house.dispatcher.drain(300) == 0
    assert asyncio.get_running_loop().time() - began == pytest.approx(COMING_SECONDS, abs=0.5)
