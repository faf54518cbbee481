"""Who may have a job in hand, and whose job gets the next slot. Pure: no clock, no tasks, no I/O.

Two counts, for each model: a *slot* is the right to compute, and there are as many as the engine says; a *ticket* is
the right to have one more job in hand, and there are as many as slots plus a look-ahead that hides the network's
round trip: what the slots finish within one, and its square root on top for jobs of uneven length (square-root
staffing, Halfin and Whitt, 1981).

Fairness is stride scheduling (Waldspurger and Weihl, 1995): every network has a virtual time that advances by the
engine seconds it used divided by its weight, and the one furthest behind is served first. A network that was away
starts at the present, so that nobody saves up a right to the whole engine.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import count

LOOK_AHEAD_LIMIT = 2.0  # jobs on their way, as a share of the slots, at most
UNMEASURED_LOOK_AHEAD = 0.5  # before a round trip has been seen
NOMINAL_SECONDS = 1.0  # what a job is charged when it starts; corrected when it ends


@dataclass(slots=True)
class _Party:
    """One network's side of the ledger of turns."""

    weight: float
    queue: int | None  # a fixed number of jobs that may wait; None measures a look-ahead
    round_trip: float | None = None
    virtual_time: float = 0.0
    tickets: dict[int, str] = field(default_factory=dict)  # ticket -> model
    waiting: dict[str, deque[int]] = field(default_factory=dict)  # model -> jobs in order
    running: int = 0

    def in_hand(self, model: str) -> int:
        """Tickets out and jobs waiting: what may still ask for a slot of this model."""
        return sum(1 for other in self.tickets.values() if other == model) + len(self.waiting.get(model, ()))

    @property
    def busy(self) -> bool:
        return self.running > 0 or bool(self.tickets) or any(self.waiting.values())


@dataclass(slots=True)
class _Running:
    network: str
    model: str


class Allocation:
    """The state of all slots and tickets."""

    def __init__(self) -> None:
        self._parties: dict[str, _Party] = {}
        self._slots: dict[str, int] = {}
        self._cap: int | None = None
        self._job_seconds: dict[str, float] = {}
        self._running: dict[int, _Running] = {}
        self._waiting: dict[int, _Running] = {}
        self._ticket_numbers = count(1)

    # What is known from outside

    def join(self, network: str, *, weight: float = 1.0, queue: int | None = None) -> None:
        """Let a network take part.

        Args:
            weight: its share against the others, above zero.
            queue: how many of its jobs may wait here; None sets that by the measured round trip.
        """
        if weight <= 0:
            raise ValueError(f"weight of {network}: expected more than 0, got {weight}")
        self._parties[network] = _Party(weight, queue, virtual_time=self._present())

    def set_slots(self, model: str, slots: int) -> None:
        """What the engine can compute at once, now. Jobs that already run keep their slot."""
        self._slots[model] = max(0, slots)

    def set_cap(self, slots: int | None) -> None:
        """At most so many slots in use over all models; None lifts it. Jobs that already run keep theirs."""
        self._cap = slots

    def note_round_trip(self, network: str, seconds: float) -> None:
        """How long it took from the grant of a ticket to the job that used it."""
        party = self._parties[network]
        party.round_trip = seconds if party.round_trip is None else party.round_trip * 0.8 + seconds * 0.2

    # Tickets

    def granted(self, network: str, model: str) -> int:
        """How many further jobs of this model this network may take into its hand, now."""
        party = self._parties[network]
        if party.queue is not None:
            return max(0, self._usable(model) + party.queue - party.in_hand(model) - self._running_of(network, model))
        taken = sum(other.in_hand(model) for other in self._parties.values() if other.queue is None)
        ceiling = self._usable(model) + self._look_ahead(party, model)
        return max(0, ceiling - self.running(model) - taken)

    def take(self, network: str, model: str) -> int | None:
        """One ticket, or None if there is none to be had."""
        if self.granted(network, model) < 1:
            return None
        party = self._parties[network]
        self._wake(party)
        ticket = next(self._ticket_numbers)
        party.tickets[ticket] = model
        return ticket

    def release(self, network: str, ticket: int) -> bool:
        """Give a ticket back unused; False if it had ended already."""
        return self._parties[network].tickets.pop(ticket, None) is not None

    def use(self, network: str, ticket: int, job: int) -> None:
        """A ticket becomes a waiting job.

        Raises:
            KeyError: the ticket has ended.
        """
        party = self._parties[network]
        model = party.tickets.pop(ticket)
        party.waiting.setdefault(model, deque()).append(job)
        self._waiting[job] = _Running(network, model)

    # Slots

    def start_next(self) -> int | None:
        """The next waiting job that gets a free slot, or None if there is no such pair."""
        if self._cap is not None and len(self._running) >= self._cap:
            return None
        for party in sorted(self._parties.values(), key=lambda party: party.virtual_time):
            for model, jobs in party.waiting.items():
                if jobs and self.running(model) < self._slots.get(model, 0):
                    job = jobs.popleft()
                    self._running[job] = self._waiting.pop(job)
                    party.running += 1
                    party.virtual_time += NOMINAL_SECONDS / party.weight
                    return job
        return None

    def finish(self, job: int, seconds: float) -> None:
        """A running job gives its slot back after so many seconds of computing."""
        place = self._running.pop(job)
        party = self._parties[place.network]
        party.running -= 1
        party.virtual_time += (max(0.0, seconds) - NOMINAL_SECONDS) / party.weight
        known = self._job_seconds.get(place.model)
        self._job_seconds[place.model] = seconds if known is None else known * 0.8 + seconds * 0.2

    def withdraw(self, job: int) -> bool:
        """Take a job that still waits out of the line; False if it does not wait."""
        place = self._waiting.pop(job, None)
        if place is None:
            return False
        self._parties[place.network].waiting[place.model].remove(job)
        return True

    # Looking on

    def slots(self, model: str | None = None) -> int:
        return sum(self._slots.values()) if model is None else self._slots.get(model, 0)

    def running(self, model: str | None = None) -> int:
        return sum(1 for place in self._running.values() if model in (None, place.model))

    def waiting_for(self, model: str) -> tuple[int, ...]:
        """Jobs that wait for this model."""
        return tuple(job for job, place in self._waiting.items() if place.model == model)

    def knows(self, network: str) -> bool:
        """Whether it takes part."""
        return network in self._parties

    def counts(self, network: str) -> tuple[int, int]:
        """How many of a network's jobs run and wait."""
        party = self._parties[network]
        return party.running, sum(len(jobs) for jobs in party.waiting.values())

    def _running_of(self, network: str, model: str) -> int:
        return sum(1 for place in self._running.values() if (place.network, place.model) == (network, model))

    def _look_ahead(self, party: _Party, model: str) -> int:
        slots = self._usable(model)
        seconds = self._job_seconds.get(model)
        if party.round_trip is None or not seconds:
            return math.ceil(slots * UNMEASURED_LOOK_AHEAD)
        on_their_way = slots * min(LOOK_AHEAD_LIMIT, party.round_trip / seconds)
        return math.ceil(on_their_way + math.sqrt(on_their_way))

    def _usable(self, model: str) -> int:
        slots = self._slots.get(model, 0)
        return slots if self._cap is None else min(slots, self._cap)

    def _present(self) -> float:
        return min((party.virtual_time for party in self._parties.values() if party.busy), default=0.0)

    def _wake(self, party: _Party) -> None:
        if not party.busy:
            party.virtual_time = max(party.virtual_time, self._present())
