# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""Single rewards: what was claimed, credited and paid for a job, and what came for no single job."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import apsw

from node.ledger.accounts import accounts
from node.ledger.projections import joined
from wallet.money import Asset

__all__ = ["Posted", "Reward", "reward_of", "rewards"]

MAX_PAGE = 1000
LATEST = 2**62

_JOB = "SELECT ended_seq, ended_ns, network, model, number, asset, decimals, units_hi, units_lo FROM jobs"
_SETTLEMENT = (
    "SELECT seq, coalesce(received_ns, at_ns), network, model, refers, asset, decimals, units_hi, units_lo, claim, "
    "reference, worth_micro, currency, price_source FROM settlements"
)
_ENDED = "ended_ns >= ? AND ended_ns < ? AND ended_seq < ?"
_CAME = "coalesce(received_ns, at_ns) >= ? AND coalesce(received_ns, at_ns) < ? AND seq < ?"
_SOMETHING = "(units_hi <> 0 OR units_lo <> 0)"


@dataclass(frozen=True, slots=True)
class Posted:
    """One amount in the books, in base units, as entry ``seq``.

    Attributes:
        at_ns: when it came, nanoseconds since 1970 in UTC.
        reference, worth_micro, currency, price_source: as in `node.ledger.records.Settlement`.
    """

    seq: int
    at_ns: int
    units: int
    reference: str = ""
    worth_micro: int | None = None
    currency: str = ""
    price_source: str = ""


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward and what became of it.

    Attributes:
        seq: the entry that it is listed by: the end of its job, or the settlement if it is for no single job.
        number: of its job; None if it is for many jobs or for none.
        claimed: None where the network stated nothing when the job was delivered.
    """

    seq: int
    network: str
    model: str
    asset: Asset
    number: int | None
    claimed: Posted | None
    credited: tuple[Posted, ...] = ()
    paid: tuple[Posted, ...] = ()


@dataclass(frozen=True, slots=True)
class _Settled:
    network: str
    model: str
    number: int | None
    asset: Asset
    claim: str
    posted: Posted


def rewards(
    connection: apsw.Connection,
    *,
    network: str | None = None,
    asset: str | None = None,
    since: int = 0,
    until: int = LATEST,
    before: int | None = None,
    limit: int = 100,
) -> list[Reward]:
    """Rewards, newest first, at most ``limit`` and 1,000.

    Args:
        asset: the code of one.
        since, until: only those whose job ended, or that came for no single job, from then on and before then, in
            nanoseconds since 1970.
        before: only those listed by older entries, for the next page.
    """
    pairs = {
        (account.network, account.asset.code)
        for account in accounts(connection)
        if network in (None, account.network) and asset in (None, account.asset.code)
    }
    place = (since, until, LATEST if before is None else before, min(limit, MAX_PAGE))
    ended = f"{_JOB} {'INDEXED BY jobs_ended' if since else ''}"  # a short time is found by time, a page by entry
    jobs: list[tuple[apsw.SQLiteValue, ...]] = []
    loose: list[_Settled] = []
    for pair in pairs:
        jobs += connection.execute(
            f"{ended} WHERE network = ? AND asset = ? AND asset <> '' AND {_SOMETHING} AND {_ENDED} "
            "ORDER BY ended_seq DESC LIMIT ?",
            (*pair, *place),
        )
        loose += _settled(
            connection,
            f"{_SETTLEMENT} WHERE refers IS NULL AND network = ? AND asset = ? AND {_CAME} ORDER BY seq DESC LIMIT ?",
            (*pair, *place),
        )
    for name in {name for name, _ in pairs}:
        jobs += connection.execute(
            f"{ended} WHERE network = ? AND asset = '' AND credited = 1 AND {_ENDED} ORDER BY ended_seq DESC LIMIT ?",
            (name, *place),
        )
    found = [_of_no_job(settled) for settled in loose] + [
        reward for reward in _of_jobs(connection, jobs) if asset in (None, reward.asset.code)
    ]
    return sorted(found, key=lambda reward: -reward.seq)[: place[-1]]


def reward_of(connection: apsw.Connection, number: int) -> Reward | None:
    """The reward of one job; None if it has none, or has not ended."""
    rows = connection.execute(f"{_JOB} WHERE number = ? AND ended_seq IS NOT NULL", (number,))
    return next(_of_jobs(connection, list(rows)), None)


def _of_jobs(connection: apsw.Connection, rows: Sequence[tuple[apsw.SQLiteValue, ...]]) -> Iterator[Reward]:
    jobs = cast("Sequence[tuple[int, int, str, str, int, str, int, int, int]]", rows)
    settled = _by_job(connection, (row[4] for row in jobs))
    for seq, ended_ns, network, model, number, code, decimals, high, low in jobs:
        units = joined(high, low)
        claimed = Posted(seq, ended_ns, units) if code and units else None
        later = settled.get(number, [])
        if claimed is None and not later:
            continue
        asset = Asset(code, decimals) if claimed is not None else later[0].asset
        own = [one for one in later if one.asset == asset]
        credited, paid = (tuple(one.posted for one in own if one.claim == claim) for claim in ("credited", "paid"))
        yield Reward(seq, network, model, asset, number, claimed, credited, paid)


def _of_no_job(settled: _Settled) -> Reward:
    alone = (settled.posted,)
    return Reward(
        settled.posted.seq,
        settled.network,
        settled.model,
        settled.asset,
        None,
        None,
        alone if settled.claim == "credited" else (),
        alone if settled.claim == "paid" else (),
    )


def _by_job(connection: apsw.Connection, numbers: Iterable[int]) -> Mapping[int, list[_Settled]]:
    found: dict[int, list[_Settled]] = defaultdict(list)
    asked = json.dumps(list(numbers))
    sql = f"{_SETTLEMENT} WHERE refers IN (SELECT value FROM json_each(?)) ORDER BY seq"
    for settled in _settled(connection, sql, (asked,)):
        found[cast("int", settled.number)].append(settled)
    return found


def _settled(connection: apsw.Connection, sql: str, values: Sequence[int | str]) -> Iterator[_Settled]:
    rows = cast(
        "Iterator[tuple[int, int, str, str, int | None, str, int, int, int, str, str, int | None, str, str]]",
        connection.execute(sql, values),
    )
    for (
        seq,
        at_ns,
        network,
        model,
        number,
        code,
        decimals,
        high,
        low,
        claim,
        reference,
        worth,
        currency,
        source,
    ) in rows:
        posted = Posted(seq, at_ns, joined(high, low), reference, worth, currency, source)
        yield _Settled(network, model, number, Asset(code, decimals), claim, posted)
