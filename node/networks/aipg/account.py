"""What the grid's own pages say of an account: earned, owed and paid."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.ledger.records import Settlement
from node.networks.aipg.dialect import DEN
from wallet.money import Amount, Asset
from wallet.secret import Secret

AIPG = Asset("AIPG", 18)
"""The token on Base; the grid pays out 8 of its decimals."""

TIMEOUT_SECONDS = 15.0
LARGEST_PAGE = 2 * 1024 * 1024
LARGEST_LIST = 100  # jobs that the grid lists at most
PAID = frozenset({"sent", "confirmed"})
BLOCKED = frozenset({"blocked_sanctions", "review_sanctions", "manual_review"})


class AccountError(Exception):
    """The pages could not be read; the text says why."""


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


Kind = TypeVar("Kind", bound=_Page)


class JobRow(_Page):
    job_id: str = Field(min_length=1, max_length=200)
    den: Decimal = Field(ge=0, le=10**6)


class PayoutRow(_Page):
    period_id: str = Field(min_length=1, max_length=200)
    aipg: Decimal = Field(ge=0, le=10**9)
    status: str = Field(max_length=60)
    tx_hash: str | None = Field(default=None, max_length=200)
    created: str | None = Field(default=None, max_length=60)
    paid: str | None = Field(default=None, max_length=60)


class _Jobs(_Page):
    jobs: list[JobRow] = Field(max_length=1000)


class _Payouts(_Page):
    payout_wallet: str | None = None
    payouts: list[PayoutRow] = Field(max_length=1000)


class WorkerRow(_Page):
    name: str = Field(max_length=200)
    den_earned: Decimal = Field(ge=0, le=10**12)


class _Workers(_Page):
    den_earned: Decimal = Field(ge=0, le=10**12)
    jobs_completed: int = Field(ge=0)
    online: int = Field(ge=0)
    workers: list[WorkerRow] = Field(max_length=10_000)


@dataclass(frozen=True, slots=True)
class Account:
    """One reading of the pages.

    Attributes:
        earned: units over the life of the account. completed: jobs likewise.
        online: worker names that the grid holds for connected.
        wallet: where payouts go; empty if the owner has set none.
        workers: every name that the account ever used.
        jobs: the last hundred that were settled. payouts: the last two hundred.
        still: no job was settled while the pages were read, so that sums and list are of one moment; otherwise the list
            may be ahead of the sums.
    """

    earned: Amount
    completed: int
    online: int
    wallet: str
    workers: tuple[WorkerRow, ...]
    jobs: tuple[JobRow, ...]
    payouts: tuple[PayoutRow, ...]
    still: bool = True

    @property
    def owed(self) -> Amount:
        """Shares that are not paid yet."""
        rows = (row for row in self.payouts if row.status not in PAID | BLOCKED)
        return Amount(sum(_units(row.aipg, AIPG) for row in rows), AIPG)

    @property
    def paid(self) -> Amount:
        return Amount(sum(_units(row.aipg, AIPG) for row in self.payouts if row.status in PAID), AIPG)

    @property
    def blocked(self) -> int:
        """Payouts that the grid holds back for a check."""
        return sum(row.status in BLOCKED for row in self.payouts)

    def earned_by(self, worker: str) -> int:
        """Hundredths of a unit that a worker has earned, over all its connections (``NAME``, ``NAME#2`` and so on)."""
        ours = (row for row in self.workers if row.name == worker or row.name.startswith(f"{worker}#"))
        return sum(_units(row.den_earned, DEN) for row in ours)

    def settlements(self, network: str, numbers: Mapping[str, int]) -> tuple[Settlement, ...]:
        """What the pages say, as entries for the books: the units of each of this node's jobs and each hour's share
        as credited, each transfer as paid. The same rows give the same references, so that a repeated reading is
        recognised. Shares and transfers are those of the whole account, whatever machines work for it.

        Args:
            numbers: of this node's jobs, by the grid's ids; what other machines of the account did is not among them.
        """
        entries = [
            _entry(network, DEN, _units(row.den, DEN), "credited", row.job_id, numbers[row.job_id])
            for row in reversed(self.jobs)
            if row.job_id in numbers and row.den
        ]
        for row in reversed(self.payouts):
            units = _units(row.aipg, AIPG)
            entries.append(_entry(network, AIPG, units, "credited", row.period_id, at=row.created))
            if row.status in PAID and row.tx_hash:  # without, it would be booked again under its later name
                entries.append(_entry(network, AIPG, units, "paid", row.tx_hash, at=row.paid))
        return tuple(entries)


class AccountPages:
    """Reads them with the worker's key. ``aclose`` it."""

    def __init__(self, url: str, key: Secret, tls: ssl.SSLContext | None = None) -> None:
        self._key = key
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            verify=tls or url.startswith("https:"),  # without TLS, reading the certificates would only take time
        )

    async def read(self) -> Account:
        """Ask all pages.

        Raises:
            AccountError: one of them could not be read.
        """
        workers = await self._page("/v1/account/workers", _Workers)
        jobs = await self._page(f"/v1/account/jobs?limit={LARGEST_LIST}", _Jobs)
        payouts = await self._page("/v1/account/payouts", _Payouts)
        again = await self._page("/v1/account/workers", _Workers)
        return Account(
            Amount(_units(workers.den_earned, DEN), DEN),
            workers.jobs_completed,
            workers.online,
            payouts.payout_wallet or "",
            tuple(workers.workers),
            tuple(jobs.jobs),
            tuple(payouts.payouts),
            still=again.jobs_completed == workers.jobs_completed,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _page(self, path: str, kind: type[Kind]) -> Kind:
        body = await self._body(path)
        try:
            content: Any = json.loads(body, parse_float=Decimal)
            return kind.model_validate(content)
        except (ValidationError, ValueError, InvalidOperation, RecursionError):
            raise AccountError(f"{path.partition('?')[0]}: the answer is not what the grid documents") from None

    async def _body(self, path: str) -> bytes:
        body = bytearray()
        try:
            async with self._client.stream("GET", path, headers={"apikey": self._key.reveal()}) as answer:
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    raise AccountError("the grid does not accept the API key: set a new one from its console")
                if answer.status_code != httpx.codes.OK:
                    raise AccountError(f"the grid's account pages answer {answer.status_code}")
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_PAGE:
                        raise AccountError(f"{path.partition('?')[0]}: the answer is too large")
        except httpx.HTTPError as error:
            raise AccountError(f"the grid's account pages cannot be read: {error or type(error).__name__}") from None
        return bytes(body)


def _units(value: Decimal, asset: Asset) -> int:
    return int(value.scaleb(asset.decimals).to_integral_value())


def _entry(
    network: str,
    asset: Asset,
    units: int,
    claim: Literal["credited", "paid"],
    reference: str,
    refers: int | None = None,
    at: str | None = None,
) -> Settlement:
    return Settlement(
        network, asset.code, asset.decimals, units, claim, refers, reference, received_ns=_nanoseconds(at)
    )


def _nanoseconds(stamp: str | None) -> int | None:
    """Since 1970; None for what is no moment. Without a zone it is one of UTC, as the grid's hours are."""
    try:
        moment = datetime.fromisoformat(stamp or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, round(moment.timestamp() * 1_000_000) * 1000)
