"""Brings the node's books up to what the grid's account pages show."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from node.clock import Clock
from node.ledger.errors import LedgerError
from node.ledger.records import Settlement
from node.networks.aipg.account import LARGEST_LIST, Account, AccountError, AccountPages
from node.networks.aipg.dialect import DEN
from node.networks.credits import Credits
from wallet.errors import WalletError
from wallet.files import make_private_directory, read_private, write_private
from wallet.secret import Secret

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0  # between two readings, as the grid wishes
HURRY_SECONDS = 10.0  # likewise, when the list of jobs is about to lose some
HURRY_JOBS = LARGEST_LIST * 3 // 4
LARGEST = 4096


class _Mark(BaseModel):
    """Where the grid's total and ours met.

    Attributes:
        worker: whose totals these are. before: hundredths of a unit that the grid had credited and our books have not.
    """

    model_config = ConfigDict(extra="ignore")

    worker: str
    before: int


class Bookkeeper:
    """Reads the pages now and then and books what is new, each thing once.

    The list of jobs is short. What was pushed out of it before it was read is booked in one sum, so that our total of
    credited units is the grid's, whatever happens.

    Attributes:
        account: the latest reading; None before the first. problem: why the last one failed; empty if it did not.
    """

    def __init__(
        self,
        network: str,
        worker_name: str,
        url: str,
        key: Secret,
        tls: ssl.SSLContext | None,
        ledger: Credits,
        directory: Path,
        clock: Clock,
    ) -> None:
        self.account: Account | None = None
        self.problem = ""
        self._network = network
        self._worker_name = worker_name
        self._url = url
        self._key = key
        self._tls = tls
        self._ledger = ledger
        self._path = directory / "account.json"
        self._clock = clock
        self._jobs = 0
        self._crowded = asyncio.Event()
        self._booking = asyncio.Lock()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(HURRY_SECONDS)
            try:
                async with asyncio.timeout(LOOK_SECONDS - HURRY_SECONDS):
                    await self._crowded.wait()
            except TimeoutError:
                pass
            await self.look()

    async def look(self) -> None:
        """Read the pages and book what they show; troubles are told in ``problem``."""
        self._jobs = 0
        self._crowded.clear()
        try:
            account = await self.read()
        except AccountError as error:
            if str(error) != self.problem:
                log.warning("%s: %s", self._network, error)
            self.problem = str(error)
            return
        self.account, self.problem = account, ""
        try:
            async with self._booking:  # two who look at once must not both find the same row missing
                await self._book(account)
        except LedgerError as error:
            log.warning("%s: what was credited is not booked yet: %s", self._network, error)

    async def read(self) -> Account:
        """
        Raises:
            AccountError: a page cannot be read.
        """
        pages = AccountPages(self._url, self._key, self._tls)
        try:
            return await pages.read()
        finally:
            await pages.aclose()

    def note_job(self) -> None:
        """Another job of ours will be listed."""
        self._jobs += 1
        if self._jobs >= HURRY_JOBS:
            self._crowded.set()

    async def _book(self, account: Account) -> None:
        numbers = await self._ledger.numbers(self._network, [row.job_id for row in account.jobs])
        for settlement in await self._ledger.missing(account.settlements(self._network, numbers)):
            await self._ledger.book(settlement)
        total = account.earned_by(self._worker_name)
        credited = await self._ledger.credited(self._network, DEN)
        mark = await asyncio.to_thread(self._recall)
        if mark is None or mark.worker != self._whose:
            if account.still:  # else the list may hold a job that the total does not, and it would be booked again
                await asyncio.to_thread(self._remember, _Mark(worker=self._whose, before=total - credited))
        elif (unlisted := total - mark.before - credited) > 0:
            reference = f"jobs of {self._worker_name} that were not listed any more, to {total}"
            await self._ledger.book(
                Settlement(self._network, DEN.code, DEN.decimals, unlisted, "credited", None, reference)
            )

    @property
    def _whose(self) -> str:
        return f"{self._worker_name} at {self._url}"

    def _recall(self) -> _Mark | None:
        try:
            return _Mark.model_validate_json(read_private(self._path, LARGEST)) if self._path.exists() else None
        except (ValidationError, WalletError) as error:
            log.warning("%s cannot be used (%s) and is begun anew", self._path, type(error).__name__)
            return None

    def _remember(self, mark: _Mark) -> None:
        try:
            make_private_directory(self._path.parent)
            write_private(self._path, mark.model_dump_json().encode(), overwrite=True)
        except WalletError as error:
            log.warning("%s", error)
