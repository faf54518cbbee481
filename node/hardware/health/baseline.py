"""What one card was like when it was well: its widest link, and how many memory errors it had."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from node.hardware.readings import GpuReading

DAY = 86400.0


@dataclass(slots=True)
class Baseline:
    """Learned from the readings; counts move on a day after they have grown, so that an alarm ends.

    Attributes:
        width: the most lanes that the link was seen to have.
        ecc_uncorrected, ecc_corrected: at ``counted_at``, Unix seconds.
    """

    width: int | None = None
    ecc_uncorrected: int | None = None
    ecc_corrected: int | None = None
    counted_at: float = 0.0

    def note(self, card: GpuReading, at: float) -> None:
        """Take in one reading."""
        if card.pcie_width is not None:
            self.width = max(self.width or 0, card.pcie_width)
        if card.ecc_uncorrected is None and card.ecc_corrected is None:
            return
        fresh = self.ecc_uncorrected is None and self.ecc_corrected is None
        if fresh or at - self.counted_at >= DAY or at < self.counted_at:
            self.ecc_uncorrected, self.ecc_corrected = card.ecc_uncorrected, card.ecc_corrected
            self.counted_at = at

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Baseline:
        """Raises:
        ValueError, TypeError: it was not written by `dump`.
        """
        known = json.loads(text)
        return cls(
            _count(known["width"]),
            _count(known["ecc_uncorrected"]),
            _count(known["ecc_corrected"]),
            float(known["counted_at"]),
        )


def _count(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"got {value!r}, expected a whole number")
