"""Power limits over the control API: what is proposed, and the sweep."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from node.control.errors import ControlError
from node.control.query import body
from node.engines.base import ModelInfo
from node.power.limits import command, propose
from node.power.points import Point, best
from node.power.setter import NvidiaLimits
from node.power.tune import Tuner, Windows

LONGEST_WINDOW = 3600.0
SHORTEST_WINDOW = 0.1


@dataclass(frozen=True, slots=True)
class PowerRoutes:
    """What these routes need.

    Attributes:
        cards: the numbers of the NVIDIA cards.
        price: millionths of the currency for a kilowatt-hour; None if not known.
    """

    tuner: Tuner
    limits: NvidiaLimits
    cards: Callable[[], Sequence[int]]
    models: Callable[[], Sequence[ModelInfo]]
    price: Callable[[], int | None]

    def routes(self) -> list[Route]:
        return [Route("/power", self.power), Route("/power/tune", self.tune, methods=["POST"])]

    async def power(self, _: Request) -> Response:
        """Each card's limit, what is proposed, and the command that sets it."""
        cards = []
        for index in self.cards():
            found = await asyncio.to_thread(self.limits.read, index)
            if found is not None:
                proposal = propose(found)
                wish = {**asdict(proposal), "command": command(index, proposal.watts)}
                cards.append({"index": index, **asdict(found), "proposal": wish})
        return JSONResponse({"cards": cards})

    async def tune(self, request: Request) -> Response:
        """Measure; one JSON line for each point, the last one says which are best. Closing the stream ends it.

        With ``as_it_is`` no limit is touched.
        """
        said = await body(request)
        windows = Windows(_seconds(said, "settle", 15.0), _seconds(said, "window", 60.0))
        card = said.get("card", 0)
        if not isinstance(card, int) or isinstance(card, bool) or card < 0:
            raise ControlError(400, "bad_argument", f"card: got {card!r:.60}; expected the number of a card")
        earned = said.get("micro_per_token")
        if earned is not None and not isinstance(earned, int | float):
            raise ControlError(400, "bad_argument", f"micro_per_token: got {earned!r:.60}; expected a number or null")
        model = next((model for model in self.models() if model.chat), None)
        if model is None:
            raise ControlError(409, "no_model", "no model is served, so there is nothing to measure", "stoker status")
        if self.tuner.busy:
            raise ControlError(409, "busy", "a sweep is under way already; two would measure each other")
        as_it_is = said.get("as_it_is", False)
        if not isinstance(as_it_is, bool):
            raise ControlError(400, "bad_argument", f"as_it_is: got {as_it_is!r:.60}; expected true or false")
        measuring = self.tuner.run(model.name, model.slots, card, windows, as_it_is=as_it_is)
        lines = self._lines(measuring, card, None if earned is None else float(earned))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def _lines(
        self, measuring: AsyncIterator[Point], card: int, micro_per_token: float | None
    ) -> AsyncIterator[bytes]:
        points: list[Point] = []
        try:
            async for point in measuring:
                points.append(point)
                yield _line({"point": _shown(point)})
        finally:
            await measuring.aclose()  # type: ignore[attr-defined]
        found = best(points, micro_per_token, self.price())
        names = {"speed": found.speed, "efficient": found.efficient, "profit": found.profit}
        yield _line(
            {
                "best": {name: None if point is None else _shown(point) for name, point in names.items()},
                "commands": {
                    name: command(card, point.limit_w)
                    for name, point in names.items()
                    if point is not None and point.limit_w is not None
                },
                "swept": len({point.limit_w for point in points}) > 1,
            }
        )


def _shown(point: Point) -> dict[str, object]:
    return {**asdict(point), "tokens_per_joule": point.tokens_per_joule}


def _seconds(said: dict[str, object], name: str, default: float) -> float:
    value = said.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not SHORTEST_WINDOW <= value <= LONGEST_WINDOW:
        raise ControlError(400, "bad_argument", f"{name}: got {value!r:.60}; expected seconds up to {LONGEST_WINDOW:g}")
    return float(value)


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
