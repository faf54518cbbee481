"""Everything that the rules look at, at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from node.engines.base import EngineHealth
from node.hardware.readings import HardwareReading


@dataclass(frozen=True, slots=True)
class Situation:
    """One moment of the node and its machine.

    Attributes:
        at: wall clock, Unix seconds.
        paused: why the owner told the node to rest; empty if it was not told to.
        override: the owner said to run anyway, and has not taken it back.
        draining: how many jobs are still in hand while the node drains; None if it does not.
        books: why the ledger cannot be written; empty if it can.
        engines: the health of every engine. models: how many models are served.
        fetching: a model on its way, its download or its loading, in words; empty if none is.
        missing: the model that the settings name, if it is not on this machine yet.
        running: jobs that compute. slots: how many could.
        shelved: bytes of card memory that the engine would take again, while it stands back.
        hardware: the latest reading.
        owner_quiet: seconds since the owner last touched the machine; None if nobody can say.
        traffic_day, traffic_month: bytes sent and received since local midnight and since the first of the month.
        price: of a kilowatt-hour now, in millionths of the currency. worth: what a kilowatt-hour of work has lately
            earned, in the same; each None if not known.
    """

    at: float = 0.0
    paused: str = ""
    override: bool = False
    draining: int | None = None
    drain_seconds: float | None = None
    books: str = ""
    engines: tuple[EngineHealth, ...] = ()
    models: int = 0
    fetching: str = ""
    missing: str = ""
    running: int = 0
    slots: int = 0
    shelved: int = 0
    hardware: HardwareReading | None = None
    owner_quiet: float | None = None
    traffic_day: int = 0
    traffic_month: int = 0
    price: int | None = None
    worth: int | None = None
    currency: str = ""
