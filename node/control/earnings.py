"""Earnings over the control API: sums, single rewards, how three columns agree, and CSV for tax tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import apsw
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from node.clock import Clock
from node.control.books import Reader, spreadsheet
from node.control.codec import encode
from node.control.earnings_views import row_of, view_of_reward
from node.control.errors import ControlError
from node.control.query import choice, integer, moment, optional_integer, text
from node.control.reconciling import reconcile
from node.control.wire import EarningsTable
from node.ledger import sums, tax
from node.ledger.accounts import Account, Waiting, accounts, waiting
from node.ledger.projections import HOUR_NS
from node.ledger.receipts import START, lines
from node.ledger.rewards import MAX_PAGE, rewards
from wallet.money import Amount

CSV_PAGE = 1000
DAY_NS = 24 * HOUR_NS
LONGEST_BY_HOUR_NS = 31 * DAY_NS

Held = Callable[[], Mapping[str, Sequence[Amount]]]
"""What networks hold back and show nobody, by network: estimates, as of the last look."""


class Earnings:
    """Answers from one ledger.

    Args:
        read: runs a query off the event loop.
        currency: of the owner; sums of money are told in it alone.
    """

    def __init__(self, read: Reader, currency: str, clock: Clock, held: Held = dict) -> None:
        self._read = read
        self._clock = clock
        self._currency = currency
        self._held = held

    def routes(self) -> list[Route]:
        return [
            Route("/earnings", self.table),
            Route("/earnings.csv", self.csv),
            Route("/earnings/reconciliation", self.reconciliation),
            Route("/earnings/rewards", self.rewards),
        ]

    async def table(self, request: Request) -> Response:
        """What was done and earned, by hour, day, network, model or asset."""
        by = choice(request, "by", ("day", "hour", "network", "model", "asset"))
        since, until = self._recent(request) if by == "hour" else _span(request)
        network = text(request, "network")
        found = await self._read(_table, by, since, until, network)
        rows = tuple(row_of(earned, self._currency) for earned in found[:-1])
        return JSONResponse(encode(EarningsTable(self._currency, rows, row_of(found[-1], self._currency))))

    async def reconciliation(self, request: Request) -> Response:
        """How claimed, credited and paid agree, for each network and asset."""
        network = text(request, "network")
        held = {(network, amount.asset): amount for network, amounts in self._held().items() for amount in amounts}
        found = await self._read(_accounts_and_waiting)
        rows = [
            reconcile(one, waits, held.get((one.network, one.asset)))
            for one, waits in found
            if network in (None, one.network)
        ]
        return JSONResponse({"rows": encode(rows)})

    async def rewards(self, request: Request) -> Response:
        """Single rewards, newest first."""
        since, until = _span(request)
        found = await self._read(
            rewards,
            network=text(request, "network"),
            asset=text(request, "asset"),
            since=since,
            until=until,
            before=optional_integer(request, "before"),
            limit=integer(request, "limit", 100, most=MAX_PAGE),
        )
        return JSONResponse({"rewards": encode([view_of_reward(reward) for reward in found])})

    async def csv(self, request: Request) -> Response:
        """Every amount in the books, or what came into the owner's hands in Koinly's form."""
        form = choice(request, "form", ("generic", "koinly"))
        since, until = _span(request)
        return await spreadsheet(self._koinly(since, until) if form == "koinly" else self._generic(since, until))

    async def _generic(self, since: int, until: int) -> AsyncIterator[str]:
        header = tax.GENERIC_HEADER
        async for page in self._lines(since, until, claims=True):
            yield header + "".join(tax.generic(page))
            header = ""
        yield header

    async def _koinly(self, since: int, until: int) -> AsyncIterator[str]:
        received = tax.receipts(await self._read(accounts))
        yield tax.KOINLY_HEADER
        async for page in self._lines(since, until, claims=False):
            yield "".join(tax.koinly(page, received))

    def _recent(self, request: Request) -> tuple[int, int]:
        """The time of a table by the hour: the last day if none was asked for."""
        until = moment(request, "until", self._clock.wall_ns())
        since = moment(request, "since", until - DAY_NS)
        if until - since > LONGEST_BY_HOUR_NS:
            raise ControlError(
                400, "bad_argument", "since: expected at most 31 days before until for a table by the hour", "by=day"
            )
        return since, until

    async def _lines(self, since: int, until: int, *, claims: bool) -> AsyncIterator[Any]:
        after = START
        while page := await self._read(lines, since, until, after=after, limit=CSV_PAGE, claims=claims):
            yield page
            after = page[-1].place


def _span(request: Request) -> tuple[int, int]:
    return moment(request, "since", 0), moment(request, "until", 2**62)


def _table(connection: apsw.Connection, by: sums.By, since: int, until: int, network: str | None) -> list[sums.Earned]:
    """The rows and behind them the total, of one moment."""
    rows = sums.earnings(connection, by, since, until, network=network)
    return [*rows, sums.Earned("", sums.totals(connection, since, until, network))]


def _accounts_and_waiting(connection: apsw.Connection) -> list[tuple[Account, Waiting]]:
    return [(account, waiting(connection, account)) for account in accounts(connection)]
