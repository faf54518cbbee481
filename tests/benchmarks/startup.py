"""How long a person waits: for an answer of the command line, for the first screen, for a node.

    python tests/benchmarks/startup.py [--quick] [--json]

Medians over the repetitions. The screen is drawn in a real pseudo-terminal of 120x40 and counts from the start of the
process until the node's own state line stands there.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_node import BenchNode, running_node  # noqa: E402
from bench_report import Finding, parser, report  # noqa: E402
from terminal_run import TerminalRun  # noqa: E402


def stoker(node: BenchNode, *arguments: str) -> list[str]:
    return ["-P", "-m", "tui.cli", "--data-dir", str(node.directory), *arguments]


def status_seconds(node: BenchNode) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *stoker(node, "status")], check=True, capture_output=True, text=True, env=environment
    )
    seconds = time.perf_counter() - began
    assert node.control.state().state.word.lower() in done.stdout.lower(), done.stdout
    return seconds


def first_paint_seconds(node: BenchNode) -> float:
    shown = node.control.state().state.reason.encode()[:20]
    with TerminalRun(*stoker(node), columns=120, lines=40) as terminal:
        seconds = terminal.read_until(lambda output: shown in output)
        terminal.type("q")
        return seconds


def measured(times: int) -> Iterator[Finding]:
    with running_node() as node:
        status_seconds(node)
        status = statistics.median(status_seconds(node) for _ in range(times))
        yield Finding("stoker status on a running node", status, "s", at_most=0.3)
        first_paint_seconds(node)
        paint = statistics.median(first_paint_seconds(node) for _ in range(times))
        yield Finding("first paint of the app on a running node", paint, "s", at_most=0.6)
    starts = []
    for _ in range(times):
        with running_node() as node:
            starts.append(node.seconds_to_socket)
    yield Finding("start of a node until its control socket answers", statistics.median(starts), "s")


def main() -> int:
    given = parser(__doc__).parse_args()
    return report(list(measured(3 if given.quick else 9)), as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
