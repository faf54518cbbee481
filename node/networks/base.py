"""What every network looks like to the node, and what the dispatcher hands to each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from node.engines.base import Embeddings, Engine, ModelInfo
from node.jobs import Chunk, Job, JobState, Receipt
from wallet.money import Amount


class Remedy(StrEnum):
    """What an owner can do about a network's no with one command of ours."""

    KEY = "give the network's current key"
    WORKERS_KEY = "make a key for workers in its console, and give it"
    NAME = "choose another worker name"
    MAINTENANCE = "end the worker's maintenance"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a network says of us when it is asked.

    Attributes:
        connected: whether it would give us work now.
        detail: one sentence for a person: account, maintenance, why there are no jobs.
        depth: how many jobs wait in the network for models that we serve; None if it does not say.
        owed: what it says it owes us, by asset. paid: what it says it paid.
        messages: what its moderators want us to read.
        problem: why it gives us no work; empty while it does. remedy: what the owner can do about that: a `Remedy`,
            or in words.
        rest: seconds until it is asked again; None if that is not known, or if it is asked all the time.
        held: what it probably holds back and shows nobody, by asset: our estimate.
        maintenance: whether it was told to send no jobs; None if it has no such switch.
    """

    connected: bool
    detail: str = ""
    depth: int | None = None
    owed: tuple[Amount, ...] = ()
    paid: tuple[Amount, ...] = ()
    messages: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""
    rest: float | None = None
    held: tuple[Amount, ...] = ()
    maintenance: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at before joining. ``remedy`` is empty where nothing is needed."""

    good: bool
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a network thinks of one model.

    Attributes:
        served: our name for it. name: the network's.
        known: whether it is on the network's list. validated: whether it pays our software in full; None: no such rule.
        a_job, an_hour: expected rewards of a usual job, and of an hour in which every slot is busy; None: not known.
    """

    served: str
    name: str
    known: bool | None = None
    validated: bool | None = None
    a_job: Amount | None = None
    an_hour: Amount | None = None


class Closed(Exception):
    """No new work now: the guard or the owner says so, in ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Full(Closed):
    """All places are taken just now: waiting for a ticket helps."""


class Ticket(Protocol):
    """The right to have one more job in hand. Ends by use, by release, or by its time limit."""

    model: str

    def release(self) -> None:
        """Give it back unused. Harmless if it was used or has ended."""


class Run(Protocol):
    """A job in hand.

    Iterate it for the chunks (waiting for a slot is part of that), deliver them, then call ``delivered``. Used as an
    async context manager, so that every way out is one final state: leaving without ``delivered`` is a failure where an
    exception says why, and a cancellation otherwise.
    """

    job: Job
    number: int

    @property
    def state(self) -> JobState: ...

    @property
    def receipt(self) -> Receipt | None:
        """Set once the job has ended."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def __aiter__(self) -> AsyncIterator[Chunk]:
        """The answer, as it comes.

        Raises:
            EngineError: the engine could not; the job is FAILED.
            JobEnded: the job was cancelled, expired or given back under us.
        """

    async def delivered(self, reward: Amount | None = None) -> Receipt:
        """The network has the answer: the job is DONE. Returns when the ledger has it."""

    def cancel(self, reason: str, state: JobState = JobState.CANCELLED) -> None:
        """Stop it, wherever it stands; reaches the engine within a second."""


class JobEnded(Exception):
    """The job ended under its adapter, in ``state`` and for ``reason``."""

    def __init__(self, state: JobState, reason: str) -> None:
        super().__init__(f"{state}: {reason}")
        self.state = state
        self.reason = reason


class Capacity(Protocol):
    """What this node can do, for whoever only reckons with it."""

    def models(self) -> Sequence[ModelInfo]:
        """What can be offered now."""

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        """How long such a job would compute at the measured speed; None if that is not known yet."""


class Tickets(Protocol):
    """What the dispatcher hands to one network."""

    def models(self) -> Sequence[ModelInfo]:
        """What can be offered now."""

    def granted(self, model: str) -> int:
        """How many jobs of this model this network may have in hand, now."""

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        """How long such a job would compute at the measured speed; None if that is not known yet."""

    async def ticket(self, model: str, *, wait: bool = True, useful: Callable[[], bool] = lambda: True) -> Ticket:
        """The right to one more job in hand.

        Waits until guard and capacity allow it; with ``wait=False`` raises at once instead.

        Args:
            useful: whether there is a use for it now. Who has none keeps waiting and is passed over; it is asked
                whenever a place comes free, and several times a second.

        Raises:
            EngineError: nobody serves this model.
            Closed: no new work is taken (paused, draining, blocked).
            Full: all is in use, with ``wait=False``.
        """

    def submit(
        self,
        ticket: Ticket,
        job: Job,
        compute: Callable[[Engine], AsyncIterator[Chunk]] | None = None,
        *,
        round_trip: float | None = None,
    ) -> Run:
        """Turn a ticket into a job in hand.

        Args:
            compute: how its chunks are made where the engine's own answer to the job's request is not all, such as an
                answer that ends at a sign that the engine does not know.
            round_trip: seconds from a place for another job to that job, where there is one. By default the time since
                the ticket was granted, which for a network that pushes holds the wait for somebody to ask.

        Raises:
            Closed: the ticket has ended by its time limit.
        """

    async def count_tokens(self, model: str, text: str) -> int:
        """How many tokens this text is for this model."""

    async def embed(self, ticket: Ticket, job_id: str, client: str, texts: Sequence[str]) -> Embeddings:
        """Compute embeddings in a slot, as a job with a ledger entry like any other."""


class Network(Protocol):
    """Where jobs come from.

    Attributes:
        droppable: its rules allow to give a job back unfinished, without a penalty that outlasts the job.
    """

    name: str
    droppable: bool

    async def run(self, tickets: Tickets) -> None:
        """Connect, announce, take, deliver; reconnect with jitter; until cancelled."""


class Joinable(Network, Protocol):
    """A network of others, which an owner joins with an account."""

    async def probe(self) -> Standing:
        """Ask the network how we stand with it."""

    def worths(self, capacity: Capacity) -> Sequence[Worth]:
        """What it thinks of each model that it is offered, as far as is known without asking."""

    async def examine(self, capacity: Capacity) -> Sequence[Finding]:
        """Look at account, name and models, and register as far as that can be tried without taking a job."""

    async def aclose(self) -> None:
        """Let go of connections that looking has opened. Harmless beside ``run``, which ends its own."""


@runtime_checkable
class Maintainable(Protocol):
    """A network that can be told to send no jobs for a while."""

    async def set_maintenance(self, on: bool, message: str = "") -> None:
        """
        Raises:
            MaintenanceRefused: the network does not do it.
        """


class MaintenanceRefused(Exception):
    """The network did not change the switch; the text says why."""
