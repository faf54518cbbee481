"""The herald: ready only when the node is, pings only while its loops live, time asked for only within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hand_clock import HandClock
from notified import Ear
from until import until
from watched_node import WatchedNode, watched_node

from node.systemd.herald import BEAT_S, LONGEST_FAREWELL_S, LONGEST_START_S, Herald, Life, heralding
from node.systemd.notify import from_environment

PING = ("WATCHDOG", "1")
READY = ("READY", "1")


class Heralded:
    """A node whose middle is real, its herald, and what the manager has heard of it."""

    def __init__(self, node: WatchedNode, ear: Ear) -> None:
        manager = from_environment({"NOTIFY_SOCKET": ear.address, "WATCHDOG_USEC": "60000000"})
        assert manager is not None
        self.node, self._ear = node, ear
        self.answering = True
        self.ending = False
        self.herald = Herald(manager, node.clock)

    def follow(self) -> None:
        signs: dict[str, Callable[[], float]] = {
            "watch": lambda: self.node.watch.ticked_at,
            "dispatcher": lambda: self.node.dispatcher.refreshed_at,
        }
        self.herald.follow(
            Life(lambda: self.node.watch.line, lambda: self.answering, signs, lambda: self.ending, patience=120)
        )

    async def come_round(self) -> None:
        """Both loops, once."""
        await self.node.dispatcher.refresh()
        await self.node.tick(0)

    def spoken(self, after: float = 0.0) -> list[tuple[str, str]]:
        """What one beat says, so much later."""
        self.node.clock.now += after
        self.herald.speak()
        return self._ear.listen()


@pytest.fixture
async def heralded(tmp_path: Path) -> AsyncIterator[Heralded]:
    async with watched_node(tmp_path) as node:
        with Ear(str(tmp_path / "notify")) as ear:
            yield Heralded(node, ear)


async def up(heralded: Heralded) -> Heralded:
    heralded.follow()
    await heralded.come_round()
    assert READY in heralded.spoken()
    return heralded


async def test_while_the_books_are_opened_it_asks_for_time(heralded: Heralded) -> None:
    assert ("EXTEND_TIMEOUT_USEC", "30000000") in heralded.spoken()
    assert ("EXTEND_TIMEOUT_USEC", "30000000") in heralded.spoken(after=LONGEST_START_S - 1)


async def test_a_start_without_end_gets_no_more_time(heralded: Heralded) -> None:
    words = dict(heralded.spoken(after=LONGEST_START_S))
    assert "EXTEND_TIMEOUT_USEC" not in words
    assert "WATCHDOG" not in words


async def test_it_is_ready_once_the_control_api_answers_and_every_loop_has_come_round(heralded: Heralded) -> None:
    heralded.follow()
    heralded.answering = False
    await heralded.node.tick(0)
    assert READY not in heralded.spoken()
    await heralded.node.dispatcher.refresh()
    assert READY not in heralded.spoken()
    heralded.answering = True
    assert READY in heralded.spoken()
    assert READY not in heralded.spoken()


async def test_the_status_is_the_state_line_and_is_told_when_it_changes(heralded: Heralded) -> None:
    node = (await up(heralded)).node
    node.pause("rendering")
    assert ("STATUS", "RESTING: paused by you: rendering") in heralded.spoken()
    assert "STATUS" not in dict(heralded.spoken())


async def test_while_both_loops_come_round_the_watchdog_is_pinged(heralded: Heralded) -> None:
    await up(heralded)
    for _ in range(5):
        await heralded.come_round()
        assert PING in heralded.spoken(after=50)


@pytest.mark.parametrize("hung", ["watch", "dispatcher"])
async def test_a_loop_that_hangs_stops_the_pings(heralded: Heralded, hung: str) -> None:
    await up(heralded)
    node = heralded.node
    node.clock.now += 59
    await (node.dispatcher.refresh() if hung == "watch" else node.tick(0))
    assert PING in heralded.spoken()
    assert PING not in heralded.spoken(after=1)
    await heralded.come_round()
    assert PING in heralded.spoken()


async def test_a_dispatcher_that_waits_for_a_dead_engine_hangs(heralded: Heralded) -> None:
    await up(heralded)
    heralded.node.engine.models = lambda: asyncio.get_running_loop().create_future()  # type: ignore[method-assign]
    hanging = asyncio.create_task(heralded.node.dispatcher.refresh())
    await asyncio.sleep(0)
    await heralded.node.tick(61)
    assert PING not in heralded.spoken()
    hanging.cancel()


async def test_a_hung_event_loop_cannot_ping(tmp_path: Path) -> None:
    clock = HandClock()
    with Ear(str(tmp_path / "notify")) as ear:
        manager = from_environment({"NOTIFY_SOCKET": ear.address, "WATCHDOG_USEC": "60000000"})
        async with heralding(manager, clock):
            await until(lambda: PING in ear.listen())
            ear.listen()
            for _ in range(1000):  # whoever holds the loop lets nobody speak, however late it gets
                clock.now += BEAT_S
            assert ear.listen() == []


async def test_an_ending_node_says_so_and_asks_for_time_as_long_as_its_drain_may_take(heralded: Heralded) -> None:
    await up(heralded)
    heralded.ending = True
    first = heralded.spoken()
    assert ("STOPPING", "1") in first
    assert ("EXTEND_TIMEOUT_USEC", "30000000") in first
    later = heralded.spoken(after=120 + LONGEST_FAREWELL_S - 1)
    assert ("EXTEND_TIMEOUT_USEC", "30000000") in later
    assert PING in later
    assert heralded.spoken(after=1) == []


async def test_a_ready_that_was_not_heard_is_said_again(tmp_path: Path) -> None:
    async with watched_node(tmp_path) as node:
        with Ear(str(tmp_path / "notify")) as ear:
            heralded = Heralded(node, ear)
            heralded.follow()
            await heralded.come_round()
        heralded.herald.speak()
        (tmp_path / "notify").unlink()
        with Ear(str(tmp_path / "notify")) as ear:
            heralded.herald.speak()
            assert READY in ear.listen()


async def test_where_nobody_listens_there_is_no_herald() -> None:
    async with heralding(None, HandClock()) as herald:
        assert herald is None
