"""What goes wrong between a worker and the grid, and how it ends: truly told, with no job lost and no strike."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import ssl
from pathlib import Path

import pytest
from certificates import certified
from grid import MODEL, booked, rig, so, working
from severed import wire
from warped_loop import LoopClock, warped

from node.jobs import JobState, Usage
from node.networks.aipg.dialect import trust
from node.networks.base import Remedy
from node.networks.websocket import LinkLimits
from node.networks.websocket.link import Lost, dial
from node.rehearsal.aipg import Coordinator, Faults, Outcome


@warped
async def test_a_restart_of_the_grid_loses_no_job_and_is_given_a_moment() -> None:
    async with working(slots=4, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(8)]
        await so(lambda: one.engine.computing == 4)
        dialled = grid.dialled
        grid.cut_all()
        await so(lambda: one.engine.computing == 0, 1)
        await asyncio.sleep(0.5)
        assert grid.dialled == dialled
        one.engine.by_itself = True
        for ask in asks:
            assert (await ask.outcome).status == 200
        await so(lambda: one.claimed() == booked(grid))
        states = [receipt.state for receipt in one.receipts()]
        assert states.count(JobState.DONE) == 8
        assert set(states) == {JobState.DONE, JobState.RETURNED}
        assert not grid.strikes


@warped
async def test_five_minutes_of_silence_are_bridged_with_growing_pauses() -> None:
    clock = LoopClock()
    grid = Coordinator(clock=clock)
    key, _ = grid.books.open_account()
    async with grid.serving():
        port = grid.port
    async with rig(grid, key) as one:
        grid.port = port
        tried: list[float] = []
        began = clock.monotonic()
        while clock.monotonic() - began < 300:
            before = one.network.recovery.rest
            await asyncio.sleep(0.05)
            if one.network.recovery.rest > before:
                tried.append(clock.monotonic() - began)
        assert "cannot be reached" in (await one.network.probe()).problem
        pauses = [later - earlier for earlier, later in itertools.pairwise(tried)]
        assert 8 <= len(tried) <= 12
        for pause, nominal in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60], strict=False):
            assert nominal * 0.75 <= pause <= nominal * 1.25 + 0.2
        async with grid.serving(port):
            assert (await grid.ask(MODEL).outcome).status == 200
            assert one.network.recovery.problem == ""
            ticketless = one.dispatcher.allocation.granted("aipg", "m")
            assert ticketless >= 1


@warped
async def test_while_there_is_no_service_no_ticket_is_kept_from_others() -> None:
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving():
        pass
    async with rig(grid, key, slots=1) as one:
        other = one.dispatcher.desk("other")
        await so(lambda: one.network.recovery.rest > 10)
        for _ in range(2):
            await asyncio.wait_for(other.ticket("m"), 1)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ((500, "{}"), "has trouble of its own (HTTP 500)"),
        ((429, "{}"), "asks for fewer connections (HTTP 429)"),
        ((200, "<html>parked</html>"), "no WebSocket there: it answers HTTP 200"),
        ((301, ""), "no WebSocket there: it answers HTTP 301"),
    ],
)
@warped
async def test_a_service_that_is_no_websocket_is_told_and_tried_again(page: tuple[int, str], told: str) -> None:
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving():
        grid.faults.page = page
        async with rig(grid, key) as one:
            await so(lambda: told in one.network.recovery.problem)
            grid.faults = Faults()
            assert (await grid.ask(MODEL).outcome).status == 200


@warped
async def test_a_service_that_names_a_time_is_left_alone_until_then() -> None:
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving():
        grid.faults = Faults(page=(429, "{}"), retry_after=100)
        async with rig(grid, key) as one:
            await so(lambda: one.network.recovery.rest > 0)
            assert 90 < one.network.recovery.rest <= 100


@warped
async def test_a_half_open_connection_is_noticed_and_its_job_is_given_up() -> None:
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving(), wire(grid.port) as line, rig(grid, key, slots=1, by_itself=False, url=line.url) as one:
        ask = grid.ask(MODEL)
        await so(lambda: one.engine.computing == 1)
        line.freeze()
        await so(lambda: not one.network.connections, 45)
        assert one.engine.computing == 0
        assert one.receipts()[0].state is JobState.RETURNED
        line.thaw()
        one.engine.by_itself = True
        assert (await ask.outcome).status == 200
        assert not grid.strikes


@warped
async def test_an_answer_that_the_grid_has_counts_as_delivered_even_if_we_leave_before_its_word() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        grid.faults.ack_after = None
        first = grid.ask(MODEL)
        (await one.engine.next_gate()).set_result("two")
        assert (await first.outcome).status == 200
        one.dispatcher.close("paused")
        await asyncio.sleep(1)
        grid.ask(MODEL)
        await so(lambda: bool(one.receipts()), 5)
        assert one.receipts()[0].state is JobState.DONE


@warped
async def test_garbage_is_skipped_and_a_flood_of_it_ends_the_connection() -> None:
    async with working(slots=1) as (grid, one):
        socket = grid.online["rig-1"]
        for garbage in ("no json", "[]", '{"type":"job"}', '{"type":"job","id":"x","model":"m","payload":7}', '"x"'):
            await socket.ws.send(garbage)
        await socket.ws.send(b"\x00\x01")
        assert (await grid.ask(MODEL).outcome).status == 200
        assert grid.online["rig-1"] is socket
        for _ in range(20):
            await socket.ws.send("no json")
        await so(lambda: "nonsense" in one.network.recovery.problem)
        assert (await grid.ask(MODEL).outcome).status == 200


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "ack", "id": "never heard of", "den": 5},
        {"type": "ack", "id": 7},
        {"type": "cancel", "id": "never heard of"},
        {"type": "news", "id": None},
        {},
    ],
)
@warped
async def test_frames_that_concern_nothing_in_hand_change_nothing(frame: object) -> None:
    async with working(slots=1) as (grid, one):
        socket = grid.online["rig-1"]
        await socket.ws.send(json.dumps(frame))
        assert (await grid.ask(MODEL).outcome).status == 200
        assert grid.online["rig-1"] is socket
        await so(lambda: one.claimed() == booked(grid))


@warped
async def test_a_frame_beyond_the_limit_costs_the_connection_and_no_memory() -> None:
    async with working(slots=1, limits=LinkLimits(frame_bytes=100_000)) as (grid, one):
        huge = grid.ask(MODEL, "x" * 200_000)
        await so(lambda: one.network.recovery.problem != "")
        huge.close(Outcome(502))
        grid.queue.waiting.clear()
        assert (await grid.ask(MODEL).outcome).status == 200


@warped
async def test_more_jobs_than_announced_are_a_flood_that_is_cut_off() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        first = grid.ask(MODEL)
        await so(lambda: one.engine.computing == 1)
        socket = next(socket for socket in grid.online.values() if socket.current is first)
        await socket.ws.send(json.dumps({**first.frame(), "id": "second"}))
        await so(lambda: "more jobs than were announced" in one.network.recovery.problem)
        assert one.engine.most_computing == 1


@warped
async def test_a_key_revoked_in_mid_job_lets_the_job_end_and_then_parks_the_network() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: one.engine.computing == 1)
        next(iter(grid.books.keys.values())).revoked = True
        (await one.engine.next_gate()).set_result("two")
        assert (await ask.outcome).status == 200
        await so(lambda: len(one.receipts()) == 1)
        assert one.receipts()[0].state is JobState.DONE
        grid.cut_all()
        await so(one.network.recovery.parked.is_set)
        dialled = grid.dialled
        await asyncio.sleep(300)
        assert grid.dialled == dialled
        standing = await one.network.probe()
        assert not standing.connected
        assert "Invalid API key" in standing.problem
        assert standing.remedy == Remedy.KEY


@warped
async def test_a_name_that_belongs_to_somebody_else_parks_the_network_with_the_remedy() -> None:
    grid = Coordinator(clock=LoopClock())
    _, theirs = grid.books.open_account()
    key, _ = grid.books.open_account()
    grid.books.name("rig-1", theirs.account)
    async with grid.serving(), rig(grid, key) as one:
        await so(one.network.recovery.parked.is_set)
        assert one.network.recovery.remedy == Remedy.NAME


@warped
async def test_two_workers_of_one_name_do_not_fight() -> None:
    async with working(slots=1) as (grid, older):
        key = next(iter(grid.books.keys))
        async with rig(grid, key, slots=1) as newer:
            await so(older.network.recovery.parked.is_set)
            assert "another worker has connected under the name rig-1" in older.network.recovery.problem
            dialled = grid.dialled
            assert (await grid.ask(MODEL).outcome).status == 200
            await asyncio.sleep(60)
            assert grid.dialled == dialled
            assert newer.network.connections >= 1


@warped
async def test_a_clock_that_is_ten_minutes_off_changes_nothing() -> None:
    async with working() as (grid, one):
        one.dispatcher.clock._wall += 600  # type: ignore[attr-defined]
        assert (await grid.ask(MODEL).outcome).status == 200
        await so(lambda: one.claimed() == booked(grid))


async def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(Lost, match="cannot be reached"):
        async with dial("wss://grid.invalid/v1/workers/ws", LinkLimits(), ssl.create_default_context()):
            pass


@pytest.mark.parametrize(
    ("host", "pinned", "accepted"), [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("127.0.0.2", True, False)]
)
@warped
async def test_a_private_root_is_trusted_if_it_is_pinned_and_the_host_fits(
    host: str, pinned: bool, accepted: bool, tmp_path: Path
) -> None:
    server, root = certified(tmp_path, host)
    context = ssl.create_default_context()
    if pinned:
        context.load_verify_locations(cafile=root)
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving(tls=server):
        url = f"https://127.0.0.1:{grid.port}"
        async with rig(grid, key, url=url, tls=context) as one:
            await so(lambda: one.network.connections > 0 or one.network.recovery.problem != "")
            assert bool(one.network.connections) is accepted
            assert accepted or "certificate" in one.network.recovery.problem


def test_a_root_that_the_owner_names_is_trusted_beside_the_systems(tmp_path: Path) -> None:
    _, root = certified(tmp_path, "127.0.0.1")
    assert len(trust(root).get_ca_certs()) == len(trust().get_ca_certs()) + 1
    assert trust(root).check_hostname


@warped
async def test_neither_the_key_nor_what_strangers_say_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "websockets.server")  # the grid's own side
    caplog.set_level(logging.DEBUG)
    async with working(slots=1) as (grid, one):
        assert (await grid.ask(MODEL, "a secret wish").outcome).status == 200
        await grid.online["rig-1"].ws.send("a secret wish that is no JSON")
        await grid.ask(MODEL, "a secret wish", temperature="a secret wish").outcome
        grid.cut_all()
        await so(lambda: one.network.recovery.problem != "")
        key = next(iter(grid.books.keys))
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpcore"))
    assert ours
    assert key[:12] not in ours
    assert "secret wish" not in ours
    assert "secret wish" not in str(one.books.records)


@warped
async def test_what_the_service_says_cannot_play_tricks_with_a_terminal() -> None:
    async with working(slots=1) as (grid, one):
        await grid.online["rig-1"].ws.close(4000, "\x1b[2J\x07gone")
        await so(lambda: "gone" in one.network.recovery.problem)
        assert one.network.recovery.problem.isprintable()


@warped
async def test_a_job_that_waited_too_long_goes_back_to_the_grid_without_a_strike_and_is_done_in_the_end() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        one.dispatcher.speeds.note("m", Usage(100, 101), reading=1.0, writing=100.0)  # a token a second
        first, second = grid.ask(MODEL, max_tokens=200), grid.ask(MODEL, max_tokens=200)
        await so(lambda: any(one.dispatcher.allocation.waiting_for("m")))
        await so(lambda: [receipt.state for receipt in one.receipts()] == [JobState.RETURNED], 60)
        assert "before its deadline" in one.receipts()[0].reason
        assert one.engine.computing == 1
        one.engine.by_itself = True
        (await one.engine.next_gate()).set_result("two")
        assert [(await ask.outcome).status for ask in (first, second)] == [200, 200]
        assert not grid.strikes
