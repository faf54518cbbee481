"""Where credited rewards are written down in a test: forgotten when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripted_engine import MemoryBooks

from node.ledger.records import JobAccepted, Settlement
from wallet.money import Asset


class MemoryCredits:
    """Implements `node.networks.credits.Credits` beside books that forget."""

    def __init__(self, books: MemoryBooks | None = None) -> None:
        self.settlements: list[Settlement] = []
        self._books = books or MemoryBooks()

    async def book(self, settlement: Settlement) -> None:
        self.settlements.append(settlement)

    async def booked(self, network: str, numbers: Sequence[int]) -> frozenset[str]:
        return frozenset(one.reference for one in self.settlements if one.refers in numbers)

    async def latest(self, network: str) -> Sequence[str]:
        return [one.reference for one in reversed(self.settlements) if one.refers is None]

    async def missing(self, settlements: Sequence[Settlement]) -> Sequence[Settlement]:
        known = {(one.claim, one.reference) for one in self.settlements}
        return [one for one in settlements if (one.claim, one.reference) not in known]

    async def numbers(self, network: str, job_ids: Sequence[str]) -> Mapping[str, int]:
        accepted = [record for record in self._books.records if isinstance(record, JobAccepted)]
        return {record.job_id: record.number for record in accepted if record.job_id in job_ids}

    async def credited(self, network: str, asset: Asset) -> int:
        ours = (one for one in self.settlements if one.amount.asset == asset and one.claim == "credited")
        return sum(one.units for one in ours)
