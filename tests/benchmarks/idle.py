"""What the node costs while it has nothing to do, and how promptly its event loop turns.

    python tests/benchmarks/idle.py [--quick] [--json]

Processor time and memory are those of the node's own process, as the system counts them; the lag is the node's own
figure, the 99th percentile of how late its timers come within the last minute.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_node import BenchNode, running_node, running_paced_engine  # noqa: E402
from bench_report import Finding, parser, report  # noqa: E402
from bench_streams import Target, ask_together  # noqa: E402

SETTLING_SECONDS = 5.0
STREAMS, RATE = 8, 50


def share_of_a_core(node: BenchNode, seconds: float) -> float:
    """Percent of one core over so many seconds from now."""
    before, began = node.cpu_seconds(), time.perf_counter()
    time.sleep(seconds)
    return 100 * (node.cpu_seconds() - before) / (time.perf_counter() - began)


@contextmanager
def listening(node: BenchNode) -> Iterator[None]:
    """Somebody follows the node's events, as the app does."""

    def follow() -> None:
        with suppress(OSError):
            for _ in node.control.events():
                if over.is_set():
                    return

    over = threading.Event()
    follower = threading.Thread(target=follow)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()


def idle(seconds: float) -> Iterator[Finding]:
    with running_paced_engine("--rate", str(RATE)) as url:
        settings = {"local": {"port": 0}, "engine": {"kind": "openai", "url": url, "slots": STREAMS}}
        with running_node(settings) as node:
            state = node.until(lambda state: bool(state.node.endpoint and state.engines[0].models))
            time.sleep(SETTLING_SECONDS)
            yield Finding("idle node, CPU of one core", share_of_a_core(node, seconds), "%", at_most=1)
            yield Finding("idle node, resident memory", node.rss() / 1e6, "MB", at_most=110)
            yield Finding("idle node, event loop lag p99", node.lag_p99_ms(), "ms", at_most=50)
            with listening(node):
                watched = share_of_a_core(node, seconds)
            yield Finding("idle node with one app attached, CPU of one core", watched, "%")

            through = Target.at(state.node.endpoint, state.engines[0].models[0], node.new_key())
            before, began = node.cpu_seconds(), time.perf_counter()
            asyncio.run(ask_together(through, STREAMS, round(seconds * RATE)))
            used = 100 * (node.cpu_seconds() - before) / (time.perf_counter() - began)
            busy = f"{STREAMS} streams of {RATE} tokens/s"
            yield Finding(f"{busy}, event loop lag p99", node.lag_p99_ms(), "ms", at_most=50)
            yield Finding(f"{busy}, CPU of one core", used, "%")
            yield Finding(f"after {busy}, resident memory", node.rss() / 1e6, "MB", at_most=110)


def main() -> int:
    given = parser(__doc__).parse_args()
    return report(list(idle(10 if given.quick else 60)), as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
