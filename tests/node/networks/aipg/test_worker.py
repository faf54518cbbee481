"""The worker at its work: the real dispatcher and adapter against the stand-in grid, over real sockets."""

from __future__ import annotations

import asyncio
import json

import pytest
from grid import MODEL, booked, rig, so, working
from warped_loop import LoopClock, warped

from node.engines.base import EngineError, EngineFault
from node.jobs import GenerationRequest, Job, JobState
from node.rehearsal.aipg import Ask, Coordinator


async def all_done(asks: list[Ask]) -> None:
    for ask in asks:
        assert (await ask.outcome).status == 200


@warped
async def test_jobs_are_streamed_delivered_and_paid_and_the_books_agree_to_the_last_unit() -> None:
    async with working() as (grid, one):
        asks = [grid.ask(MODEL, "tell me " * number) for number in range(40)]
        await all_done(asks)
        await so(lambda: len(one.receipts()) == 40)
        assert {receipt.state for receipt in one.receipts()} == {JobState.DONE}
        assert one.claimed() == booked(grid) > 0
        assert {receipt.job_id for receipt in one.receipts()} == {ask.id for ask in asks}
        assert [delta["content"] for delta in asks[0].streamed] == ["one "]


@warped
async def test_there_are_never_more_jobs_than_slots_and_sockets_are_named_apart() -> None:
    async with working(slots=3, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(30)]
        for _ in asks:
            (await one.engine.next_gate()).set_result("two")
        await all_done(asks)
        assert one.engine.most_computing == 3
        assert {"rig-1", "rig-1#2", "rig-1#3"} <= grid.books.names.keys()
        await so(lambda: len(one.receipts()) == 30)
        assert grid.dialled == len(grid.books.names), "nobody reconnects between jobs"


@warped
async def test_slots_stay_full_while_demand_is_deep() -> None:
    async with working(slots=2, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(50)]
        idle = 0
        while sum(ask.outcome.done() for ask in asks) < 40:
            await asyncio.sleep(0.2)
            idle += one.engine.computing < 2
            next(gate for gate in one.engine.gates if not gate.done()).set_result("two")
        one.engine.by_itself = True
        assert idle == 0
        for gate in one.engine.gates:
            if not gate.done():
                gate.set_result("two")
        await all_done(asks)


@warped
async def test_pings_are_answered_and_an_idle_worker_stays() -> None:
    async with working() as (grid, _):
        sockets = list(grid.online.values())
        await asyncio.sleep(200)
        assert list(grid.online.values()) == sockets
        assert {frame["type"] for frame in sockets[0].heard} == {"pong"}


@warped
async def test_a_cancel_reaches_the_engine_within_a_second_and_the_part_is_credited() -> None:
    async with working(by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: bool(ask.streamed))
        ask.cancelled = True
        await so(lambda: one.engine.computing == 0, 6.0)
        assert (await ask.outcome).finish_reason == "cancelled"
        await so(lambda: len(one.receipts()) == 1)
        assert one.receipts()[0].state is JobState.CANCELLED
        await so(lambda: one.network.in_hand == 0)
        await so(lambda: one.credited() == booked(grid) > 0, 120)
        (entry,) = one.credits.settlements
        assert (entry.claim, entry.reference, entry.refers) == ("credited", ask.id, 1)
        assert not grid.strikes


@warped
async def test_the_engine_stops_within_a_second_of_the_cancel_frame() -> None:
    async with working(by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: bool(ask.streamed))
        socket = next(socket for socket in grid.online.values() if socket.current is ask)
        await socket.ws.send(json.dumps({"type": "cancel", "id": ask.id}))
        await so(lambda: one.engine.computing == 0, 1.0)


@warped
async def test_a_caller_who_leaves_during_a_long_silence_is_noticed() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        first, waiting = grid.ask(MODEL), grid.ask(MODEL)
        await so(lambda: one.network.in_hand == 2)
        waiting.cancelled = True
        await so(lambda: waiting.outcome.done(), 5.0)
        assert (await waiting.outcome).text == ""
        (await one.engine.next_gate()).set_result("two")
        await first.outcome


@pytest.mark.parametrize("fault", [EngineFault.BAD_REQUEST, EngineFault.CONTEXT_EXCEEDED, EngineFault.UNSUPPORTED])
@warped
async def test_what_the_caller_did_wrong_is_told_and_is_no_strike(fault: EngineFault) -> None:
    async with working(by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        (await one.engine.next_gate()).set_result(EngineError(fault, "that cannot be"))
        outcome = await ask.outcome
        assert (outcome.status, outcome.message) == (400, "that cannot be")
        assert not grid.strikes
        await so(lambda: len(one.receipts()) == 1)
        assert one.receipts()[0].state is JobState.FAILED


@warped
async def test_a_crash_in_mid_answer_is_told_and_is_one_strike_that_is_shown() -> None:
    async with working(by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: bool(ask.streamed))
        (await one.engine.next_gate()).set_result(EngineError(EngineFault.CRASHED, "segmentation fault in /home/me"))
        outcome = await ask.outcome
        assert "/home/me" not in outcome.message
        assert grid.strikes["rig-1"].count == 1
        assert "1 of 6 strikes" in (await one.network.probe()).detail


@warped
async def test_too_many_crashes_end_in_a_cool_down_that_is_kept_and_shown() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        while not any(strikes.barred_for for strikes in grid.strikes.values()):
            ask = grid.ask(MODEL)
            await so(lambda ask=ask: bool(ask.streamed))  # type: ignore[misc]
            (await one.engine.next_gate()).set_result(EngineError(EngineFault.CRASHED, "it died"))
            await ask.outcome
        await so(lambda: not one.network.connections)
        dialled = grid.dialled
        assert "sent us away for a while" in (await one.network.probe()).problem
        await asyncio.sleep(25)
        assert grid.dialled == dialled, "nobody dials in vain, under no name"
        await so(lambda: one.network.connections > 0, 15)
        assert not (await one.network.probe()).problem


@pytest.mark.parametrize(
    ("wants", "told"),
    [
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://10.0.0.1/"}}]}
                ]
            },
            "text only",
        ),
        ({"messages": []}, "messages"),
        ({"temperature": "hot"}, "temperature"),
        ({"messages": [{"role": "user", "content": "word " * 5000}]}, "context is 4096"),
    ],
)
@warped
async def test_requests_that_cannot_be_served_are_refused_in_words(wants: dict[str, object], told: str) -> None:
    async with working() as (grid, one):
        outcome = await grid.ask(MODEL, **wants).outcome
        assert outcome.status == 400
        assert told in outcome.message
        assert not grid.strikes
        assert one.books.records == []


@warped
async def test_validators_probes_are_served_like_any_job() -> None:
    async with working() as (grid, one):
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ask = grid.ask(
            MODEL,
            validation=True,
            target="rig-1",
            messages=[
                {"role": "user", "content": "call f"},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c", "content": "7"},
            ],
            max_tokens=160,
            temperature=0,
        )
        assert (await ask.outcome).status == 200
        await so(lambda: len(one.receipts()) == 1)
        assert one.claimed() == 0


@pytest.mark.parametrize(("after", "claimed"), [(3.0, True), (None, False)])
@warped
async def test_a_late_ack_counts_and_a_missing_one_stops_nothing(after: float | None, claimed: bool) -> None:
    async with working(slots=1) as (grid, one):
        grid.faults.ack_after = after
        await all_done([grid.ask(MODEL) for _ in range(3)])
        await so(lambda: len(one.receipts()) == 3)
        assert {receipt.state for receipt in one.receipts()} == {JobState.DONE}
        assert one.claimed() == (booked(grid) if claimed else 0)


@warped
async def test_an_ack_that_comes_twice_is_booked_once() -> None:
    async with working() as (grid, one):
        grid.faults.ack_twice = True
        await all_done([grid.ask(MODEL) for _ in range(5)])
        await so(lambda: len(one.receipts()) == 5)
        assert one.claimed() == booked(grid)


@warped
async def test_a_job_whose_settlement_failed_comes_again_and_is_paid_then() -> None:
    async with working(slots=1) as (grid, one):
        grid.faults.unsettled = True
        ask = grid.ask(MODEL)
        await asyncio.sleep(1)
        grid.cut_all()
        grid.faults.unsettled = False
        grid.queue.put(ask)
        assert (await ask.outcome).status == 200
        await so(lambda: one.claimed() == booked(grid) > 0)


@warped
async def test_a_drain_finishes_what_is_in_hand_and_takes_nothing_more() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(6)]
        await so(lambda: one.network.in_hand >= 2)
        draining = asyncio.create_task(one.dispatcher.drain(60))
        while not draining.done():
            await asyncio.sleep(0.1)
            for gate in one.engine.gates:
                if not gate.done():
                    gate.set_result("two")
        await so(lambda: not grid.online)
        done = sum(ask.outcome.done() for ask in asks)
        assert {receipt.state for receipt in one.receipts()} == {JobState.DONE}
        assert len(one.receipts()) == done < 6
        assert len(grid.queue.waiting) == 6 - done, "the others wait for somebody else"
        assert not grid.strikes


@warped
async def test_a_pause_leaves_the_network_and_the_end_of_it_brings_us_back() -> None:
    async with working() as (grid, one):
        one.dispatcher.close("the owner plays a game")
        await so(lambda: not one.network.connections, 3)
        ask = grid.ask(MODEL)
        await asyncio.sleep(100)
        assert ask.open
        one.dispatcher.open()
        assert (await ask.outcome).status == 200


@warped
async def test_what_the_owner_cancels_goes_back_without_strike() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: one.engine.computing == 1)
        one.dispatcher.cancel_job(1, "by the owner")
        await so(lambda: len(one.receipts()) == 1)
        (await one.engine.next_gate()).set_result("two")
        assert (await ask.outcome).status == 200
        assert not grid.strikes
        await so(lambda: len(one.receipts()) == 2)
        assert [receipt.state for receipt in one.receipts()] == [JobState.CANCELLED, JobState.DONE]


@warped
async def test_a_job_that_cannot_end_in_time_goes_back_before_the_grid_gives_it_to_others() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        ask = grid.ask(MODEL)
        await so(lambda: one.engine.computing == 1)
        await so(lambda: len(one.receipts()) == 1, 250)
        assert one.receipts()[0].state is JobState.EXPIRED
        assert ask.open and not grid.strikes


@warped
async def test_an_engine_that_is_down_takes_the_worker_off_the_grid() -> None:
    async with working() as (grid, one):
        one.engine.capacity = 0
        await so(lambda: not one.network.connections, 2)
        await so(lambda: not grid.online, 11)
        one.engine.capacity = 2
        await so(lambda: bool(grid.online), 2)


@warped
async def test_an_offer_that_waits_for_a_place_goes_back_as_soon_as_nothing_more_is_taken() -> None:
    async with working(slots=1, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(6)]
        await so(lambda: one.engine.computing == 1)
        one.dispatcher.limit(0)
        (await one.engine.next_gate()).set_result("two")
        await so(lambda: any(ask.outcome.done() for ask in asks))
        await asyncio.sleep(10)
        accepted, offered = len(one.dispatcher.runs), one.network.in_hand
        assert offered == accepted + 1
        one.dispatcher.close("the owner needs the card")
        await so(lambda: one.network.in_hand == accepted, 2.0)
        assert sum(ask.outcome.done() for ask in asks) == 1, "it is the grid's again"


@warped
async def test_two_networks_share_the_slots() -> None:
    async with working(slots=2) as (grid, one):
        other = one.dispatcher.desk("other")
        ticket = await asyncio.wait_for(other.ticket("m"), 60)
        ticket.release()
        assert (await grid.ask(MODEL).outcome).status == 200


@warped
async def test_what_the_pages_show_is_booked_once_and_told() -> None:
    async with working() as (grid, one):
        await all_done([grid.ask(MODEL) for _ in range(3)])
        grid.books.close_hour(grid.clock.wall_ns() + 1, "pending")
        grid.books.close_hour(grid.clock.wall_ns() + 1, "confirmed")
        await so(lambda: len(one.credits.settlements) == 6, 120)
        assert one.credited() == booked(grid)
        assert [(row.asset, row.claim) for row in one.credits.settlements][3:] == [
            ("AIPG", "credited"),
            ("AIPG", "credited"),
            ("AIPG", "paid"),
        ]
        hour_ended_ns = one.credits.settlements[-1].received_ns
        assert hour_ended_ns is not None
        assert hour_ended_ns <= grid.clock.wall_ns()
        standing = await one.network.probe()
        assert [str(amount) for amount in standing.owed] == ["208.330000000000000000 AIPG"]
        assert standing.paid == standing.owed
        await asyncio.sleep(200)
        assert len(one.credits.settlements) == 6


@warped
async def test_a_payout_is_booked_as_paid_once_its_transaction_has_a_name() -> None:
    async with working() as (grid, one):
        await all_done([grid.ask(MODEL)])
        grid.books.close_hour(grid.clock.wall_ns() + 1, "sent")
        (payout,) = next(iter(grid.books.keys.values())).account.payouts
        payout.tx_hash, name = None, payout.tx_hash
        await so(lambda: any(row.asset == "AIPG" for row in one.credits.settlements), 120)
        payout.tx_hash = name
        await so(lambda: any(row.claim == "paid" for row in one.credits.settlements), 120)
        assert [row.reference for row in one.credits.settlements if row.claim == "paid"] == [name]


@warped
async def test_what_was_pushed_out_of_the_short_list_of_jobs_is_booked_in_one_sum() -> None:
    async with working(slots=4) as (grid, one):
        await all_done([grid.ask(MODEL) for _ in range(150)])
        await so(lambda: one.credited() == booked(grid), 200)
        together = [entry for entry in one.credits.settlements if entry.refers is None]
        assert 1 <= len(together) <= 2
        assert all("rig-1" in entry.reference for entry in together)


@warped
async def test_what_the_account_earned_before_or_elsewhere_is_not_ours() -> None:
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving():
        for name in ("rig-1", "rig-2"):
            async with rig(grid, key, worker_name=name) as earlier:
                await so(lambda earlier=earlier: earlier.network.connections > 0)
                assert (await grid.ask(MODEL).outcome).status == 200
        before = booked(grid)
        async with rig(grid, key) as one:
            await so(lambda: one.network.connections > 0)
            assert (await grid.ask(MODEL).outcome).status == 200
            await so(lambda: one.credited() > 0, 120)
            await asyncio.sleep(200)
            assert one.credited() == booked(grid) - before


@pytest.mark.parametrize(
    ("page", "told"),
    [((401, "{}"), "set a new one"), ((500, "{}"), "500"), ((429, "{}"), "429"), ((200, "<html>"), "documents")],
)
@warped
async def test_pages_that_cannot_be_read_are_told_and_cost_no_job(page: tuple[int, str], told: str) -> None:
    async with working() as (grid, one):
        grid.faults.page = page
        assert (await grid.ask(MODEL).outcome).status == 200
        await asyncio.sleep(70)
        assert told in (await one.network.probe()).detail
        assert one.credits.settlements == []


@warped
async def test_a_missing_payout_wallet_is_told() -> None:
    async with working() as (grid, one):
        next(iter(grid.books.keys.values())).account.wallet = ""
        await asyncio.sleep(70)
        assert "no payout wallet" in (await one.network.probe()).messages[0]


@warped
async def test_a_greedy_neighbour_leaves_no_job_behind_and_no_slot_over_committed() -> None:
    async with working(slots=2, by_itself=False) as (grid, one):
        asks = [grid.ask(MODEL) for _ in range(30)]
        neighbour = one.dispatcher.desk("neighbour")
        served = 0

        async def take_what_comes() -> None:
            nonlocal served
            while True:
                request = GenerationRequest("m", prompt="hi")
                ticket = await neighbour.ticket("m")
                async with neighbour.submit(ticket, Job(f"n{served}", "neighbour", request)) as run:
                    async for _ in run:
                        pass
                    await run.delivered()
                served += 1

        async def compute() -> None:
            while True:
                await asyncio.sleep(0.2)
                for gate in one.engine.gates:
                    if not gate.done():
                        gate.set_result("two")

        others = [asyncio.create_task(work()) for work in (take_what_comes, take_what_comes, take_what_comes, compute)]
        await all_done(asks)
        await so(lambda: one.claimed() == booked(grid))
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        assert one.engine.most_computing == 2
        assert served >= 10
        assert max(ask.bounces for ask in asks) < 5
        assert not grid.strikes
