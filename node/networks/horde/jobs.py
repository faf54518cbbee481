"""One job of the network, from its pop to the network's word for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from node.clock import Clock
from node.engines.base import EngineError
from node.jobs import Job, JobState
from node.networks.base import Closed, JobEnded, Run, Ticket, Tickets
from node.networks.horde.account import Account
from node.networks.horde.answers import Payload
from node.networks.horde.client import HordeClient
from node.networks.horde.delivery import Outcome, deliver, give_back
from node.networks.horde.errands import Errand, Errands
from node.networks.horde.gate import Gate, Tempo
from node.networks.horde.kudos import (
    ModelValue,
    counted_tokens,
    fastest_unsuspicious,
    from_kudos,
    reward,
)
from node.networks.horde.pace import LATEST, SHORTEST, Waiting, hold
from node.networks.horde.payload import Stops, request_of
from node.networks.horde.reactions import Fate
from node.networks.horde.writing import finished, written

log = logging.getLogger(__name__)

OLDEST = 1800.0
"""Seconds after which nobody remembers a job: the network forgets requests after 20 minutes."""

STOPPED = "the node stopped before it was finished"

CAUTIOUS = 30.0
"""Tokens a second for untrusted workers while the network's list of models cannot be had."""


@dataclass(frozen=True, slots=True)
class Popped:
    """A job as it came.

    Attributes:
        model: as we serve it. value: what the network thinks of it.
        asked, came: when the pop was sent and answered, monotonic seconds; the network's own time lies between.
    """

    id: str
    payload: Payload
    model: str
    value: ModelValue
    ttl: float
    asked: float
    came: float


class Jobs:
    """Works through jobs and remembers them until they are settled."""

    def __init__(
        self,
        network: str,
        client: HordeClient,
        account: Account,
        errands: Errands,
        gate: Gate,
        clock: Clock,
        tempo: Tempo,
    ) -> None:
        self.waiting = Waiting()
        self.done = 0
        self.dropped = 0
        self.reference_missing = False
        self._partings: set[asyncio.Task[None]] = set()
        self._network = network
        self._client = client
        self._account = account
        self._errands = errands
        self._gate = gate
        self._clock = clock
        self._tempo = tempo

    async def work(self, tickets: Tickets, ticket: Ticket, popped: Popped) -> None:
        """Do it: compute, deliver, write down. Never raises for what happens to one job."""
        try:
            run = await self._begin(tickets, ticket, popped)
        except (EngineError, Closed) as error:
            ticket.release()
            self._drop(popped.id, str(error), engine=isinstance(error, EngineError))
            return
        except asyncio.CancelledError:
            ticket.release()
            self._drop(popped.id, STOPPED)
            raise
        errand = Errand(
            id=popped.id,
            number=run.number,
            model=popped.value.name,
            prompt=len(popped.payload.prompt),
            max_length=popped.payload.max_length,
            popped=self._wall() - (self._clock.monotonic() - popped.asked),
            ttl=popped.ttl,
        )
        try:
            async with run:
                await self._errands.keep(errand)
                text = await self._text(run, popped)
                errand = errand.model_copy(update={"answer": text})
                await self._errands.keep(errand)
                await self._finish(run, errand, popped)
        except JobEnded as end:
            if errand.answer is None:  # else the network has it already, and its books will say so
                self._drop(popped.id, end.reason)
        except EngineError as error:
            self._drop(popped.id, error.message, engine=True)
        except asyncio.CancelledError:
            if errand.answer is None:  # what is finished is delivered after the restart
                self._drop(popped.id, STOPPED)
            raise

    async def part(self) -> None:
        """Wait until what is being given back has been, or could not be."""
        await asyncio.gather(*self._partings)

    async def resume(self, model_values: dict[str, ModelValue]) -> None:
        """Deliver what an earlier run finished, and give back what it did not."""
        for errand in self._errands.all():
            if errand.delivered is not None:
                continue
            left = errand.popped + errand.ttl - self._wall()
            if errand.answer is None:
                self._drop(errand.id, "it was not finished before the node stopped")
                continue
            if left < -OLDEST:
                await self._errands.drop(errand.id)
                continue
            until = self._clock.monotonic() + min(errand.ttl, max(0.0, left))
            outcome = await deliver(self._client, self._gate, errand.id, errand.answer, until, self._clock, self._tempo)
            if outcome.arrived:
                log.info("job %d was finished before the node stopped, and is delivered now", errand.number)
                await self._note(errand, outcome, model_values.get(errand.model, ModelValue(errand.model, None)))
            else:
                log.info("job %d was finished before the node stopped, but: %s", errand.number, outcome.told)
                await self._errands.drop(errand.id)

    async def _begin(self, tickets: Tickets, ticket: Ticket, popped: Popped) -> Run:
        payload, model = popped.payload, popped.model
        context = next((one.context for one in tickets.models() if one.name == model), None)
        request = await request_of(payload, model, context, lambda text: tickets.count_tokens(model, text))
        job = Job(popped.id, self._network, request, deadline=popped.asked + popped.ttl, least_tokens=SHORTEST)
        compute = written(request, Stops.of(payload), self._late(popped), self._clock)
        return tickets.submit(ticket, job, compute)

    async def _text(self, run: Run, popped: Popped) -> str:
        text = "".join([chunk.text async for chunk in run])
        return finished(text, popped.payload)

    async def _finish(self, run: Run, errand: Errand, popped: Popped) -> None:
        text = errand.answer or ""
        await asyncio.sleep(self._hold(text, popped))
        until = popped.asked + popped.ttl
        outcome = await deliver(self._client, self._gate, errand.id, text, until, self._clock, self._tempo)
        if not outcome.arrived:
            await self._errands.drop(errand.id)
            if outcome.fate is Fate.LATE:
                self.dropped += 1
                self._gate.dropped()
            states = {Fate.LATE: JobState.EXPIRED, Fate.UNKNOWN: JobState.CANCELLED}
            run.cancel(outcome.told, states.get(outcome.fate or Fate.LOST, JobState.FAILED))
            return
        await self._note(errand, outcome, popped.value)
        self.done += 1
        receipt = await run.delivered(None if outcome.kudos is None else from_kudos(outcome.kudos))
        self.waiting.note(receipt.queued_us / 1e6, self._clock.monotonic())

    async def _note(self, errand: Errand, outcome: Outcome, value: ModelValue) -> None:
        """The network has it: from here on it is a matter of its books. A lost answer's reward follows its rules."""
        trusted = self._account.trusted
        earned = (
            reward(
                answer=len(errand.answer or ""),
                prompt=errand.prompt,
                max_length=errand.max_length,
                value=value,
                trusted=trusted,
            )
            if outcome.kudos is None
            else from_kudos(outcome.kudos)
        )
        settled = {
            "answer": None,
            "delivered": self._wall(),
            "units": earned.units,
            "stated": outcome.kudos is not None,
            "trusted": trusted,
        }
        await self._errands.keep(errand.model_copy(update=settled))

    def _drop(self, job_id: str, reason: str, *, engine: bool = False) -> None:
        """Give a job back. It is a task of its own, so that the end of the node does not cut it short."""
        log.info("job %s is given back: %s", job_id, reason)
        self.dropped += 1
        self._gate.dropped()
        if engine:  # the network would hand out the same job at once
            self._gate.trouble(f"a job could not be computed: {reason}")
        parting = asyncio.get_running_loop().create_task(self._give_back(job_id))
        self._partings.add(parting)
        parting.add_done_callback(self._partings.discard)

    async def _give_back(self, job_id: str) -> None:
        await give_back(self._client, job_id, self._tempo)
        await self._errands.drop(job_id)

    def _hold(self, text: str, popped: Popped) -> float:
        if self._account.trusted:
            return 0.0
        limit = CAUTIOUS if self.reference_missing else fastest_unsuspicious(popped.value)
        now = self._clock.monotonic()
        tokens = counted_tokens(len(text), popped.payload.max_length)
        return hold(tokens, now - popped.came, limit, self._late(popped) - now)

    def _late(self, popped: Popped) -> float:
        """When the answer should be on its way, monotonic seconds."""
        return popped.asked + popped.ttl * LATEST

    def _wall(self) -> float:
        return self._clock.wall_ns() / 1e9
