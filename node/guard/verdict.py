"""What the rules say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Action(IntEnum):
    """What the node is to do, the gravest last."""

    RUN = 0
    SLOW = 1  # go on with fewer slots
    HOLD = 2  # take nothing new; what is in hand is finished
    STOP = 3  # give back what may be given back, and free the card's memory


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's finding, and, as the gravest of them, the judgement.

    Attributes:
        word: the state word of the node (see `node.control.wire.StateWord`).
        reason: why, with the reading. remedy: what would lift it.
        slots: how many slots may compute, for SLOW; None leaves them all.
        rule: a short name of the rule, and of the sensor where there are several.
        firm: the owner's "run anyway" does not lift it.
        overruled: the reasons that the owner's "run anyway" has set aside.
    """

    word: str
    action: Action
    reason: str
    remedy: str = ""
    slots: int | None = None
    rule: str = ""
    firm: bool = False
    overruled: tuple[str, ...] = ()

    @property
    def take(self) -> bool:
        """Whether new work may be taken."""
        return self.action < Action.HOLD
