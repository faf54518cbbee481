"""What the dashboard costs: the app on a moving fake node in a real pseudo-terminal.

``python tests/benchmarks/dashboard.py`` prints a table; it ends with 1 if a budget at 120x40 is missed.
The fake node lives in the same process, so its own share is in the figures.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

SUPPORT = Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

from terminal_run import TerminalRun  # noqa: E402

WARM_UP, MEASURED = 3.0, 15.0  # seconds
BUDGET = {"CPU %": 3.5, "kB/s": 30.0, "RSS MB": 75.0, "first paint s": 0.6}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one core, to the terminal, in memory, and until the node's figures stood there."""

    cpu_pct: float
    kilobytes_per_second: float
    rss_mb: float
    first_paint: float


def measure(columns: int, lines: int) -> Cost:
    with TerminalRun(str(SUPPORT / "moving_node.py"), columns=columns, lines=lines) as terminal:
        painted = terminal.read_until(lambda output: b"WORKING" in output and b"tok/s" in output)
        process = psutil.Process(terminal.pid)
        terminal.read(WARM_UP)
        before = process.cpu_times()
        written = len(terminal.output)
        terminal.read(MEASURED)
        after = process.cpu_times()
        spent = after.user + after.system - before.user - before.system
        return Cost(
            cpu_pct=spent / MEASURED * 100,
            kilobytes_per_second=(len(terminal.output) - written) / MEASURED / 1000,
            rss_mb=process.memory_info().rss / 1e6,
            first_paint=painted,
        )


def main() -> int:
    print(f"{'size':>8}  {'CPU %':>6}  {'kB/s':>6}  {'RSS MB':>6}  {'first paint s':>13}")
    missed = False
    for columns, lines in ((80, 24), (120, 40), (220, 60)):
        cost = measure(columns, lines)
        values = (cost.cpu_pct, cost.kilobytes_per_second, cost.rss_mb, cost.first_paint)
        print(
            f"{columns}x{lines:<4}".rjust(8)
            + f"  {values[0]:6.1f}  {values[1]:6.1f}  {values[2]:6.0f}  {values[3]:13.2f}",
            flush=True,
        )
        if columns == 120:
            missed = any(value > limit for value, limit in zip(values, BUDGET.values(), strict=True))
    print("budget".rjust(8) + "  {:6.1f}  {:6.1f}  {:6.0f}  {:13.2f}   at 120x40".format(*BUDGET.values()))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
