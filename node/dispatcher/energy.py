"""How the machine's energy, and its cost, are shared out among the jobs that run. Pure."""

from __future__ import annotations


class EnergyShares:
    """Splits what the meter counted evenly among the jobs that ran meanwhile.

    Args:
        may_fall: the meter counts something that can become less, such as costs at negative prices.
    """

    def __init__(self, *, may_fall: bool = False) -> None:
        self._may_fall = may_fall
        self._last: int | None = None
        self._shares: dict[int, float | None] = {}

    def begin(self, job: int, meter_mj: int | None) -> None:
        """A job starts while the meter stands here (millijoules; None where nothing measures)."""
        self._split(meter_mj)
        self._shares[job] = None if meter_mj is None else 0.0

    def end(self, job: int, meter_mj: int | None) -> int | None:
        """A job ends: its share in millijoules, or None if the meter was silent at any time."""
        self._split(meter_mj)
        share = self._shares.pop(job, None)
        return None if share is None or meter_mj is None else round(share)

    def so_far(self, job: int) -> float | None:
        """The share of a job that still runs, as of the last change, in millijoules."""
        return self._shares.get(job)

    def _split(self, meter_mj: int | None) -> None:
        if meter_mj is None:
            self._shares = dict.fromkeys(self._shares)
        elif self._last is not None and self._shares:
            step = meter_mj - self._last
            each = (step if self._may_fall else max(0, step)) / len(self._shares)
            for job, share in self._shares.items():
                if share is not None:
                    self._shares[job] = share + each
        self._last = meter_mj
