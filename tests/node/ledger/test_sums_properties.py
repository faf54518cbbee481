"""Whatever happens in whatever order, the quick tables say what the entries say, and money is counted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
from books import accepted, finished, opened, settled, unpriced
from hand_clock import HandClock
from hypothesis import given, settings
from hypothesis import strategies as st

from node.jobs import JobState
from node.ledger.accounts import accounts, waiting
from node.ledger.agreement import Agreement
from node.ledger.chain import Entry
from node.ledger.migrations import MIGRATIONS
from node.ledger.projections import Projections
from node.ledger.records import JobAccepted, JobFinished, Record, Settlement
from node.ledger.sums import By, earnings, totals
from node.ledger.totals import Totals
from node.networks.credits import LedgerCredits
from wallet.money import Amount, Asset

ASSETS = (Asset("kudos", 2), Asset("USDC", 6), Asset("AIPG", 18))
NETWORKS = ("horde", "aipg")
HOUR_NS = 3600 * 10**9
START_NS = 1_800_000_000 * 10**9
END = 2**62

Dated = tuple[int, Record]

amounts = st.builds(Amount, st.integers(0, 10**20), st.sampled_from(ASSETS))
costs = st.none() | st.tuples(st.integers(-(10**6), 10**6), st.sampled_from(["EUR", "USD"]))
worths = st.none() | st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "USD"]))


@st.composite
def histories(draw: st.DrawFn) -> list[Dated]:
    """Jobs and settlements as a node could write them, with the moments of their entries."""
    moment, told, open_jobs, known = START_NS, list[Dated](), list[JobAccepted](), list[int]()
    for step in range(draw(st.integers(0, 25))):
        moment += draw(st.integers(0, 3 * HOUR_NS))
        what = draw(st.sampled_from(["accept", "finish", "settle"]))
        if what == "accept":
            job = accepted(step + 1, draw(st.sampled_from(NETWORKS)), draw(st.sampled_from(["a", "b"])))
            open_jobs.append(job)
            known.append(job.number)
            told.append((moment, job))
        elif what == "finish" and open_jobs:
            job = open_jobs.pop(draw(st.integers(0, len(open_jobs) - 1)))
            cost = draw(costs)
            micro, currency = cost or (None, "")
            energy = draw(st.integers(0, 10**6)) if cost else draw(st.none() | st.integers(0, 10**6))
            state = draw(st.sampled_from([JobState.DONE, JobState.FAILED]))
            reward = draw(st.none() | amounts)
            end = finished(
                job.number, job.network, job.model, state, reward, energy_mj=energy, cost_micro=micro, currency=currency
            )
            told.append((moment, end))
        elif what == "settle":
            amount, sign = draw(amounts), draw(st.sampled_from([1, 1, -1]))
            number = draw(st.none() | st.sampled_from(known)) if known else None
            claim, network = draw(st.sampled_from(["credited", "paid"])), draw(st.sampled_from(NETWORKS))
            worth = draw(worths)
            told.append(
                (moment, settled(sign * amount.units, amount.asset, claim, network, number, f"s{step}", worth=worth))
            )
    return told


def chain(history: Sequence[Dated]) -> Iterator[Entry]:
    for seq, (at_ns, record) in enumerate(history, 1):
        yield Entry(seq, at_ns, record.kind, record.to_body(), b"", b"")


def projected(history: Sequence[Dated], batch: int) -> apsw.Connection:
    """The quick tables of a history that was written in transactions of so many entries."""
    connection = apsw.Connection(":memory:")
    for step in MIGRATIONS:
        step(connection)
    tables = Projections(connection)
    for number, entry in enumerate(chain(history), 1):
        tables.stage(entry)
        if number % batch == 0:
            tables.write()
            tables.settle()
    tables.write()
    tables.settle()
    return connection


def rows(connection: apsw.Connection, table: str) -> list[tuple[apsw.SQLiteValue, ...]]:
    return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)


@settings(max_examples=60)
@given(histories(), st.integers(1, 30))
def test_tables_do_not_depend_on_how_entries_were_grouped_and_agree_with_them(history: list[Dated], batch: int) -> None:
    one, other = projected(history, 1), projected(history, batch)
    for table in ("jobs", "settlements", "hours", "accounts"):
        assert rows(one, table) == rows(other, table)
    agreement = Agreement(one)
    assert [agreement.check(entry) for entry in chain(history)] == [""] * len(history)
    assert agreement.remainder() == ""


@settings(max_examples=60)
@given(histories(), st.sampled_from(["hour", "day", "network", "model", "asset"]))
def test_any_grouping_adds_up_to_the_entries_themselves(history: list[Dated], by: By) -> None:
    connection = projected(history, 7)
    table = [row.totals for row in earnings(connection, by, 0, END)]
    assert sum(row.done + row.failed for row in table) == sum(isinstance(one, JobFinished) for _, one in history)
    assert summed(table, "claimed") == raw(history, "claimed")
    assert summed(table, "credited") == raw(history, "credited")
    assert summed(table, "paid") == raw(history, "paid")
    assert sum(row.energy_mj or 0 for row in table) == sum(one.receipt.energy_mj or 0 for one in ends(history))
    assert money(table, "costs") == nonzero(
        (one.receipt.currency, one.receipt.cost_micro or 0) for one in ends(history)
    )
    whole = totals(connection, 0, END)
    assert money(table, "costs") == money([whole], "costs")
    if by != "asset":  # there, jobs that earned nothing are a row of their own, and pegs are rounded by row
        assert summed([whole], "claimed") == summed(table, "claimed")


@settings(max_examples=60)
@given(histories(), st.integers(0, 80 * HOUR_NS), st.integers(0, 80 * HOUR_NS))
def test_any_time_is_exact_to_the_nanosecond(history: list[Dated], start: int, length: int) -> None:
    since, until = START_NS + start, START_NS + start + length
    sums = totals(projected(history, 5), since, until)
    inside = [(at, one) for at, one in history if since <= at < until]
    assert summed([sums], "credited") == raw(inside, "credited")
    assert sums.done + sums.failed == len(list(ends(inside)))


@settings(max_examples=60)
@given(histories())
def test_accounts_and_waiting_claims_are_those_of_the_entries(history: list[Dated]) -> None:
    connection = projected(history, 3)
    found = accounts(connection)
    for claim in ("claimed", "credited", "paid"):
        by_asset: Counter[Asset] = Counter()
        for one in found:
            by_asset[one.asset] += getattr(one, claim).units
        assert nonzero(by_asset.items()) == raw(history, claim)
    credited = {one.refers for _, one in history if isinstance(one, Settlement) and one.claim == "credited"}
    for one in found:
        left = [
            end.receipt
            for end in ends(history)
            if end.receipt.network == one.network
            and end.receipt.reward is not None
            and end.receipt.reward.asset == one.asset
            and end.receipt.reward.units
            and (end.receipt.number not in credited or not one.credited.amounts)
        ]
        waits = waiting(connection, one)
        assert waits.jobs == len(left)
        assert waits.units == sum(receipt.reward.units for receipt in left if receipt.reward)


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["credited", "paid"]), st.integers(1, 9)), max_size=8)
)
async def test_credits_with_repeated_references_count_once(
    tmp_path_factory,
    seen: list[tuple[str, str, int]],  # type: ignore[no-untyped-def]
) -> None:
    path: Path = tmp_path_factory.mktemp("once") / "ledger.db"
    async with opened(path, HandClock(1000.0)) as ledger:
        book = LedgerCredits(ledger, unpriced)
        for reference, claim, units in seen:
            entry = settled(units, ASSETS[0], claim, reference=reference)  # type: ignore[arg-type]
            for missing in await book.missing([entry]):
                await book.book(missing)
        sums = await ledger.query(totals, 0, END)
    first = {}
    for reference, claim, units in seen:
        first.setdefault((claim, reference), units)
    expected = {
        claim: sum(units for (own, _), units in first.items() if own == claim) for claim in ("credited", "paid")
    }
    taken = sums.takings[0] if sums.takings else None
    assert (taken.credited if taken else 0, taken.paid if taken else 0) == (expected["credited"], expected["paid"])


def ends(history: Sequence[Dated]) -> Iterator[JobFinished]:
    return (one for _, one in history if isinstance(one, JobFinished))


def summed(table: Sequence[Totals], claim: str) -> dict[Asset, int]:
    return nonzero((taken.asset, getattr(taken, claim)) for row in table for taken in row.takings)


def raw(history: Sequence[Dated], claim: str) -> dict[Asset, int]:
    if claim == "claimed":
        stated = (end.receipt.reward for end in ends(history))
        return nonzero((reward.asset, reward.units) for reward in stated if reward is not None)
    entries = (one for _, one in history if isinstance(one, Settlement) and one.claim == claim)
    return nonzero((one.amount.asset, one.units) for one in entries)


def money(table: Sequence[Totals], name: str) -> dict[str, int]:
    return nonzero((amount.asset.code, amount.units) for row in table for amount in getattr(row, name))


def nonzero(parts):  # type: ignore[no-untyped-def]
    """Sums by key, without those that are nothing."""
    found = defaultdict(int)
    for key, units in parts:
        found[key] += units
    return {key: units for key, units in found.items() if units}
