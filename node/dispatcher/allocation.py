"""Who may have a job in hand, and whose job gets the next slot. Pure: no clock, no tasks, no I/O.

Two counts, for each model: a *slot* is the right to compute, and there are as many as the engine says; a *ticket* is
the right to have one more job in hand, and there are as many as slots plus a look-ahead that hides the network's
round trip: what the slots finish within one, and its square root on top for jobs of uneven length (square-root
staffing, Halfin and Whitt, 1981). Networks share these places, whoever's round trip makes them necessary. A ticket for
which nothing comes *stands by*: as long as no more do than there are slots, it keeps nobody else from work, so that a
network that pushes may stay connected and find the engine busy.

Fairness is stride scheduling (Waldspurger and Weihl, 1995): every network has a virtual time that advances by the
engine seconds it used divided by its weight, and the one furthest behind is served first, with slots and with tickets.
A network that was away starts at the present, which is the virtual time of the last start (start-time fair queueing,
Goyal, Vin and Cheng, 1996), so that nobody saves up a right to the whole engine.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from node.dispatcher.party import Party, Pledge, mean

LOOK_AHEAD_LIMIT = 2.0  # jobs on their way, as a share of the slots, at most
UNMEASURED_LOOK_AHEAD = 0.5  # before a round trip has been seen
NOMINAL_SECONDS = 1.0  # what a job is charged when it starts, before any was measured; corrected when it ends
NEGLIGIBLE = 0.02  # of one slot: what would be idle without any look-ahead, so that none is worth a job that waits


@dataclass(slots=True)
class _Place:
    network: str
    model: str
    charged: float = 0.0


class Allocation:
    """The state of all slots and tickets.

    Attributes:
        present: the virtual time of the last start.
    """

    def __init__(self) -> None:
        self._parties: dict[str, Party] = {}
        self._slots: dict[str, int] = {}
        self._cap: int | None = None
        self.present = 0.0
        self._job_seconds: dict[str, float] = {}
        self._running: dict[int, _Place] = {}
        self._waiting: dict[int, _Place] = {}
        self._ticket_numbers = count(1)

    # What is known from outside

    def join(self, network: str, *, weight: float = 1.0, queue: int | None = None) -> None:
        """Let a network take part.

        Args:
            weight: its share against the others, above zero.
            queue: how many of its jobs may wait here; None sets that by the measured round trip.

        Raises:
            ValueError: the weight is none, or the network takes part already.
        """
        new = Party(_checked(network, weight), queue, virtual_time=self.present)
        old = self._parties.get(network)
        if old is None:
            self._parties[network] = new
        elif old.gone:  # it comes back while jobs of it are still in hand
            old.weight, old.queue, old.most, old.gone = weight, queue, None, False
        else:
            raise ValueError(f"{network} takes part already")

    def leave(self, network: str) -> None:
        """A network gets no more tickets. Those that are out bring their jobs, and what it has in hand goes on."""
        self._parties[network].gone = True
        self._forget(network)

    def weigh(self, network: str, weight: float) -> None:
        """Change a network's share from here on; what was used before stays as it was."""
        self._parties[network].weight = _checked(network, weight)

    def confine(self, network: str, most: int | None) -> None:
        """Let a network take no ticket beyond so many jobs in hand; None lifts it. What it has, it keeps."""
        self._parties[network].most = most

    def set_slots(self, model: str, slots: int) -> None:
        """What the engine can compute at once, now. Jobs that already run keep their slot."""
        self._slots[model] = max(0, slots)

    def set_cap(self, slots: int | None) -> None:
        """At most so many slots in use over all models; None lifts it. Jobs that already run keep theirs."""
        self._cap = slots

    def note_round_trip(self, network: str, seconds: float) -> None:
        """How long a network takes from a place for another job to that job."""
        party = self._parties[network]
        party.round_trip = mean(party.round_trip, seconds)

    # Tickets

    def granted(self, network: str, model: str) -> int:
        """How many further jobs of this model this network may take into its hand, now."""
        party = self._parties[network]
        own = party.fresh(model) + party.standing(model)
        if party.gone:
            return 0
        if party.queue is not None:
            free = self._usable(model) + party.queue - own - party.running.get(model, 0)
        else:
            others = [other for other in self._parties.values() if other is not party and other.queue is None]
            standing = sum(other.standing(model) for other in others)
            taken = own + sum(other.fresh(model) for other in others) + max(0, standing - self._usable(model))
            ahead = max(self._look_ahead(each, model) for each in (party, *others) if each is party or each.busy)
            free = self._usable(model) + ahead - self.running(model) - taken
        if party.most is not None:
            free = min(free, party.most - len(party.tickets) - party.in_line - party.computing)
        return max(0, free)

    def take(self, network: str, model: str, asked: float | None = None) -> int | None:
        """One ticket, or None if there is none to be had.

        Args:
            asked: the ``present`` when the network began to wait, so that it loses no turn by that; now by default.
        """
        if self.granted(network, model) < 1:
            return None
        ticket = next(self._ticket_numbers)
        self._parties[network].tickets[ticket] = Pledge(model, self.present if asked is None else asked)
        return ticket

    def stand_by(self, network: str, ticket: int) -> None:
        """Nothing has come for a ticket in a while: it is kept, and others may work meanwhile."""
        party = self._parties.get(network)
        if party is not None and ticket in party.tickets:
            party.tickets[ticket].standing = True

    def stands_by(self, network: str, ticket: int) -> bool:
        """Whether nothing had come for it in a while."""
        party = self._parties.get(network)
        return party is not None and ticket in party.tickets and party.tickets[ticket].standing

    def release(self, network: str, ticket: int) -> bool:
        """Give a ticket back unused; False if it had ended already."""
        party = self._parties.get(network)
        if party is None or party.tickets.pop(ticket, None) is None:
            return False
        self._forget(network)
        return True

    def use(self, network: str, ticket: int, job: int) -> None:
        """A ticket becomes a waiting job.

        Raises:
            KeyError: the ticket has ended.
        """
        party = self._parties[network]
        pledge = party.tickets.pop(ticket)
        if not party.active:
            party.virtual_time = max(party.virtual_time, self.present if pledge.standing else pledge.asked)
        party.waiting.setdefault(pledge.model, deque()).append(job)
        self._waiting[job] = _Place(network, pledge.model)

    def in_turn(self, networks: Iterable[str]) -> list[str]:
        """These networks in the order in which they get the next ticket."""
        return sorted(networks, key=lambda network: self._served_until(self._parties[network]))

    # Slots

    def start_next(self) -> int | None:
        """The next waiting job that gets a free slot, or None if there is no such pair."""
        if not self._waiting or (self._cap is not None and len(self._running) >= self._cap):
            return None
        for party in sorted(self._parties.values(), key=lambda party: party.virtual_time):
            for model, jobs in party.waiting.items():
                if jobs and self.running(model) < self._slots.get(model, 0):
                    return self._start(party, jobs.popleft())
        return None

    def finish(self, job: int, seconds: float) -> None:
        """A running job gives its slot back after so many seconds of computing."""
        place = self._running.pop(job)
        party = self._parties[place.network]
        party.running[place.model] -= 1
        party.virtual_time += (max(0.0, seconds) - place.charged) / party.weight
        party.learn(place.model, seconds)
        self._job_seconds[place.model] = mean(self._job_seconds.get(place.model), seconds)
        self._forget(place.network)

    def withdraw(self, job: int) -> bool:
        """Take a job that still waits out of the line; False if it does not wait."""
        place = self._waiting.pop(job, None)
        if place is None:
            return False
        self._parties[place.network].waiting[place.model].remove(job)
        self._forget(place.network)
        return True

    # Looking on

    def slots(self, model: str | None = None) -> int:
        return sum(self._slots.values()) if model is None else self._slots.get(model, 0)

    def running(self, model: str | None = None) -> int:
        if model is None:
            return len(self._running)
        return sum(party.running.get(model, 0) for party in self._parties.values())

    def waiting_for(self, model: str) -> tuple[int, ...]:
        """Jobs that wait for this model."""
        return tuple(job for job, place in self._waiting.items() if place.model == model)

    def counts(self, network: str) -> tuple[int, int]:
        """How many of a network's jobs run and wait."""
        party = self._parties.get(network)
        return (0, 0) if party is None else (party.computing, party.in_line)

    def tickets(self, network: str | None = None) -> int:
        """How many tickets are out."""
        return sum(len(party.tickets) for name, party in self._parties.items() if network in (None, name))

    def _start(self, party: Party, job: int) -> int:
        place = self._running[job] = self._waiting.pop(job)
        place.charged = self._charge(party, place.model)
        self.present = max(self.present, party.virtual_time)
        party.running[place.model] = party.running.get(place.model, 0) + 1
        party.virtual_time += place.charged / party.weight
        return job

    def _served_until(self, party: Party) -> float:
        """Its virtual time once all that it has in hand, and all that is on its way, has been computed."""
        seconds = sum(self._charge(party, model) * jobs for model, jobs in party.coming().items())
        return party.virtual_time + seconds / party.weight

    def _charge(self, party: Party, model: str) -> float:
        """Seconds that its next job of this model will probably take."""
        return party.seconds.get(model) or self._job_seconds.get(model) or NOMINAL_SECONDS

    def _look_ahead(self, party: Party, model: str) -> int:
        slots = self._usable(model)
        seconds = self._job_seconds.get(model)
        if party.round_trip is None or not seconds:
            return math.ceil(slots * UNMEASURED_LOOK_AHEAD)
        on_their_way = slots * min(LOOK_AHEAD_LIMIT, party.round_trip / seconds)
        return math.ceil(on_their_way + math.sqrt(on_their_way)) if on_their_way > NEGLIGIBLE else 0

    def _usable(self, model: str) -> int:
        slots = self._slots.get(model, 0)
        return slots if self._cap is None else min(slots, self._cap)

    def _forget(self, network: str) -> None:
        party = self._parties[network]
        if party.gone and not party.active and not party.tickets:
            del self._parties[network]


def _checked(network: str, weight: float) -> float:
    if not weight > 0 or weight == math.inf:
        raise ValueError(f"weight of {network}: expected more than 0, got {weight}")
    return weight
