"""The routes that speak of the machine: its readings, its past, what is wrong with it, and what its cards answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from node.control.codec import encode
from node.control.errors import ControlError
from node.control.query import integer, text
from node.hardware.alarm import Alarm
from node.hardware.history import read_course
from node.hardware.probe import probe
from node.hardware.readings import HOST, HardwareReading, HostReading

HOUR = 3600
LONGEST_HOURS = 90 * 24
MOST_POINTS = 1500


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest reading, and a sentence for each vendor or chosen card that is not here."""

    reading: HardwareReading | None
    absences: Sequence[str] = ()
    alarms: Sequence[Alarm] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What these routes need.

    Attributes:
        look: takes or gives a reading.
        telemetry: the database of the history.
        now: Unix seconds.
    """

    look: Callable[[], Awaitable[Seen]]
    telemetry: Path
    now: Callable[[], float]

    def routes(self) -> list[Route]:
        return [
            Route("/hardware", self.hardware),
            Route("/hardware/history", self.history),
            Route("/doctor/probe", self.probe),
        ]

    async def hardware(self, _: Request) -> Response:
        """The readings as they are; without any card ``absences`` says why."""
        seen = await self.look()
        reading: dict[str, Any] = encode(seen.reading or HardwareReading(self.now(), HostReading()))
        return JSONResponse({**reading, "absences": list(seen.absences), "alarms": encode(list(seen.alarms))})

    async def history(self, request: Request) -> Response:
        """One device over the last ``hours`` in about ``points`` steps; ``device`` is a card's UUID or ``host``."""
        hours = integer(request, "hours", 24, most=LONGEST_HOURS)
        points = integer(request, "points", 300, most=MOST_POINTS)
        device = text(request, "device") or HOST
        until = int(self.now())
        try:
            course = await asyncio.to_thread(
                read_course, self.telemetry, device, until - max(1, hours) * HOUR, until, points
            )
        except apsw.Error as error:
            raise ControlError(404, "no_history", f"there is no hardware history yet: {error}", "stoker") from None
        return JSONResponse(encode(course))

    async def probe(self, _: Request) -> Response:
        """What the cards answer, with error codes, as it would be sent to the developers."""
        return JSONResponse(await asyncio.to_thread(probe))
