"""What one card was like when it was well: its widest link, and how many memory errors it had."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from node.hardware.readings import GpuReading

DAY = 86400.0


@dataclass(slots=True)
class Baseline:
    """Learned from the readings. The counts move on, so that an alarm ends: that of uncorrected errors a day after it
    has grown, that of corrected ones every day.

    Attributes:
        width: the most lanes that the link was seen to have.
        ecc_uncorrected: as it was before it grew at ``grown_at``, Unix seconds; 0.0 if it has not grown.
        ecc_corrected: as it was at ``counted_at``, Unix seconds.
    """

    width: int | None = None
    ecc_uncorrected: int | None = None
    grown_at: float = 0.0
    ecc_corrected: int | None = None
    counted_at: float = 0.0

    def note(self, card: GpuReading, at: float) -> None:
        """Take in one reading."""
        if card.pcie_width is not None:
            self.width = max(self.width or 0, card.pcie_width)
        if card.ecc_uncorrected is not None:
            self._note_uncorrected(card.ecc_uncorrected, at)
        if card.ecc_corrected is not None and (self.ecc_corrected is None or not 0 <= at - self.counted_at < DAY):
            self.ecc_corrected, self.counted_at = card.ecc_corrected, at

    def _note_uncorrected(self, count: int, at: float) -> None:
        if self.ecc_uncorrected is None or count < self.ecc_uncorrected:
            self.ecc_uncorrected, self.grown_at = count, 0.0
        elif count > self.ecc_uncorrected and not self.grown_at:
            self.grown_at = at
        elif self.grown_at and not 0 <= at - self.grown_at < DAY:
            self.ecc_uncorrected, self.grown_at = count, 0.0

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
            float(known["grown_at"]),
            _count(known["ecc_corrected"]),
            float(known["counted_at"]),
        )


def _count(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"got {value!r}, expected a whole number")
