"""Gathers what the guard looks at, from every room that knows a part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from node.clock import Clock
from node.conduct.standby import Standby
from node.conduct.traffic import Traffic
from node.conduct.wishes import Wishes
from node.control.wire import Transfer
from node.dispatcher import Dispatcher
from node.energy.journal import Journal
from node.engines.base import Engine
from node.guard import Situation
from node.hardware.sampler import Sampler
from node.owner.presence import Presence


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Who is asked.

    Attributes:
        transfers: downloads under way. missing: the model that the settings name, if it is not here. loading: the
            model that is being loaded.
        weight: bytes of card memory that a model takes.
        notes: what other rooms want told beside the state.
    """

    dispatcher: Dispatcher
    engines: Sequence[Engine]
    sampler: Sampler
    wishes: Wishes
    standby: Standby
    presence: Presence
    traffic: Traffic
    journal: Journal
    clock: Clock
    transfers: Callable[[], tuple[Transfer, ...]]
    missing: Callable[[], str]
    loading: Callable[[], str]
    weight: Callable[[str], int]
    notes: Callable[[], tuple[str, ...]]

    def situation(self) -> Situation:
        """As of now."""
        dispatcher, shelved = self.dispatcher, self.standby.shelved
        models = dispatcher.models()
        hardware = self.sampler.latest
        volume = self.traffic.note(hardware)
        price = self.journal.price
        return Situation(
            at=self.clock.wall_ns() / 1e9,
            paused=self.wishes.paused and f"paused by you: {self.wishes.paused}",
            override=self.wishes.override,
            draining=len(dispatcher.runs) if dispatcher.draining else None,
            drain_seconds=dispatcher.seconds_left() if dispatcher.draining else None,
            books=dispatcher.bookings.trouble,
            engines=tuple(engine.health() for engine in self.engines),
            models=len(models),
            fetching=self._coming(),
            missing="" if models else self.missing(),
            running=dispatcher.allocation.running(),
            slots=dispatcher.allocation.slots(),
            shelved=sum(self.weight(model) for model in shelved) or len(shelved),
            hardware=hardware,
            owner_quiet=self.presence.quiet(),
            traffic_day=volume.day,
            traffic_month=volume.month,
            price=None if price is None else price.micro,
            worth=self.journal.worth,
            currency=self.journal.currency,
        )

    def _coming(self) -> str:
        moving = next(iter(self.transfers()), None)
        if moving is not None:
            return f"fetching {moving.name}, {_share(moving)}"
        loading = self.loading()
        return f"loading {loading}" if loading else ""


def _share(moving: Transfer) -> str:
    if not moving.total:
        return f"{moving.done / 1e6:.0f} MB"
    return f"{100 * moving.done / moving.total:.0f} % of {moving.total / 1e6:.0f} MB"
