"""The floor of the house: networks ask here for tickets, jobs get their slots here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from node.clock import Clock
from node.dispatcher.allocation import Allocation
from node.dispatcher.bookings import Bookings, Books
from node.dispatcher.desk import TOO_LATE, Desk
from node.dispatcher.energy import Metering, Spent
from node.dispatcher.probation import Conduct
from node.dispatcher.routing import Routing
from node.dispatcher.run import Compute, JobRun
from node.dispatcher.speed import Speeds, Throughput, hopeless
from node.dispatcher.terms import Terms, Worth
from node.engines.base import Engine, EngineError, EngineFault, ModelInfo
from node.jobs import Job, JobState
from node.ledger.records import JobAccepted, JobFinished

REFRESH_SECONDS = 0.25
BROKEN = frozenset({EngineFault.CRASHED, EngineFault.UNAVAILABLE})
UNFINISHED = frozenset({JobState.WAITING, JobState.RUNNING})
COMING_SECONDS = 15.0  # how long a drain waits for jobs that may still come
PATIENCE_SECONDS = 30.0  # how long jobs wait for an engine that is not there


class Dispatcher:
    """Grants tickets, hands out slots, and follows every job until the ledger has its end.

    Args:
        meter: millijoules so far; None where nothing measures. cost: the sum of millijoules times their prices so far
            (see `node.energy.price`), in this currency; None where no price is known. worth: a reward in millionths of
            this currency; None where it has no price.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        books: Books,
        clock: Clock,
        *,
        meter: Callable[[], int | None] = lambda: None,
        cost: Callable[[], int | None] = lambda: None,
        currency: str = "",
        worth: Worth = lambda amount: None,
        last_number: int = 0,
    ) -> None:
        self.clock = clock
        self.speeds = Speeds()
        self.throughput = Throughput()
        self.allocation = Allocation()
        self._terms = Terms(self.allocation, worth)
        self.runs: dict[int, JobRun] = {}
        self.closed = ""  # why no new work is taken; empty while it is
        self.draining = False
        self.yielding = ""  # why jobs that may be given back are given back at once; empty while they are not
        self.refreshed_at = float("-inf")  # when the engines were last looked at, in the clock's monotonic seconds
        self.routing = Routing(engines)
        self.bookings = Bookings(books)
        self._metering = Metering(meter, cost)
        self.currency = currency
        self._last_number = last_number
        self._desks: dict[str, Desk] = {}
        self._missing_since: dict[str, float] = {}
        self._idle = asyncio.Event()  # nothing is in hand
        self._idle.set()
        self._quiet = asyncio.Event()  # no ticket is out

    # For the composition root

    def desk(
        self, network: str, *, weight: float = 1.0, queue: int | None = None, droppable: bool = False, own: bool = False
    ) -> Desk:
        """The tickets of one network; see `Allocation.join` for weight and queue.

        Args:
            droppable: its rules allow to give a job back unfinished.
            own: it is the owner's own use, which is served ahead of the networks and never slowed.

        Raises:
            ValueError: the weight is none, or the network has a desk.
        """
        self.allocation.join(network, weight=weight, queue=queue)
        self._terms.join(network, weight, own=own)
        self._terms.review(self.clock.monotonic(), {})
        desk = self._desks[network] = Desk(network, self, droppable=droppable)
        return desk

    def leave(self, network: str) -> None:
        """A network gets no more tickets, and who waits for one is sent away. What it has in hand goes on, and so does
        what its tickets still bring, for as long as its adapter does; ``in_hand`` tells when nothing is left. It may
        have a desk again at any time.
        """
        self._desks.pop(network).leave()
        self.allocation.leave(network)
        self._terms.leave(network)
        self.turn()

    def weigh(self, network: str, weight: float) -> None:
        """Give a network another weight.

        Raises:
            ValueError: it is not above zero.
        """
        self.allocation.weigh(network, weight)
        self._terms.weigh(network, weight)
        self._terms.review(self.clock.monotonic(), self._undelivered())

    def conduct(self, network: str) -> Conduct:
        """How a network behaves, and what follows from that."""
        return self._terms.conduct(network, self.clock.monotonic())

    def pay(self, network: str) -> float | None:
        """What a network pays for a second of a slot, measured, in millionths of the owner's currency; None while that
        is not known, or where its asset has no price."""
        return self._terms.pay(network)

    def in_hand(self, network: str) -> int:
        """How many jobs of a network have not ended, those being delivered included, and how many may still come."""
        return self.allocation.tickets(network) + sum(run.job.network == network for run in self.runs.values())

    async def run(self) -> None:
        """Follow what the engines can do, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Look at the engines once and act on what has changed."""
        for model, slots in (await self.routing.look()).items():
            self.allocation.set_slots(model, slots)
        self._fail_the_stranded()
        self._return_the_late()
        self._terms.review(self.clock.monotonic(), self._undelivered())
        self.turn()
        self.refreshed_at = self.clock.monotonic()

    def open(self) -> None:
        """Take new work."""
        if not self.draining:
            self.closed = ""
            self.turn()

    def close(self, reason: str) -> None:
        """Take no new work; what is in hand goes on."""
        self.closed = reason or "no new work is taken"
        self.turn()

    def limit(self, slots: int | None) -> None:
        """Let at most so many jobs start to compute; None lets all slots be used."""
        self.allocation.set_cap(slots)
        self.turn()

    def give_back(self, reason: str) -> None:
        """The machine is needed now: give back every job whose network allows it, and go on doing so until
        `keep`. The others are finished."""
        self.yielding = reason
        for run in self.runs.values():
            desk = self._desks.get(run.job.network)
            if desk is not None and desk.droppable and run.state in UNFINISHED:
                run.recall(reason, JobState.RETURNED)

    def keep(self) -> None:
        """Jobs stay in hand again."""
        self.yielding = ""

    def unfinished(self) -> int:
        """How many jobs still wait for the engine or compute; one that was told to stop counts until it has."""
        return sum(run.course.computing or run.state is JobState.WAITING for run in self.runs.values())

    async def drain(self, patience: float) -> int:
        """Take nothing more and wait for what is in hand; after ``patience`` seconds the rest is cancelled.

        A ticket that is out may still bring a job, as what is asked of a network cannot be taken back: for that too it
        waits, `COMING_SECONDS` at most.

        Returns:
            How many jobs had to be cancelled.
        """
        self.draining = True
        self.close("the node is draining")
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                with suppress(TimeoutError):
                    async with asyncio.timeout(COMING_SECONDS):
                        await self._quiet.wait()
                await self._idle.wait()
        return await self.stop("the node stopped before the job was finished")

    async def stop(self, reason: str) -> int:
        """End everything in hand now. Returns how many jobs that were."""
        self.draining = True
        self.close("the node is stopping")
        unfinished = [run for run in self.runs.values() if not run.state.final]
        for run in unfinished:
            run.recall(reason)
        await self._idle.wait()
        return len(unfinished)

    # For the control API

    def cancel_job(self, number: int, reason: str) -> bool:
        """Cancel one job in hand; False if there is none of that number."""
        run = self.runs.get(number)
        if run is None or run.state.final:
            return False
        run.recall(reason)
        return True

    def models(self) -> list[ModelInfo]:
        """What is served now."""
        return self.routing.models()

    def models_of(self, engine: Engine) -> list[ModelInfo]:
        """What one engine serves now."""
        return self.routing.models(engine)

    def seconds_left(self) -> float | None:
        """About how long the jobs in hand will still take; None if the speed is not known yet."""
        longest = 0.0
        for run in self.runs.values():
            limit = run.job.request.max_tokens
            left = None if limit is None else self.speeds.seconds(run.job.model, 0, max(0, limit - run.course.deltas))
            if left is None:
                return None
            longest = max(longest, left)
        return longest

    # For desks

    def begin(self, ticket: int, job: Job, compute: Compute | None) -> JobRun:
        """Take a job in hand, in the place of a ticket.

        Raises:
            KeyError: the ticket has ended.
        """
        number = self._last_number + 1
        self.allocation.use(job.network, ticket, number)
        self._last_number = number
        run = self.runs[number] = JobRun(number, job, self, compute)
        self._idle.clear()
        return run

    def turn(self) -> None:
        """Hand out what is free: slots to waiting jobs, then tickets to waiting networks."""
        while (number := self.allocation.start_next()) is not None:
            run = self.runs[number]
            self._metering.begin(number)
            run.start(self.routing.engine_for(run.job.model))
        if self.draining:
            for desk in self._desks.values():
                desk.dismiss(self.closed)
        while not self.closed and self._serve_one():
            pass
        if self.allocation.tickets():
            self._quiet.clear()
        else:
            self._quiet.set()

    # For runs

    async def book(self, record: JobAccepted | JobFinished) -> int:
        return await self.bookings.book(record)

    def vacate(self, run: JobRun) -> Spent:
        course = run.course
        if self.allocation.withdraw(run.number) or course.seconds is None:
            self.turn()
            return Spent()
        spent = self._metering.end(run.number)
        self.allocation.finish(run.number, course.seconds)
        if run.engine_fault in BROKEN:  # a dead engine would fail all that waits before the next look at it
            self.allocation.set_slots(run.job.model, 0)
        if course.usage is not None and course.reading is not None and course.writing is not None:
            self.speeds.note(run.job.model, course.usage, course.reading, course.writing)
        self.turn()
        return spent

    def heard(self, run: JobRun, tokens: int) -> None:
        self.throughput.note(self.clock.monotonic(), tokens)

    def ended(self, run: JobRun) -> None:
        receipt = run.receipt
        if receipt is not None and not self.draining:
            seconds, now = receipt.compute_us / 1e6, self.clock.monotonic()
            self._terms.ended(run.job.network, run.ending, seconds, receipt.reward, now)
        self.runs.pop(run.number, None)
        if not self.runs:
            self._idle.set()

    def _serve_one(self) -> bool:
        """One ticket to whoever is furthest behind of those who wait for one."""
        wanting = [name for name, desk in self._desks.items() if desk.wanting]
        return any(self._desks[name].serve_one() for name in self.allocation.in_turn(wanting))

    def _undelivered(self) -> Counter[str]:
        return Counter(run.job.network for run in self.runs.values() if run.state is JobState.DELIVERING)

    def _return_the_late(self) -> None:
        """Give back what waits and would be late even if it got a slot now."""
        now = self.clock.monotonic()
        for run in self.runs.values():
            if run.state is JobState.WAITING and hopeless(run.job, self.speeds, now):
                run.recall(TOO_LATE, JobState.RETURNED)

    def _fail_the_stranded(self) -> None:
        """Jobs that wait for a model which no engine has served for a while cannot wait for ever."""
        now = self.clock.monotonic()
        wanted = {run.job.model for run in self.runs.values() if run.state is JobState.WAITING}
        missing = {model for model in wanted if self.allocation.slots(model) == 0}
        self._missing_since = {model: self._missing_since.get(model, now) for model in missing}
        for model, since in self._missing_since.items():
            if now - since < PATIENCE_SECONDS:
                continue
            error = EngineError(EngineFault.UNAVAILABLE, f"nobody serves {model} now: {self.routing.trouble()}")
            for number in self.allocation.waiting_for(model):
                self.runs[number].fail(error)
