"""Listeners of the hub: snapshots may be dropped, ledger events may not."""

from __future__ import annotations

import pytest

from node.control.hub import LEDGER_BACKLOG, Event, Hub, Listener


async def names(listener: Listener) -> list[str] | None:
    news = await listener.next(0.01)
    return None if news is None else [f"{event.name} {event.data}" for event in news]


@pytest.fixture
def hub() -> Hub:
    return Hub()


async def test_a_listener_hears_what_is_told_after_it_came(hub: Hub) -> None:
    hub.tell_ledger(1, "before")
    listener = hub.listen()
    hub.tell_ledger(2, "after")
    assert await names(listener) == ["ledger after"]


async def test_only_the_newest_snapshot_is_kept_for_a_slow_listener(hub: Hub) -> None:
    listener = hub.listen()
    for number in range(5):
        hub.tell_snapshot(str(number))
    assert await names(listener) == ["snapshot 4"]


async def test_every_ledger_event_is_kept_in_order(hub: Hub) -> None:
    listener = hub.listen()
    for seq in range(LEDGER_BACKLOG):
        hub.tell_ledger(seq, str(seq))
        hub.tell_snapshot("s")
    assert await names(listener) == [*(f"ledger {seq}" for seq in range(LEDGER_BACKLOG)), "snapshot s"]


async def test_silence_is_an_empty_answer_not_an_end(hub: Hub) -> None:
    assert await names(hub.listen()) == []


async def test_a_listener_that_would_lose_a_ledger_event_gets_what_it_has_and_then_the_end(hub: Hub) -> None:
    listener = hub.listen()
    for seq in range(LEDGER_BACKLOG + 1):
        hub.tell_ledger(seq, str(seq))
    assert await names(listener) == [f"ledger {seq}" for seq in range(LEDGER_BACKLOG)]
    assert await names(listener) is None
    assert not hub.watched


async def test_one_slow_listener_does_not_close_the_others(hub: Hub) -> None:
    slow, quick = hub.listen(), hub.listen()
    for seq in range(LEDGER_BACKLOG + 1):
        hub.tell_ledger(seq, str(seq))
        assert await names(quick) == [f"ledger {seq}"]
    assert slow.closed
    assert hub.watched


async def test_closing_ends_every_stream_after_what_is_left(hub: Hub) -> None:
    busy, idle = hub.listen(), hub.listen()
    hub.tell_ledger(1, "last")
    await names(idle)
    hub.close()
    assert await names(busy) == ["ledger last"]
    assert await names(busy) is None
    assert await names(idle) is None


async def test_nobody_is_watching_once_the_last_has_left(hub: Hub) -> None:
    listener = hub.listen()
    assert hub.watched
    hub.leave(listener)
    hub.leave(listener)
    assert not hub.watched


def test_an_event_is_written_as_server_sent_events_are() -> None:
    assert Event("ledger", "{}", 7).encode() == b"id: 7\nevent: ledger\ndata: {}\n\n"
    assert Event("snapshot", "{}").encode() == b"event: snapshot\ndata: {}\n\n"
