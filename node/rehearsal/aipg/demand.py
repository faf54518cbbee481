"""Callers for the stand-in, so that there is something to earn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from node.rehearsal.aipg.coordinator import Coordinator
from node.rehearsal.aipg.queue import Ask

QUESTIONS = (
    "Why does a steam engine need a condenser?",
    "Write two lines about coal.",
    "Name three rivers, and nothing else.",
    "What is seven times eight?",
)
LOOK_SECONDS = 0.05


class Callers:
    """Keep so many requests waiting, until as many as wanted have been answered.

    Attributes:
        made: requests so far. answered: those that got a whole answer.
    """

    def __init__(
        self,
        grid: Coordinator,
        *,
        waiting: int,
        total: int | None,
        models: Sequence[str] = (),
        max_tokens: int = 64,
        seed: int = 1,
    ) -> None:
        """
        Args:
            models: ids to ask for; without any, callers ask for whatever is served just now.
        """
        self.made = 0
        self.answered = 0
        self._grid = grid
        self._waiting = waiting
        self._total = total
        self._models = tuple(models)
        self._max_tokens = max_tokens
        self._chance = random.Random(seed)  # noqa: S311  play, no secret
        self._open: list[Ask] = []

    def stop(self) -> None:
        """Want nothing more than what was asked for."""
        self._total = self.made

    async def run(self) -> None:
        """Until everything that was wanted has been asked for and closed."""
        while self._wanted or self._open:
            self.turn()
            await asyncio.sleep(LOOK_SECONDS)

    def turn(self) -> None:
        """Take note of what was answered, and ask for as much as is missing."""
        closed = [ask for ask in self._open if not ask.open]
        self.answered += sum(ask.outcome.result().status == 200 for ask in closed)
        self._open = [ask for ask in self._open if ask.open]
        served = self._models or self._grid.served()
        while served and self._wanted and len(self._open) < self._waiting:
            self.made += 1
            model = self._chance.choice(served)
            tokens = self._chance.randint(max(1, self._max_tokens // 4), self._max_tokens)
            self._open.append(self._grid.ask(model, self._chance.choice(QUESTIONS), max_tokens=tokens))

    @property
    def _wanted(self) -> bool:
        return self._total is None or self.made < self._total
