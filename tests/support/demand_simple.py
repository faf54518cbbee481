"""Two simple strategies: each slot asks, computes and delivers, one after the other; the owner's clients come first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from demand_day import SLOTS, Request
from demand_town import Market, Strategy, Tally, Town, now

IDLE_SECONDS = 1.0  # before the networks are asked again when none had a job


def only(network: str) -> Strategy:
    """One network, as its own worker does it."""
    return lambda town: _slots(town, [town.markets[network]])


async def round_robin(town: Town) -> None:
    """The networks in turn, whoever has a job."""
    await _slots(town, list(town.markets.values()))


async def _slots(town: Town, markets: Sequence[Market]) -> None:
    line: deque[Request] = deque()
    turns = deque(markets)

    async def clients() -> None:
        for client in town.clients:
            await asyncio.sleep(client.at - now())
            line.append(client)

    async def slot() -> None:
        while True:
            while line:
                await _serve_client(line.popleft(), town.own)
            for _ in range(len(turns)):
                market = turns[0]
                turns.rotate(-1)
                await asyncio.sleep(market.trade.round_trip)
                request = market.take()
                if request is not None:
                    await _serve(request, market)
                    break
            else:
                await asyncio.sleep(IDLE_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clients())
        for _ in range(SLOTS):
            tasks.create_task(slot())


async def _serve(request: Request, market: Market) -> None:
    deadline = now() + market.trade.limit
    await asyncio.sleep(request.seconds)
    market.tally.seconds += request.seconds
    await asyncio.sleep(market.trade.round_trip)
    if market.deliver(request, request.length, deadline) is not None:
        market.tally.used += request.seconds


async def _serve_client(request: Request, tally: Tally) -> None:
    if now() > request.gone:
        tally.late += 1
        return
    await asyncio.sleep(request.seconds)
    tally.done += 1
    tally.seconds += request.seconds
    tally.used += request.seconds
