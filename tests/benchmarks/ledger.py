"""How fast the books are: acknowledged rows a second, verification, and the earnings screen with a million jobs.

    python tests/benchmarks/ledger.py [--quick]

Every row counted is acknowledged after a commit with synchronous=FULL. "One commit at a time" inserts the same entries,
ready-made and without any other table, each in its own commit; the ledger also hashes, chains, signs and keeps its
tables. On a disk that syncs fast the processor is the limit, on a slow one the ratio nears the number of callers.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from node.clock import SystemClock  # noqa: E402
from node.identity import Identity  # noqa: E402
from node.jobs import JobState, Receipt, Usage  # noqa: E402
from node.ledger import queries, sums  # noqa: E402
from node.ledger.accounts import accounts, waiting  # noqa: E402
from node.ledger.chain import GENESIS, Entry, canonical, entry_hash  # noqa: E402
from node.ledger.projections import HOUR_NS, Projections  # noqa: E402
from node.ledger.receipts import lines  # noqa: E402
from node.ledger.records import JobAccepted, JobFinished, Record, Settlement  # noqa: E402
from node.ledger.rewards import rewards  # noqa: E402
from node.ledger.schema import connect_reader, connect_writer, migrate  # noqa: E402
from node.ledger.store import Ledger  # noqa: E402
from node.ledger.verify import verify  # noqa: E402
from wallet.money import Amount, Asset  # noqa: E402

KUDOS, DEN, USDC = Asset("kudos", 2), Asset("den", 2), Asset("USDC", 6)
INSERT = "INSERT INTO entries VALUES (?,?,?,?,?,?)"
WEEK_NS = 7 * 24 * HOUR_NS
YEAR_STARTS_NS = 1_735_689_600_000_000_000 // HOUR_NS * HOUR_NS


def life(number: int) -> tuple[Record, Record]:
    """The two records of one ordinary paid job."""
    model = ("SmolLM2-135M-Instruct", "Mistral-Nemo-12B", "grid/llama-3.1-8b")[number % 3]
    accepted = JobAccepted(number, f"job-{number:08d}", "horde", model, "somebody", 150_000)
    receipt = Receipt(
        number,
        accepted.job_id,
        "horde",
        model,
        JobState.DONE,
        usage=Usage(300, 200),
        queued_us=20_000,
        first_token_us=200_000,
        compute_us=6_000_000,
        energy_mj=1_500_000,
        reward=Amount(3_410, USDC),
    )
    return accepted, JobFinished(receipt)


def new_file(name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"stoker-{name}-", dir=FOLDER)) / "ledger.db"


def chained(records: Iterator[Record]) -> Iterator[tuple[Entry, str]]:
    prev = GENESIS
    for seq, record in enumerate(records, 1):
        body = record.to_body()
        text = canonical(body)
        at_ns = time.time_ns()
        digest = entry_hash(seq, at_ns, record.kind.encode(), prev, text.encode())
        yield Entry(seq, at_ns, record.kind, body, prev, digest), text
        prev = digest


def lives(jobs: int) -> Iterator[Record]:
    for number in range(1, jobs + 1):
        yield from life(number)


def year(jobs: int) -> Iterator[Record]:
    """Jobs of three networks in turn: one that credits each, one that also pays by the hour, one without books."""
    hour = max(1, jobs // 8760)
    for number in range(1, jobs + 1):
        network, asset = (("horde", KUDOS), ("aipg", DEN), ("usepod", USDC))[number % 3]
        begun, ended = life(number)
        assert isinstance(begun, JobAccepted)
        assert isinstance(ended, JobFinished)
        yield replace(begun, network=network)
        receipt = replace(ended.receipt, network=network, reward=Amount(3_410, asset), cost_micro=120, currency="EUR")
        yield JobFinished(receipt)
        if network != "usepod" and number > 100:
            earlier = number - 99  # books are late
            yield Settlement(network, asset.code, asset.decimals, 3_400, "credited", earlier, f"job-{earlier:08d}")
        if number % hour == 0:
            for claim in ("credited", "paid"):
                worth = (15_000, "EUR", "CoinGecko, 0.0125 EUR for 1 AIPG")
                yield Settlement("aipg", "AIPG", 18, 12 * 10**17, claim, None, f"hour-{number}", *worth)


def one_at_a_time(rows: int) -> float:
    """Rows a second when each is committed by itself, in a plain loop without threads."""
    path = new_file("single")
    connection = connect_writer(path)
    migrate(connection, path)
    tables = Projections(connection)
    records = list(lives(rows // 2))
    started = time.perf_counter()
    for entry, text in chained(iter(records)):
        connection.execute("BEGIN IMMEDIATE")
        tables.stage(entry)
        tables.write()
        connection.execute(INSERT, (entry.seq, entry.at_ns, entry.kind, text, entry.prev, entry.hash))
        connection.execute("COMMIT")
        tables.settle()
    rate = rows / (time.perf_counter() - started)
    connection.close()
    return rate


def entry_only(rows: int) -> float:
    """Rows a second of the barest commit: the finished entry alone, nothing computed, no other table."""
    path = new_file("bare")
    connection = connect_writer(path)
    migrate(connection, path)
    prepared = [(e.seq, e.at_ns, e.kind, text, e.prev, e.hash) for e, text in chained(lives(rows // 2))]
    started = time.perf_counter()
    for row in prepared:
        connection.execute(INSERT, row)
    rate = rows / (time.perf_counter() - started)
    connection.close()
    return rate


async def awaited(rows: int) -> float:
    """Rows a second of an event loop that commits the finished entry alone in its own thread, one at a time."""
    path = new_file("awaited")
    connection = connect_writer(path)
    migrate(connection, path)
    prepared = [(e.seq, e.at_ns, e.kind, text, e.prev, e.hash) for e, text in chained(lives(rows // 2))]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        started = time.perf_counter()
        for row in prepared:
            await loop.run_in_executor(thread, connection.execute, INSERT, row)
        rate = rows / (time.perf_counter() - started)
    connection.close()
    return rate


async def appended(callers: int, rows: int) -> float:
    """Rows a second of so many callers, each waiting for its acknowledgement before the next."""
    path = new_file(f"callers{callers}")
    identity = Identity.load_or_create(path.parent)
    ledger = await asyncio.to_thread(Ledger.open, path, identity, SystemClock())
    each = max(1, rows // callers // 2)
    work = [
        [record for turn in range(each) for record in life(turn * callers + caller + 1)] for caller in range(callers)
    ]

    async def call(records: list[Record]) -> None:
        for record in records:
            await ledger.append(record)

    started = time.perf_counter()
    await asyncio.gather(*map(call, work))
    rate = 2 * each * callers / (time.perf_counter() - started)
    await ledger.close()
    return rate


def fill(path: Path, jobs: int) -> int:
    """A year of jobs, written with direct inserts in big transactions, exactly as the ledger would have; how many
    entries they are."""
    connection = connect_writer(path)
    migrate(connection, path)
    connection.pragma("synchronous", "OFF")
    tables = Projections(connection)
    step = 365 * 24 * HOUR_NS // (3 * jobs)
    prev = GENESIS
    rows = []
    connection.execute("BEGIN")
    for seq, record in enumerate(year(jobs), 1):
        body = record.to_body()
        text = canonical(body)
        at_ns = YEAR_STARTS_NS + seq * step
        digest = entry_hash(seq, at_ns, record.kind.encode(), prev, text.encode())
        tables.stage(Entry(seq, at_ns, record.kind, body, prev, digest))
        rows.append((seq, at_ns, record.kind, text, prev, digest))
        prev = digest
        if len(rows) == 20_000:
            connection.executemany(INSERT, rows)
            tables.write()
            tables.settle()
            rows.clear()
    connection.executemany(INSERT, rows)
    tables.write()
    connection.execute("COMMIT")
    connection.close()
    return seq


def timed(action: Callable[[], object], times: int = 7) -> tuple[float, float]:
    """Median and worst of some runs, milliseconds."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took), max(took)


def commits(quick: bool) -> None:
    rows, rounds = (1_600, 3) if quick else (6_400, 5)
    baselines: dict[str, Callable[[], float]] = {
        "one commit at a time, awaited": lambda: asyncio.run(awaited(rows)),
        "the same without an event loop": lambda: entry_only(rows),
        "the same with hashes and all tables": lambda: one_at_a_time(rows),
    }
    ledgers: dict[str, Callable[[], float]] = {
        f"ledger, {callers} callers": partial(lambda callers: asyncio.run(appended(callers, rows)), callers)
        for callers in (1, 16, 128)
    }
    rates: dict[str, list[float]] = {name: [] for name in baselines | ledgers}
    for _ in range(rounds):  # taken in turns, so that a disk that changes its mood troubles all alike
        for name, measure in (baselines | ledgers).items():
            rates[name].append(measure())
    awaited_one = rates["one commit at a time, awaited"]
    print(f"{'acknowledged rows, synchronous=FULL':44}{'rows/s':>10}{'ratio':>8}  (medians of {rounds})")
    for name, rate in rates.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(rate, awaited_one, strict=True))
        print(f"{name:44}{statistics.median(rate):10,.0f}{ratio:8.1f}")
    print("budget: 16 callers >= 7 x one commit at a time, awaited\n")


def screens(jobs: int) -> None:
    path = new_file("year")
    key = Identity.load_or_create(path.parent).public_key
    started = time.perf_counter()
    entries = fill(path, jobs)
    size = path.stat().st_size
    print(f"{jobs:,} jobs, {entries:,} entries, {size / 1e6:,.0f} MB, filled in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    found = verify(path, key)
    assert found.problem is None, found.problem
    print(f"verify: {found.entries / (time.perf_counter() - started):,.0f} entries/s\n")

    reader = connect_reader(path)
    since, until = YEAR_STARTS_NS + 12_345, YEAR_STARTS_NS + 366 * 24 * HOUR_NS
    middle = YEAR_STARTS_NS + 182 * 24 * HOUR_NS
    questions: dict[str, Callable[[], object]] = {
        "totals of the year": lambda: sums.totals(reader, since, until),
        "earnings by day": lambda: sums.earnings(reader, "day", since, until, UTC),
        "earnings by network": lambda: sums.earnings(reader, "network", since, until),
        "earnings by model": lambda: sums.earnings(reader, "model", since, until),
        "earnings by asset": lambda: sums.earnings(reader, "asset", since, until),
        "earnings by hour, a week": lambda: sums.earnings(
            reader, "hour", until - 53 * WEEK_NS, until - 52 * WEEK_NS, UTC
        ),
        "earnings by day of one network": lambda: sums.earnings(reader, "day", since, until, UTC, "aipg"),
        "earnings: which claims wait": lambda: [waiting(reader, account) for account in accounts(reader)],
        "earnings: the last hour of one": lambda: sums.rewards_of(reader, "horde", middle),
        "earnings: newest 100 rewards": lambda: rewards(reader),
        "earnings: 100 of one asset": lambda: rewards(reader, asset="AIPG", before=entries // 2),
        "earnings: 1,000 lines of an export": lambda: lines(reader, middle, until),
        "newest 500 jobs": lambda: queries.jobs(reader, limit=500),
        "jobs that failed (none did)": lambda: queries.jobs(reader, state=JobState.FAILED),
        "one job and its life": lambda: (queries.job(reader, jobs // 2), queries.job_life(reader, jobs // 2)),
    }
    print(f"{'question':32}{'median ms':>12}{'worst ms':>12}")
    worst = 0.0
    for name, question in questions.items():
        median, slowest = timed(question)
        worst = max(worst, median) if name.startswith(("totals", "earnings")) else worst
        print(f"{name:32}{median:12.2f}{slowest:12.2f}")
    print(f"budget: earnings <= 100 ms: {worst:.1f} ms")
    reader.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rows, and 50,000 jobs instead of 1,000,000")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="stoker-ledger-") as FOLDER:
        commits(quick)
        screens(50_000 if quick else 1_000_000)
