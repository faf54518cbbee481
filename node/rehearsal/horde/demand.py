"""Customers for the stand-in, so that there is something to earn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from node.rehearsal.horde.horde import Horde

OPENINGS = (
    "Once upon a time in a cave",
    "The engineer looked at the boiler and said",
    "Dear diary, today the fire went out, and",
    "### Instruction:\nName three kinds of coal.\n### Response:\n",
)
RICH = 1_000_000_00


class Customers:
    """Keep so many requests waiting, until as many as wanted have been made."""

    def __init__(
        self,
        horde: Horde,
        *,
        waiting: int,
        total: int | None,
        models: Sequence[str] = (),
        max_length: int = 80,
        seed: int = 1,
    ) -> None:
        self.made = 0
        self._horde = horde
        self._waiting = waiting
        self._total = total
        self._models = tuple(models)
        self._max_length = max_length
        self._chance = random.Random(seed)  # noqa: S311  play, no secret
        self._customer = horde.join("Customer", f"customer-{seed}", trusted=True)
        self._customer.cents = RICH

    @property
    def finished(self) -> bool:
        """Everything that was wanted has been asked for and answered."""
        horde = self._horde
        if self._total is None or self.made < self._total:
            return False
        return all(request.faulted or request.left == 0 for request in horde.requests) and not any(
            job.state == "running" for job in horde.jobs.values()
        )

    def stop(self) -> None:
        """Want nothing more than what was asked for."""
        self._total = self.made

    def turn(self) -> None:
        """Ask for as much as is missing."""
        queued = sum(request.left for request in self._horde.requests)
        while queued < self._waiting and (self._total is None or self.made < self._total):
            self._ask()
            queued += 1

    async def run(self) -> None:
        """Go on asking; returns when all is answered."""
        while not self.finished:
            self._horde.clean()
            self.turn()
            await asyncio.sleep(0.05)

    def _ask(self) -> None:
        self.made += 1
        params: dict[str, object] = {
            "max_length": self._chance.randint(16, max(16, self._max_length)),
            "max_context_length": 1024,
            "temperature": 0.7,
            "rep_pen": 1.1,
            "stop_sequence": ["\n###"],
        }
        prompt = self._chance.choice(OPENINGS) * self._chance.randint(1, 4)
        self._horde.ask(self._customer.key, prompt, params, models=list(self._models))
