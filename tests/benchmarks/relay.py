"""What the node costs between a client and its engine.

    python tests/benchmarks/relay.py [--quick] [--json] [--model FILE] [--only paced,first,model,capacity]

The same bare client asks the engine directly and through the node's loopback endpoint, in turns, and each side's figure
is that of its least disturbed runs. Capacity counts the processor time of the node's process alone.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_engine import running_llamacpp  # noqa: E402
from bench_node import MODEL, BenchNode, running_node, running_paced_engine  # noqa: E402
from bench_report import Finding, parser, report  # noqa: E402
from bench_streams import Target, ask, ask_together  # noqa: E402
from engine_processes import computing  # noqa: E402

from node.engines.llamacpp import default_threads  # noqa: E402

STREAMS = (1, 4, 8)
PARTS = ("paced", "first", "model", "capacity")
MANY = 64
CONTEXT = 2048


@contextmanager
def node_before(url: str, slots: int) -> Iterator[tuple[BenchNode, Target]]:
    settings = {"local": {"port": 0}, "engine": {"kind": "openai", "url": url, "slots": slots}}
    with running_node(settings) as node:
        state = node.until(lambda state: bool(state.node.endpoint and state.engines[0].models))
        yield node, Target.at(state.node.endpoint, state.engines[0].models[0], node.new_key())


def undisturbed(runs: Sequence[float]) -> float:
    """The median of the best quarter of runs, the lowest first: what else a machine does only ever slows a run down."""
    return statistics.median(sorted(runs)[: max(1, len(runs) // 4)])


async def compared(direct: Target, node: Target, streams: int, tokens: int, rounds: int) -> tuple[float, str]:
    """Tokens a second through the node as a share of those of the engine asked directly, and both in words."""
    seconds: dict[Target, list[float]] = {direct: [], node: []}
    for turn in range(rounds):
        for target in (direct, node) if turn % 2 == 0 else (node, direct):
            rate, _ = await ask_together(target, streams, tokens)
            seconds[target].append(1 / rate)
    rates = [1 / undisturbed(seconds[target]) for target in (node, direct)]
    return rates[0] / rates[1], f"{rates[0]:.1f} : {rates[1]:.1f} tokens/s"


def paced(quick: bool) -> Iterator[Finding]:
    tokens, rounds = (100, 4) if quick else (200, 8)
    with running_paced_engine("--rate", "100") as url, node_before(url, 8) as (_, through):
        direct = Target.at(url, through.model)
        asyncio.run(compared(direct, through, 8, 10, 1))
        for streams in STREAMS:
            ratio, said = asyncio.run(compared(direct, through, streams, tokens, rounds))
            yield Finding(f"tokens/s, node : paced engine, {streams} streams", ratio, "x", at_least=0.99, note=said)


def first_token(quick: bool) -> Iterator[Finding]:
    """One request at a time; in the node, each waits for one commit of the books before its first token."""
    runs, asked = (8, 10) if quick else (20, 20)

    async def measure(direct: Target, through: Target, disk: Path) -> list[float]:
        medians: list[list[float]] = [[], [], []]
        with disk.open("wb") as file:
            for _ in range(runs):
                seen: list[list[float]] = [[], [], []]
                for _ in range(asked):
                    for target, times in zip((direct, through), seen, strict=False):
                        times.append((await ask(target, 2)).first * 1000)
                    seen[2].append(sync_ms(file))
                for times, median in zip(seen, medians, strict=True):
                    median.append(statistics.median(times))
        return [undisturbed(median) for median in medians]

    with running_paced_engine("--rate", "200") as url, node_before(url, 8) as (node, through):
        seen = asyncio.run(measure(Target.at(url, through.model), through, node.directory / "sync"))
    direct, relayed, sync = seen
    note = f"{relayed:.2f} ms through the node, {direct:.2f} ms directly; this disk syncs in {sync:.2f} ms"
    yield Finding("added time to first token, p50, paced engine", relayed - direct, "ms", at_most=2.5, note=note)


def sync_ms(file: BinaryIO) -> float:
    """How long the disk takes for 4 kB more, milliseconds."""
    began = time.perf_counter()
    file.write(bytes(4096))
    file.flush()
    os.fdatasync(file.fileno())
    return (time.perf_counter() - began) * 1000


def model(quick: bool, file: Path | None, threads: int) -> Iterator[Finding]:
    rounds = 4 if quick else 16
    engine = {"slots": max(STREAMS), "context": CONTEXT, "threads": threads}
    with running_node({"local": {"port": 0}, "engine": engine}) as node:
        node.bring_model(file)
        state = node.until(lambda state: bool(state.node.endpoint))
        through = Target.at(state.node.endpoint, MODEL, node.new_key())
        stored = node.directory / "models" / f"{MODEL}.gguf"
        with running_llamacpp(stored, MODEL, slots=max(STREAMS), context=CONTEXT, threads=threads) as (socket, key):
            direct = Target(socket, MODEL, key)
            asyncio.run(compared(direct, through, 8, 16, 1))
            (child,) = computing(node.process.pid)
            for streams, tokens in zip(STREAMS, (128, 64, 48), strict=True):
                before = node.cpu_seconds(), sum(child.cpu_times()[:2])
                ratio, said = asyncio.run(compared(direct, through, streams, tokens, rounds))
                used = node.cpu_seconds() - before[0], sum(child.cpu_times()[:2]) - before[1]
                what = f"tokens/s, node : SmolLM2, {threads} of {os.cpu_count()} cores, {streams} streams"
                said += f"; CPU of node : engine {100 * used[0] / used[1]:.1f} %"
                yield Finding(what, ratio, "x", at_least=0.94, note=said)


def capacity(quick: bool) -> Iterator[Finding]:
    tokens, rounds = (1000, 2) if quick else (2000, 5)
    with running_paced_engine("--context", "100000") as url, node_before(url, MANY) as (node, through):
        rate = tokens_per_cpu_second(node, through, tokens, rounds)
        yield Finding(f"relay capacity, instant engine, {MANY} streams", rate, "tokens/CPU-s", at_least=25_000)
    tokens = 100 if quick else 300
    with running_paced_engine("--rate", "50") as url, node_before(url, MANY) as (node, through):
        rate = tokens_per_cpu_second(node, through, tokens, 1)
        note = "every token comes alone: one read, one event, one write each"
        yield Finding(f"relay, {MANY} streams of 50 tokens/s each", rate, "tokens/CPU-s", note=note)


def tokens_per_cpu_second(node: BenchNode, through: Target, tokens: int, rounds: int) -> float:
    asyncio.run(ask_together(through, MANY, 50))
    rates = []
    for _ in range(rounds):
        before = node.cpu_seconds()
        _, answers = asyncio.run(ask_together(through, MANY, tokens))
        rates.append(sum(answer.tokens for answer in answers) / (node.cpu_seconds() - before))
    return statistics.median(rates)


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--model", type=Path, help="the GGUF file of SmolLM2-135M-Instruct; pulled if left out")
    options.add_argument("--threads", type=int, default=default_threads(), help="of SmolLM2; default: the node's own")
    options.add_argument("--only", default=",".join(PARTS), help="some of: " + ", ".join(PARTS))
    given = options.parse_args()
    wanted = given.only.split(",")
    findings: list[Finding] = []
    if "paced" in wanted:
        findings += paced(given.quick)
    if "first" in wanted:
        findings += first_token(given.quick)
    if "model" in wanted:
        findings += model(given.quick, given.model, given.threads)
    if "capacity" in wanted:
        findings += capacity(given.quick)
    return report(findings, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
