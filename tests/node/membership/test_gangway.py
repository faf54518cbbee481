"""The gangway: one network is let go, and nothing of it is left behind."""

from __future__ import annotations

import asyncio

import pytest
from scripted_engine import MemoryBooks, ScriptedEngine

from node.clock import SystemClock
from node.dispatcher import Dispatcher
from node.jobs import GenerationRequest, Job
from node.membership.gangway import Gangway
from node.networks.base import Closed


class Quay:
    """A desk with a gangway, over an engine of one slot."""

    def __init__(self) -> None:
        self.engine = ScriptedEngine(1, by_itself=True)
        self.dispatcher = Dispatcher([self.engine], MemoryBooks(), SystemClock())
        self.reason = ""
        self.gangway = Gangway(self.dispatcher.desk("net"), lambda: self.reason)


@pytest.fixture
async def quay() -> Quay:
    made = Quay()
    await made.dispatcher.refresh()
    return made


async def all_tickets(quay: Quay) -> int:
    while True:
        try:
            await quay.gangway.ticket("m", wait=False)
        except Closed:
            return quay.gangway.out


async def test_tickets_are_counted_until_they_are_used_or_given_back(quay: Quay) -> None:
    ticket = await quay.gangway.ticket("m")
    other = await quay.gangway.ticket("m")
    assert quay.gangway.out == 2
    other.release()
    async with quay.gangway.submit(ticket, Job("j", "net", GenerationRequest("m", prompt="hi"))) as run:
        assert quay.gangway.out == 0
        async for _ in run:
            pass
        await run.delivered()


async def test_who_waits_is_told_when_it_is_drawn_in(quay: Quay) -> None:
    await all_tickets(quay)
    waiting = asyncio.create_task(quay.gangway.ticket("m"))
    await asyncio.sleep(0.01)
    quay.gangway.draw_in("you let it go")
    with pytest.raises(Closed, match="you let it go"):
        await waiting
    with pytest.raises(Closed, match="you let it go"):
        await quay.gangway.ticket("m")
    assert quay.gangway.granted("m") == 0


async def test_what_an_adapter_held_goes_back_to_the_others(quay: Quay) -> None:
    held = await all_tickets(quay)
    other = quay.dispatcher.desk("other")
    assert other.granted("m") == 0
    quay.gangway.clear()
    assert (quay.gangway.out, other.granted("m")) == (0, held)


async def test_a_bar_stops_each_single_ticket(quay: Quay) -> None:
    quay.reason = "no box"
    with pytest.raises(Closed, match="no box"):
        await quay.gangway.ticket("m")
    quay.reason = ""
    (await quay.gangway.ticket("m")).release()


async def test_a_bar_that_comes_while_one_waits_holds_too(quay: Quay) -> None:
    held = [await quay.gangway.ticket("m", wait=False) for _ in range(await count(quay))]
    waiting = asyncio.create_task(quay.gangway.ticket("m"))
    await asyncio.sleep(0.01)
    quay.reason = "no box"
    for ticket in held:
        ticket.release()
    with pytest.raises(Closed, match="no box"):
        await waiting
    assert quay.gangway.out == 0
    assert quay.dispatcher.allocation.tickets() == 0


async def count(quay: Quay) -> int:
    return quay.gangway.granted("m")


async def test_who_gives_up_waiting_leaves_nothing_behind(quay: Quay) -> None:
    await all_tickets(quay)
    waiting = asyncio.create_task(quay.gangway.ticket("m"))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    quay.gangway.clear()
    assert quay.dispatcher.allocation.tickets() == 0
