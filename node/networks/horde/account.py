"""What the network's own books say of us, compared with what we were told for each job."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.clock import Clock
from node.ledger.records import Settlement
from node.networks.credits import Credits
from node.networks.horde.answers import UserAnswer, WorkerAnswer
from node.networks.horde.client import HordeClient
from node.networks.horde.errands import Errand, Errands
from node.networks.horde.gate import Tempo
from node.networks.horde.kudos import KUDOS, from_kudos, held_back
from wallet.errors import WalletError
from wallet.files import make_private_directory, read_private, write_private
from wallet.money import Amount

log = logging.getLogger(__name__)

ENOUGH_UNSEEN = 3
NEVER_SECONDS = 24 * 3600.0
RELEASED = "escrow released (estimate)"
LARGEST = 1024 * 1024


class State(BaseModel):
    """What is remembered between runs, in hundredths of kudos.

    Attributes:
        worker: whose books these are; another worker begins anew.
        begun: the first look has been taken; what the worker had earned before is not ours to book.
        generated, uptime: how much of the network's totals is in our books.
        escrow: what an untrusted account is owed and cannot see, by the network's rules: an estimate.
        trusted: as of the last look. confirmed: jobs whose credit was booked last.
    """

    model_config = ConfigDict(extra="ignore")

    worker: Annotated[str, Field(max_length=300)] = ""
    begun: bool = False
    generated: int = 0
    uptime: int = 0
    escrow: int = 0
    trusted: bool | None = None
    confirmed: Annotated[list[str], Field(max_length=100_000)] = []
    seen_messages: Annotated[list[str], Field(max_length=1000)] = []


class Account:
    """Our account and our worker at one horde.

    Attributes:
        user, worker: the network's latest answers; the worker is None until its first pop.
        paused_in_silence: rewarded jobs do not appear in the network's count.
    """

    def __init__(
        self,
        network: str,
        worker_name: str,
        client: HordeClient,
        errands: Errands,
        ledger: Credits,
        directory: Path,
        clock: Clock,
        tempo: Tempo,
    ) -> None:
        self.user: UserAnswer | None = None
        self.worker: WorkerAnswer | None = None
        self.paused_in_silence = False
        self._network = network
        self._worker_name = worker_name
        self._uptime = f"uptime of {worker_name} to "
        self._other = f"other work of {worker_name} to "
        self._client = client
        self._errands = errands
        self._ledger = ledger
        self._path = directory / "account.json"
        self._clock = clock
        self._tempo = tempo
        self._state = State()
        self._loaded = False
        self._fulfilled = -1
        self._risen_at = 0.0
        self._leftover: int | None = None
        self._looking = asyncio.Lock()
        self.looked_at: float | None = None

    @property
    def trusted(self) -> bool:
        """Whether the network trusts the account; not, until it has said so."""
        return bool(self.user and self.user.trusted)

    @property
    def escrow(self) -> Amount:
        """What the network holds back of an untrusted account and shows nobody: our estimate."""
        return Amount(self._state.escrow, KUDOS)

    @property
    def unseen(self) -> int:
        """How many rewarded jobs are not in the network's count yet."""
        return len(self._errands.delivered())

    def remember_messages(self, ids: list[str]) -> list[str]:
        """Those of these messages that have not been seen before; they are seen from now on."""
        fresh = [one for one in dict.fromkeys(ids) if one not in self._state.seen_messages]
        if fresh:
            self._state.seen_messages = [*self._state.seen_messages, *fresh][-1000:]
        return fresh

    def told_of_maintenance(self, on: bool) -> None:
        """We have just changed it ourselves; what the network answers for the next half minute may be older."""
        if self.worker is not None:
            self.worker = self.worker.model_copy(update={"maintenance_mode": on})
            self.looked_at = self._clock.monotonic()

    async def look(self) -> None:
        """Ask the network for its books, and bring ours up to them.

        Raises:
            Refused, Unreachable: it does not say. LedgerUnavailable: ours cannot be read or written now.
        """
        async with self._looking:
            if not self._loaded:
                await self._load()
            self.user = await self._client.user()
            self.worker = await self._client.worker(self._worker_name)
            self.looked_at = self._clock.monotonic()
            details = self.worker.kudos_details if self.worker else None
            generated = from_kudos((details.generated if details else None) or 0.0).units
            uptime = from_kudos((details.uptime if details else None) or 0.0).units
            if not self._state.begun:
                self._state.begun, self._state.generated, self._state.uptime = True, generated, uptime
            await self._settle_trust(self.user.trusted)
            await self._settle_jobs(generated)
            await self._settle_uptime(uptime)
            self._watch_count()
            await self._save()

    async def _load(self) -> None:
        """Take up what an earlier run left, and settle what it had booked but not ticked off."""
        await self._errands.load()
        self._state = await asyncio.to_thread(self._read)
        worker = f"{self._worker_name} at {self._client.host}"
        if self._state.worker not in ("", worker):
            log.info("the books of %s are put aside: this is %s", self._state.worker, worker)
            self._state = State(seen_messages=self._state.seen_messages)
            for errand in self._errands.delivered():
                await self._errands.drop(errand.id)
        self._state.worker = worker
        delivered = self._errands.delivered()
        booked = await self._ledger.booked(self._network, [errand.number for errand in delivered])
        for errand in delivered:
            if errand.id in self._state.confirmed:
                await self._errands.drop(errand.id)
            elif errand.id in booked:
                self._tick_off(errand)
                await self._save()
                await self._errands.drop(errand.id)
        for reference in await self._ledger.latest(self._network):
            if reference.startswith(self._uptime):
                self._state.uptime = max(self._state.uptime, _units_in(reference))
            elif reference.startswith(self._other):
                self._state.generated = max(self._state.generated, _units_in(reference))
            elif reference == RELEASED and self._state.trusted is False:
                self._state.trusted, self._state.escrow = True, 0
        self._loaded = True

    async def _settle_jobs(self, generated: int) -> None:
        done: list[Errand] = []
        for errand in self._errands.delivered():
            if errand.units <= generated - self._state.generated:
                credit = Amount(errand.units, KUDOS)
                if not errand.trusted:
                    credit -= held_back(credit)
                await self._book(credit, errand.number, errand.id)
                self._tick_off(errand)
                done.append(errand)
            elif self._wall() - (errand.delivered or 0.0) > NEVER_SECONDS:
                log.warning("job %d: the network said %s and never credited it", errand.number, _kudos(errand.units))
                done.append(errand)
        if done:
            self._state.confirmed = [errand.id for errand in done]
            await self._save()
            for errand in done:
                await self._errands.drop(errand.id)
        await self._settle_rest(generated)

    async def _settle_rest(self, generated: int) -> None:
        """What was credited for no job that we know of: seen twice, and with nothing on its way, it is booked whole."""
        rest = generated - self._state.generated
        if rest <= 0 or self._errands.all():
            self._leftover = None
        elif self._leftover == rest:
            await self._book(Amount(rest, KUDOS), None, f"{self._other}{generated}")
            self._state.generated = generated
            self._leftover = None
        else:
            self._leftover = rest

    async def _settle_uptime(self, uptime: int) -> None:
        earned = uptime - self._state.uptime
        if earned > 0 and self.trusted:
            await self._book(Amount(earned, KUDOS), None, f"{self._uptime}{uptime}")
        elif earned > 0:
            self._state.escrow += earned
        self._state.uptime = max(uptime, self._state.uptime)

    async def _settle_trust(self, trusted: bool) -> None:
        if trusted and self._state.trusted is False and self._state.escrow:
            log.info("the account is trusted now: %s that were held back are its own", self.escrow)
            await self._book(self.escrow, None, RELEASED)
            self._state.escrow = 0
        self._state.trusted = trusted

    def _tick_off(self, errand: Errand) -> None:
        self._state.generated += errand.units
        if not errand.trusted:
            self._state.escrow += held_back(Amount(errand.units, KUDOS)).units

    async def _book(self, credit: Amount, number: int | None, reference: str) -> None:
        if credit.units:
            asset = credit.asset
            settlement = Settlement(
                self._network, asset.code, asset.decimals, credit.units, "credited", number, reference
            )
            await self._ledger.book(settlement)

    def _watch_count(self) -> None:
        """A worker that is paused in silence is told of rewards, but its count stands still."""
        fulfilled = self.worker.requests_fulfilled if self.worker else 0
        if fulfilled != self._fulfilled:
            self._fulfilled, self._risen_at = fulfilled, self._wall()
        overdue = [
            errand
            for errand in self._errands.delivered()
            if errand.stated and self._wall() - (errand.delivered or 0.0) > self._tempo.unseen
        ]
        still = bool(overdue) and self._risen_at < (overdue[-1].delivered or 0.0)
        suspected = len(overdue) >= ENOUGH_UNSEEN and still
        if suspected and not self.paused_in_silence:
            log.error("%d rewarded jobs are not in the network's count of %d", len(overdue), fulfilled)
        self.paused_in_silence = suspected

    def _wall(self) -> float:
        return self._clock.wall_ns() / 1e9

    def _read(self) -> State:
        if not self._path.exists():
            return State()
        try:
            return State.model_validate_json(read_private(self._path, LARGEST))
        except (ValidationError, WalletError) as error:
            aside = self._path.with_suffix(f".damaged-{int(time.time())}")
            log.warning("%s cannot be used (%s) and is put aside", self._path, type(error).__name__)
            self._path.replace(aside)
            return State()

    async def _save(self) -> None:
        try:
            await asyncio.to_thread(self._write, self._state.model_dump_json().encode())
        except WalletError as error:
            log.warning("%s", error)

    def _write(self, data: bytes) -> None:
        make_private_directory(self._path.parent)
        write_private(self._path, data, overwrite=True)


def _units_in(reference: str) -> int:
    text = reference.rpartition(" ")[2]
    return int(text) if text.isascii() and text.isdigit() else 0


def _kudos(units: int) -> Amount:
    return Amount(units, KUDOS)
