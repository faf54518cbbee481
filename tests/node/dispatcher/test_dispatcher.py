"""A job's way through the dispatcher, from its ticket to its receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_engine import MemoryBooks, ScriptedEngine
from until import until

from node.clock import SystemClock
from node.dispatcher import Dispatcher, JobRun
from node.dispatcher.desk import Desk
from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk, GenerationRequest, Job, JobState, Receipt
from node.ledger.errors import LedgerUnavailable
from node.ledger.records import JobAccepted, JobFinished
from node.networks.base import Closed, JobEnded


class Floor:
    """A dispatcher with one engine and books that can be read back."""

    def __init__(self, slots: int = 2, *, by_itself: bool = False, **options: object) -> None:
        self.engine = ScriptedEngine(slots, by_itself=by_itself)
        self.books = MemoryBooks()
        self.dispatcher = Dispatcher([self.engine], self.books, SystemClock(), **options)  # type: ignore[arg-type]
        self.desk: Desk = self.dispatcher.desk("local", queue=100)

    async def ready(self) -> Floor:
        await self.dispatcher.refresh()
        return self

    async def submit(
        self, name: str = "j", *, model: str = "m", seconds: float | None = None, **wants: object
    ) -> JobRun:
        deadline = None if seconds is None else self.dispatcher.clock.monotonic() + seconds
        request = GenerationRequest(model, prompt="hello", **wants)  # type: ignore[arg-type]
        ticket = await self.desk.ticket(model)
        return self.desk.submit(ticket, Job(name, "local", request, deadline=deadline))

    def receipts(self) -> list[Receipt]:
        return [record.receipt for record in self.books.records if isinstance(record, JobFinished)]


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    floor = await Floor().ready()
    yield floor
    await floor.dispatcher.stop("the test is over")
    assert floor.engine.computing == 0


async def text_of(run: JobRun) -> str:
    return "".join([chunk.text async for chunk in run])


async def test_a_job_is_computed_delivered_and_booked_once(floor: Floor) -> None:
    run = await floor.submit()
    reading = asyncio.ensure_future(text_of(run))
    (await floor.engine.next_gate()).set_result("two")
    assert await reading == "one two"
    assert run.state is JobState.DELIVERING
    receipt = await run.delivered()
    assert (receipt.state, receipt.usage and receipt.usage.completion_tokens) == (JobState.DONE, 2)
    assert [type(record) for record in floor.books.records] == [JobAccepted, JobFinished]


async def test_the_ledger_has_the_job_before_its_first_token_is_handed_out(floor: Floor) -> None:
    run = await floor.submit()
    async for _ in run:
        assert isinstance(floor.books.records[0], JobAccepted)
        break
    run.cancel("enough")


async def test_a_repeated_delivery_is_recognised_as_done(floor: Floor) -> None:
    floor.engine.by_itself = True
    run = await floor.submit()
    await text_of(run)
    assert await run.delivered() == await run.delivered()
    assert len(floor.receipts()) == 1


async def test_the_slot_is_free_before_delivery_begins(floor: Floor) -> None:
    floor.engine.by_itself = True
    run = await floor.submit()
    await text_of(run)
    assert floor.dispatcher.allocation.running() == 0
    assert run.state is JobState.DELIVERING


async def test_a_slow_reader_holds_no_slot(floor: Floor) -> None:
    floor.engine.by_itself = True
    runs = [await floor.submit(f"j{number}") for number in range(10)]
    await until(lambda: all(run.state is JobState.DELIVERING for run in runs))
    assert [await text_of(run) for run in runs] == ["one "] * 10


async def test_what_gathered_while_nobody_read_is_one_chunk(floor: Floor) -> None:
    run = await floor.submit()
    (await floor.engine.next_gate()).set_result("two")
    await until(lambda: run.state is JobState.DELIVERING)
    chunks = [chunk async for chunk in run]
    assert [(chunk.text, chunk.deltas) for chunk in chunks] == [("one two", 2), ("", 0)]


async def test_jobs_beyond_the_slots_wait_in_order(floor: Floor) -> None:
    runs = [await floor.submit(f"j{number}") for number in range(4)]
    await floor.engine.started.wait()
    assert [run.state for run in runs] == [JobState.RUNNING] * 2 + [JobState.WAITING] * 2
    runs[0].cancel("make room")
    await until(lambda: runs[2].state is not JobState.WAITING)
    assert runs[3].state is JobState.WAITING
    assert floor.engine.most_computing == 2


@pytest.mark.parametrize("waiting", [False, True])
async def test_a_cancelled_job_ends_once_and_frees_its_place(floor: Floor, waiting: bool) -> None:
    runs = [await floor.submit(f"j{number}") for number in range(3)]
    await floor.engine.next_gate()
    run = runs[2] if waiting else runs[0]
    run.cancel("the client is gone")
    run.cancel("again")
    with pytest.raises(JobEnded, match="the client is gone"):
        await text_of(run)
    await until(lambda: run.receipt is not None)
    assert [receipt.state for receipt in floor.receipts()] == [JobState.CANCELLED]
    assert floor.engine.computing == 2


async def test_a_deadline_ends_a_job_that_still_computes(floor: Floor) -> None:
    run = await floor.submit(seconds=0.02)
    with pytest.raises(JobEnded, match="deadline"):
        await text_of(run)
    await until(lambda: run.receipt is not None)
    assert run.receipt.state is JobState.EXPIRED


async def test_a_job_that_cannot_meet_its_deadline_at_the_measured_speed_is_given_back_at_once(floor: Floor) -> None:
    from node.jobs import Usage

    floor.dispatcher.speeds.note("m", Usage(100, 101), reading=1.0, writing=10.0)  # ten tokens a second
    run = await floor.submit(seconds=5.0, max_tokens=100)
    assert run.state is JobState.RETURNED
    with pytest.raises(JobEnded, match="measured speed"):
        await text_of(run)


async def test_an_engine_fault_is_told_to_the_reader_and_booked(floor: Floor) -> None:
    run = await floor.submit()
    reading = asyncio.ensure_future(text_of(run))
    (await floor.engine.next_gate()).set_result(EngineError(EngineFault.CRASHED, "it died"))
    with pytest.raises(EngineError, match="it died"):
        await reading
    await until(lambda: run.receipt is not None)
    assert (run.receipt.state, run.receipt.reason) == (JobState.FAILED, "it died")


async def test_leaving_the_context_without_delivery_is_a_cancellation(floor: Floor) -> None:
    async with await floor.submit() as run:
        async for _ in run:
            break
    assert run.receipt is not None
    assert run.receipt.state is JobState.CANCELLED


async def test_leaving_the_context_with_an_exception_is_a_failure_that_says_why(floor: Floor) -> None:
    with pytest.raises(OSError, match="no route"):
        async with await floor.submit() as run:
            raise OSError("no route")
    assert run.receipt is not None
    assert (run.receipt.state, run.receipt.reason) == (JobState.FAILED, "no route")


async def test_a_job_whose_acceptance_cannot_be_written_gives_no_token(floor: Floor) -> None:
    async def full(record: object) -> None:
        raise LedgerUnavailable("the disk is full")

    floor.books.append = full  # type: ignore[method-assign, assignment]
    run = await floor.submit()
    with pytest.raises(EngineError, match="the books cannot be written"):
        await text_of(run)
    assert floor.dispatcher.bookings.trouble == "the disk is full"


async def test_a_closed_node_gives_no_ticket_and_says_why(floor: Floor) -> None:
    floor.dispatcher.close("paused by you")
    with pytest.raises(Closed, match="paused by you"):
        await floor.desk.ticket("m", wait=False)


async def test_a_polling_network_waits_until_the_node_opens_again(floor: Floor) -> None:
    floor.dispatcher.close("paused by you")
    waiting = asyncio.ensure_future(floor.desk.ticket("m"))
    await asyncio.sleep(0)
    assert not waiting.done()
    floor.dispatcher.open()
    assert (await waiting).model == "m"


async def test_an_unknown_model_is_refused_with_the_names_of_those_served(floor: Floor) -> None:
    with pytest.raises(EngineError, match="'gpt-5' is not served here; served: m"):
        await floor.desk.ticket("gpt-5")


async def test_draining_finishes_what_is_in_hand_and_sends_newcomers_away(floor: Floor) -> None:
    run = await floor.submit()
    reading = asyncio.ensure_future(text_of(run))
    gate = await floor.engine.next_gate()
    draining = asyncio.ensure_future(floor.dispatcher.drain(10))
    await asyncio.sleep(0)
    with pytest.raises(Closed):
        await floor.desk.ticket("m")
    gate.set_result("two")
    await reading
    await run.delivered()
    assert await draining == 0


async def test_a_drain_that_takes_too_long_cancels_the_rest(floor: Floor) -> None:
    run = await floor.submit()
    assert await floor.dispatcher.drain(0.01) == 1
    assert run.receipt is not None
    assert run.receipt.state is JobState.CANCELLED


async def test_embeddings_are_a_job_with_a_receipt(floor: Floor) -> None:
    answer = await floor.desk.embed(await floor.desk.ticket("m"), "e1", "owner", ["a b", "c"])
    assert (answer.vectors, answer.prompt_tokens) == (((3.0,), (1.0,)), 3)
    assert [receipt.state for receipt in floor.receipts()] == [JobState.DONE]


async def test_energy_is_shared_among_the_jobs_that_ran_together() -> None:
    meter = iter([0, 1000, 5000, 6000])
    floor = await Floor(by_itself=False, meter=lambda: next(meter)).ready()
    runs = [await floor.submit("a"), await floor.submit("b")]
    gates = [await floor.engine.next_gate()]
    await until(lambda: len(floor.engine.gates) >= 2)
    for run, gate in zip(runs, [gates[0], floor.engine.gates[1]], strict=True):
        gate.set_result("x")
        await text_of(run)
        await run.delivered()
    assert [receipt.energy_mj for receipt in floor.receipts()] == [3000, 3000]


STEPS = st.lists(
    st.sampled_from(["submit", "finish", "fail", "cancel", "deadline", "shrink", "grow", "pause", "resume", "crash"]),
    max_size=40,
)


@settings(max_examples=60)
@given(STEPS, st.randoms(use_true_random=False))
def test_whatever_happens_each_accepted_job_ends_exactly_once_and_slots_are_never_exceeded(
    steps: list[str], random: object
) -> None:
    asyncio.run(_live_through(steps, random))


async def _live_through(steps: list[str], random: object) -> None:
    floor = await Floor(slots=2).ready()
    most_slots = 2
    runs: list[JobRun] = []
    readers: list[asyncio.Task[None]] = []

    async def deliver(run: JobRun) -> None:
        try:
            async with run:
                async for _ in run:
                    pass
                await run.delivered()
        except (EngineError, JobEnded):
            pass

    async def take(seconds: float | None = None) -> None:
        request = GenerationRequest("m", prompt="p")
        deadline = None if seconds is None else floor.dispatcher.clock.monotonic() + seconds
        try:
            ticket = await floor.desk.ticket("m", wait=False)
        except (Closed, EngineError):
            return
        run = floor.desk.submit(ticket, Job(f"j{len(runs)}", "local", request, deadline=deadline))
        runs.append(run)
        readers.append(asyncio.create_task(deliver(run)))

    for step in steps:
        open_gates = [gate for gate in floor.engine.gates if not gate.done()]
        if step in ("submit", "deadline"):
            await take(0.001 if step == "deadline" else None)
        elif step in ("finish", "fail", "crash") and open_gates:
            gate = random.choice(open_gates)  # type: ignore[attr-defined]
            gate.set_result("x" if step == "finish" else EngineError(EngineFault.CRASHED, "died"))
        elif step == "cancel" and runs:
            random.choice(runs).cancel("random")  # type: ignore[attr-defined]
        elif step in ("shrink", "grow"):
            floor.engine.capacity = max(1, floor.engine.capacity + (1 if step == "grow" else -1))
            await floor.dispatcher.refresh()
        elif step == "pause":
            floor.dispatcher.close("paused")
        elif step == "resume":
            floor.dispatcher.open()
        for _ in range(random.randint(0, 3)):  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        most_slots = max(most_slots, floor.engine.capacity)  # a slot that was given stays given when capacity shrinks
        assert floor.dispatcher.allocation.running() <= most_slots
    await floor.dispatcher.stop("the end")
    await asyncio.gather(*readers)

    accepted = [record.number for record in floor.books.records if isinstance(record, JobAccepted)]
    ended = [receipt.number for receipt in floor.receipts()]
    assert sorted(accepted) == sorted(ended) == [run.number for run in runs]
    assert floor.engine.computing == 0
    assert floor.dispatcher.allocation.running() == 0
    assert all(isinstance(run.receipt, Receipt) and run.state.final for run in runs)


def test_neighbouring_plain_chunks_are_joined_and_others_kept() -> None:
    from node.dispatcher.buffer import merged

    tool = Chunk(choice={"delta": {"tool_calls": []}})
    end = Chunk(finish_reason="stop")
    assert merged([Chunk("a", 1), Chunk("b", 1), tool, Chunk("c", 1), end]) == [
        Chunk("ab", 2),
        tool,
        Chunk("c", 1),
        end,
    ]
