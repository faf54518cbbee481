"""What the books say since their beginning, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import apsw

from node.ledger.sums import Earned, earnings


@dataclass(frozen=True, slots=True)
class Booked:
    """The sums of the books.

    Attributes:
        entries: how many there are; the number of the newest. networks: the totals of each.
    """

    entries: int
    networks: tuple[Earned, ...]


def booked(connection: apsw.Connection, until_ns: int) -> Booked:
    """Everything before this moment, nanoseconds since 1970 in UTC."""
    entries = cast("int", connection.execute("SELECT coalesce(max(seq), 0) FROM entries").get)
    return Booked(entries, tuple(earnings(connection, "network", 0, until_ns)))
