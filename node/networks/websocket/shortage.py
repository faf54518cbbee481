"""Whether connections are short at a push network, or places for their jobs. Pure.

A network that gives each connection its next job unasked fills all that are open, while the dispatcher's places come
and go among the networks. So a connection is opened only where no job has lacked a place of late, and one too many is
closed only after many answers during which some job always lacked one: what that hands back is no more than one job
of those.
"""

from __future__ import annotations

PLENTY = 10  # answers during which no offer waited: there could be a connection more
SURPLUS = 100  # answers during which one always did: there is a connection too many


class Shortage:
    """Follows the offers that wait for a ticket."""

    def __init__(self) -> None:
        self._waiting = False
        self._answers = 0  # since that changed
        self._ever = False  # whether any has waited, as far as that still counts

    def note(self, waiting: int) -> None:
        """So many offers wait for a ticket now."""
        if bool(waiting) != self._waiting:
            self._waiting = bool(waiting)
            self._answers = 0
            self._ever = True

    def answered(self) -> None:
        """A job was answered."""
        self._answers += 1

    @property
    def of_connections(self) -> bool:
        """Whether another connection may be of use."""
        return not self._waiting and (self._answers >= PLENTY or not self._ever)

    @property
    def of_places(self) -> bool:
        """Whether one connection less would cost nothing."""
        return self._waiting and self._answers >= SURPLUS

    def places_left(self) -> None:
        """A place is free that nobody takes."""
        self._ever = self._waiting

    def mended(self) -> None:
        """A connection was closed for it."""
        self._answers = 0
