"""Every amount in the books in the order of time, for exports: what was claimed, credited and paid, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import apsw

from node.ledger.accounts import Claim
from node.ledger.projections import joined
from node.ledger.worth import Worth, fiat, pegged
from wallet.money import Amount, Asset

__all__ = ["START", "Line", "lines"]

START = (-1, 0)

_CLAIMS = """
SELECT ended_ns, ended_seq, 'claimed', network, model, number, job_id, asset, decimals, units_hi, units_lo,
    NULL, '', '', energy_mj, cost_micro, currency
FROM jobs
WHERE ended_ns >= ?1 AND ended_ns < ?2 AND (ended_ns, ended_seq) > (?3, ?4)
    AND asset <> '' AND (units_hi <> 0 OR units_lo <> 0)
ORDER BY ended_ns, ended_seq LIMIT ?5
"""
_SETTLEMENTS = """
SELECT coalesce(received_ns, at_ns) AS came_ns, seq, claim, network, model, refers, reference, asset, decimals,
    units_hi, units_lo, worth_micro, currency, price_source, NULL, NULL, ''
FROM settlements
WHERE came_ns >= ?1 AND came_ns < ?2 AND (came_ns, seq) > (?3, ?4)
    AND (units_hi <> 0 OR units_lo <> 0)
ORDER BY came_ns, seq LIMIT ?5
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One amount.

    Attributes:
        at_ns: when it came, nanoseconds since 1970 in UTC. seq: its ledger entry.
        number: of the job it is for; None if it is for many or none.
        reference: the network's or the chain's name for it; of a claim, the network's id of the job.
        worth: what it was worth then, in millionths of its currency, from ``price_source``; None if not known.
        energy_mj, cost: of the job, on its claim; None where not known.
    """

    at_ns: int
    seq: int
    claim: Claim
    network: str
    model: str
    number: int | None
    reference: str
    amount: Amount
    worth: Amount | None = None
    price_source: str = ""
    energy_mj: int | None = None
    cost: Amount | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Where the next page begins."""
        return self.at_ns, self.seq


def lines(
    connection: apsw.Connection,
    since_ns: int,
    until_ns: int,
    *,
    after: tuple[int, int] = START,
    limit: int = 1000,
    claims: bool = True,
) -> list[Line]:
    """Amounts from the first moment to before the second, oldest first, at most ``limit``.

    Args:
        after: the ``place`` of the last line of the page before.
        claims: with what networks stated job by job; without, only what was credited and paid.
    """
    values = (since_ns, until_ns, *after, limit)
    found = [_line(row) for row in connection.execute(_SETTLEMENTS, values)]
    if claims:
        found += (_line(row) for row in connection.execute(_CLAIMS, values))
    return sorted(found, key=lambda line: line.place)[:limit]


def _line(row: tuple[apsw.SQLiteValue, ...]) -> Line:
    (at_ns, seq, claim, network, model, number, reference, code, decimals, high, low,
     micro, currency, source, energy_mj, cost_micro, cost_currency) = cast(
        "tuple[int, int, Claim, str, str, int | None, str, str, int, int, int, int | None, str, str, "
        "int | None, int | None, str]",
        row,
    )  # fmt: skip
    amount = Amount(joined(high, low), Asset(code, decimals))
    worth = pegged(amount) if micro is None else Worth(micro, currency, source)
    return Line(
        at_ns,
        seq,
        claim,
        network,
        model,
        number,
        reference,
        amount,
        None if worth is None else Amount(worth.micro, fiat(worth.currency)),
        "" if worth is None else worth.source,
        energy_mj,
        None if cost_micro is None else Amount(cost_micro, fiat(cost_currency)),
    )
