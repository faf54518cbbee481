"""How slow is slow."""

from __future__ import annotations

from node.guard.situation import Situation


def slots_left(situation: Situation) -> int | None:
    """Half of the slots; None where there are too few to take any away."""
    return situation.slots // 2 if situation.slots >= 2 else None
