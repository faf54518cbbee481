"""One network's side of the allocation: what it may have, and what it has in hand."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

MEMORY = 0.8  # of an exponential mean: what is kept of the old value at each sample


@dataclass(slots=True)
class Pledge:
    """A ticket that is out.

    Attributes:
        asked: the virtual time when its network began to wait for it.
        standing: nothing has come for it in a while.
    """

    model: str
    asked: float
    standing: bool = False


@dataclass(slots=True)
class Party:
    """See the module.

    Attributes:
        weight: its share against the others.
        queue: a fixed number of jobs that may wait; None measures a look-ahead.
        most: how many jobs it may have in hand, whatever is free; None for no such limit.
        gone: it gets no more tickets, and is forgotten when nothing of it is in hand.
        virtual_time: engine seconds that it used, divided by its weight.
        waiting: jobs in order, by model.
    """

    weight: float
    queue: int | None
    most: int | None = None
    gone: bool = False
    round_trip: float | None = None
    virtual_time: float = 0.0
    tickets: dict[int, Pledge] = field(default_factory=dict)
    waiting: dict[str, deque[int]] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def computing(self) -> int:
        """Jobs in a slot."""
        return sum(self.running.values())

    @property
    def in_line(self) -> int:
        """Jobs that wait for a slot."""
        return sum(map(len, self.waiting.values()))

    @property
    def active(self) -> bool:
        """It has work for the engine."""
        return any(self.waiting.values()) or any(self.running.values())

    @property
    def busy(self) -> bool:
        """It has work for the engine, or some is on its way."""
        return self.active or any(not pledge.standing for pledge in self.tickets.values())

    def fresh(self, model: str) -> int:
        """Tickets whose job is on its way, and jobs that wait: what will ask for a slot of this model."""
        coming = sum(pledge.model == model and not pledge.standing for pledge in self.tickets.values())
        return coming + len(self.waiting.get(model, ()))

    def standing(self, model: str) -> int:
        """Tickets for which nothing comes."""
        return sum(pledge.model == model and pledge.standing for pledge in self.tickets.values())

    def coming(self) -> Counter[str]:
        """Jobs that wait or are on their way, by model."""
        jobs = Counter({model: len(line) for model, line in self.waiting.items()})
        jobs.update(pledge.model for pledge in self.tickets.values() if not pledge.standing)
        return jobs

    def learn(self, model: str, seconds: float) -> None:
        """A job took so long."""
        self.seconds[model] = mean(self.seconds.get(model), seconds)


def mean(old: float | None, new: float) -> float:
    """An exponential mean's next value."""
    return new if old is None else old * MEMORY + new * (1 - MEMORY)
