"""AI Horde as one of the node's networks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from node.clock import Clock
from node.ledger.errors import LedgerError
from node.networks.base import Capacity, Finding, MaintenanceRefused, Remedy, Standing, Tickets, Worth
from node.networks.credits import Credits
from node.networks.horde.account import Account
from node.networks.horde.client import AGENT, HordeClient, Refused, Unreachable
from node.networks.horde.errands import Errands
from node.networks.horde.gate import Gate, Tempo, jittered
from node.networks.horde.jobs import Jobs
from node.networks.horde.joining import examine
from node.networks.horde.kudos import ModelValue, Outlook, outlook
from node.networks.horde.listing import Listing
from node.networks.horde.names import REFERENCE_URL
from node.networks.horde.pace import LONGEST
from node.networks.horde.queue import depth, why_no_jobs
from node.networks.horde.standing import standing
from node.networks.horde.worker import APPEAL, DEFAULT_CONTEXT, SILENCED, TextWorker
from wallet.money import Amount
from wallet.secret import Secret

log = logging.getLogger(__name__)

URL = "https://aihorde.net/api/v2"
FRESH_LOOK = 30.0
"""Seconds that the network itself keeps what it tells about accounts and workers."""


class HordeNetwork:
    """Implements `node.networks.base.Network` for text jobs.

    Attributes:
        droppable: a job that is given back counts against the worker for an hour, so that none is without need.
    """

    droppable = False

    def __init__(
        self,
        *,
        name: str = "horde",
        url: str = URL,
        key: Secret,
        worker_name: str,
        models: Mapping[str, str],
        state_dir: Path,
        clock: Clock,
        ledger: Credits,
        longest: int = LONGEST,
        info: str = "",
        reference_url: str = REFERENCE_URL,
        agent: str = AGENT,
        tempo: Tempo | None = None,
    ) -> None:
        """Make a worker; ``run`` lets it work.

        Args:
            models: the network's name of each model that we serve; an empty one is looked up in the network's list.
            state_dir: this worker's own; made if need be.
            ledger: where credited kudos are written down (`node.networks.credits.LedgerCredits`).
            longest: tokens of the longest answer that the owner wants to compute.
            info: what the network tells everybody about this worker; empty to leave that as it is.
            reference_url: where the network's list of models is; empty for none.
            agent: name, version and contact of this software; another one than ours only in private hordes.

        Raises:
            ValueError: the URL is none, or no model is given.
        """
        if not models:
            raise ValueError("models: got none; expected at least one that this node serves")
        self.name = name
        self._worker_name = worker_name
        self._names = dict(models)
        self._clock = clock
        self._longest = longest
        self._info = info
        self._tempo = tempo or Tempo()
        self._client = HordeClient(url, key, seconds=self._tempo.exchange, agent=agent)
        self._listing = Listing(self._client, reference_url, state_dir / "models.json", clock)
        self._errands = Errands(state_dir / "jobs")
        self._gate = Gate(clock, self._tempo)
        self._account = Account(name, worker_name, self._client, self._errands, ledger, state_dir, clock, self._tempo)
        self._jobs = Jobs(name, self._client, self._account, self._errands, self._gate, clock, self._tempo)
        self._worker: TextWorker | None = None

    @property
    def escrow(self) -> Amount:
        """What the network holds back until it trusts the account, and shows nobody: an estimate by its rules."""
        return self._account.escrow

    @property
    def values(self) -> dict[str, ModelValue]:
        """What the network thinks of each model, by the name under which we serve it."""
        return {served: self._listing.value(served, given) for served, given in self._names.items()}

    async def run(self, tickets: Tickets) -> None:
        """Work until cancelled. What is in hand then and finished is delivered after the next start."""
        try:
            await self._listing.learn()
            self._jobs.reference_missing = not len(self._listing.reference)
            await self._first_look()
            values = self.values
            self._worker = TextWorker(
                self._worker_name,
                values,
                self._client,
                self._account,
                self._jobs,
                self._gate,
                self._clock,
                self._tempo,
                longest=self._longest,
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._jobs.resume({value.name: value for value in values.values()}))
                tasks.create_task(self._worker.serve(tickets))
                tasks.create_task(self._keep_looking())
        finally:
            await self._jobs.part()
            await self._client.aclose()

    async def probe(self) -> Standing:
        """How we stand, as of now or of the last half minute."""
        try:
            if self._account.looked_at is None or self._clock.monotonic() - self._account.looked_at > FRESH_LOOK:
                await self._look()
            waiting, why = await self._queue()
        except Unreachable as error:
            return self._standing(error.problem)
        except Refused as refusal:
            return self._standing(refusal.message)
        return self._standing("", waiting, why)

    def worths(self, capacity: Capacity) -> list[Worth]:
        """What each model would bring, by the network's formulas."""
        return [
            Worth(served, one.value.name, one.value.parameters is not None, one.value.validated, one.a_job, one.an_hour)
            for served, one in self._outlooks(capacity).items()
        ]

    async def examine(self, capacity: Capacity) -> list[Finding]:
        """What is checked and shown before joining: account, name, and what each model would bring."""
        await self._listing.learn()
        listed = len(self._listing.reference) > 0
        return await examine(self._client, self._worker_name, self._outlooks(capacity), listed=listed)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def set_maintenance(self, on: bool, message: str = "") -> None:
        """Let the network stop sending jobs of others, or begin again.

        Raises:
            MaintenanceRefused: it does not.
        """
        try:
            await self._change({"maintenance": on, "maintenance_msg": message[:1000]})
        except (Refused, Unreachable) as error:
            raise MaintenanceRefused(str(error)) from None
        self._account.told_of_maintenance(on)
        if not on:
            self._gate.open_now()

    def _outlooks(self, capacity: Capacity) -> dict[str, Outlook]:
        contexts = {info.name: (info.context, info.slots) for info in capacity.models()}
        outlooks = {}
        for served, value in self.values.items():
            context, slots = contexts.get(served, (None, 1))
            outlooks[served] = outlook(
                value,
                context=context or DEFAULT_CONTEXT,
                slots=slots,
                seconds_a_job=capacity.seconds(served, 1000, 200),
                trusted=self._account.trusted,
            )
        return outlooks

    async def _change(self, changes: Mapping[str, object]) -> None:
        worker = self._account.worker or await self._client.worker(self._worker_name)
        if worker is None:
            raise Refused(404, "WorkerNotFound", f"the network does not know a worker {self._worker_name!r} yet")
        await self._client.change_worker(worker.id, changes)

    # Looking at the network's books

    async def _first_look(self) -> None:
        """Nothing is asked for before the network's books have been seen: what is earned is counted from there."""
        while True:
            try:
                asked = self._clock.monotonic()
                await self._look()
                self._gate.works(asked)
                return
            except Unreachable as error:
                self._gate.trouble(error.problem, error.wait)
            except Refused as refusal:
                self._gate.trouble(f"the network refuses: {refusal.message}")
            except LedgerError as error:
                self._gate.trouble(f"the books cannot be read or written: {error}")
            await self._gate.wait()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(jittered(self._tempo.account))
            try:
                await self._look()
                await self._introduce()
            except (Unreachable, Refused) as error:
                log.info("the network's books cannot be read now: %s", error)
            except LedgerError as error:
                log.warning("credited kudos are not booked yet: %s", error)

    async def _look(self) -> None:
        try:
            await self._account.look()
        except Refused as refusal:
            if refusal.status in (401, 404):
                told = f"the API key is not valid (any more): {refusal.message}"
                self._gate.shut(told, jittered(self._tempo.parked), Remedy.KEY)
            raise
        found_out = self._gate.reason == SILENCED
        if self._account.paused_in_silence and not found_out:
            self._gate.shut(SILENCED, self._tempo.probe, APPEAL)
        elif found_out and not self._account.paused_in_silence:
            self._gate.open_now()

    async def _introduce(self) -> None:
        """Tell the network what it is to tell about this worker, once it knows the worker."""
        worker = self._account.worker
        if self._info and worker is not None and (worker.info or "") != self._info:
            await self._client.change_worker(worker.id, {"info": self._info})

    async def _queue(self) -> tuple[int, str]:
        statuses = await self._client.models()
        ours = {value.name for value in self.values.values()}
        waiting = depth(statuses, ours)
        if self._worker is None or not self._worker.idle or self._gate.reason:
            return waiting, ""
        performance, modes = await self._client.performance(), await self._client.modes()
        offers = list(self._worker.offers.values())
        return waiting, why_no_jobs(statuses, performance, modes, ours, offers, self._worker.skipped)

    def _standing(self, problem: str, waiting: int | None = None, why: str = "") -> Standing:
        messages = self._worker.messages.values() if self._worker else ()
        now = self._clock.wall_ns() / 1e9
        return standing(self._gate, self._account, messages, now, problem=problem, waiting=waiting, why=why)
