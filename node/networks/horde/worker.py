"""Asking for jobs: as many pops on their way as there are places, and none that could not be finished."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping

from node.clock import Clock
from node.engines.base import EngineError, ModelInfo
from node.networks.base import Closed, Full, Ticket, Tickets
from node.networks.horde.account import Account
from node.networks.horde.answers import Message, PopAnswer
from node.networks.horde.client import HordeClient, Refused, Unreachable
from node.networks.horde.gate import Gate, Tempo, jittered
from node.networks.horde.jobs import Jobs, Popped
from node.networks.horde.kudos import ModelValue
from node.networks.horde.pace import TTL, Offer, offer
from node.networks.horde.reactions import Course, to_pop

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
DEFAULT_CONTEXT = 2048  # where an engine does not say
SILENCED = "rewarded jobs are missing in the network's count: it has probably paused this worker without saying so"
APPEAL = "ask a moderator of the network to look at this worker; jobs are asked for now and then meanwhile"


class TextWorker:
    """All pops of one worker.

    Attributes:
        offers: what is announced for each model, as we serve it.
        skipped: how many requests the last pop passed us over for, by the network's reason.
        messages: what moderators want read, by id.
        idle: the last pop brought nothing.
    """

    def __init__(
        self,
        name: str,
        models: Mapping[str, ModelValue],
        client: HordeClient,
        account: Account,
        jobs: Jobs,
        gate: Gate,
        clock: Clock,
        tempo: Tempo,
        *,
        longest: int,
    ) -> None:
        self.models = dict(models)
        self.offers: dict[str, Offer] = {}
        self.skipped: Mapping[str, int] = {}
        self.messages: dict[str, Message] = {}
        self.idle = True
        self._name = name
        self._client = client
        self._account = account
        self._jobs = jobs
        self._gate = gate
        self._clock = clock
        self._tempo = tempo
        self._longest = longest
        self._flowing: Counter[str] = Counter()  # how many jobs the last pop brought

    async def serve(self, tickets: Tickets) -> None:
        """Ask for jobs and do them, until the node takes no more; then finish what is in hand."""
        async with asyncio.TaskGroup() as tasks:
            for served in self.models:
                tasks.create_task(self._ask(tickets, served, tasks))

    async def _ask(self, tickets: Tickets, served: str, tasks: asyncio.TaskGroup) -> None:
        while True:
            await self._gate.wait()
            try:
                held = [await tickets.ticket(served)]
            except Closed:
                return
            except EngineError:
                await asyncio.sleep(self._tempo.idle)
                continue
            if self._gate.closed_for() > 0:
                held[0].release()
            elif self._flowing[served]:
                tasks.create_task(self._pop(tickets, served, held, tasks))
            else:
                await _take_more(tickets, served, held)
                await self._pop(tickets, served, held, tasks)
                if not self._flowing[served]:
                    await asyncio.sleep(jittered(self._tempo.idle))

    async def _pop(self, tickets: Tickets, served: str, held: list[Ticket], tasks: asyncio.TaskGroup) -> None:
        """Ask once, for as many jobs as there are tickets; what comes is begun, unused tickets go back."""
        began = 0
        try:
            asked = self._clock.monotonic()
            answer = await self._client.pop(self._body(tickets, served, len(held)))
            self._answered(answer, asked)
            for job_id in answer.ids or ((answer.id,) if answer.id else ()):
                came = self._clock.monotonic()
                ttl = TTL if answer.ttl is None else answer.ttl
                popped = Popped(job_id, answer.payload, served, self.models[served], ttl, asked, came)
                if not held:
                    log.warning("the network sent more jobs than it was asked for")
                    break
                tasks.create_task(self._work(tickets, held.pop(), popped))
                began += 1
            self.idle = not began
        except Unreachable as error:
            self._gate.trouble(error.problem, error.wait)
        except Refused as refusal:
            self._refused(refusal)
        finally:
            self._flowing[served] = began
            for ticket in held:
                ticket.release()

    async def _work(self, tickets: Tickets, ticket: Ticket, popped: Popped) -> None:
        try:
            await self._jobs.work(tickets, ticket, popped)
        except Exception:
            log.exception("job %s failed", popped.id)

    def _body(self, tickets: Tickets, served: str, amount: int) -> dict[str, object]:
        info = next((one for one in tickets.models() if one.name == served), ModelInfo(served, None, 1))
        announced = self.offers[served] = offer(
            lambda prompt, answer: tickets.seconds(served, prompt, answer),
            info.context or DEFAULT_CONTEXT,
            self._jobs.waiting.seconds(self._clock.monotonic()),
            longest=self._longest,
        )
        return {
            "name": self._name,
            "models": [self.models[served].name],
            "max_length": announced.max_length,
            "max_context_length": announced.max_context,
            "bridge_agent": self._client.agent,
            "threads": max(1, min(50, info.slots)),
            "amount": amount,
        }

    def _answered(self, answer: PopAnswer, asked: float) -> None:
        self.skipped = dict(answer.skipped)
        self.messages = {message.id: message for message in answer.messages}
        for fresh in self._account.remember_messages(list(self.messages)):
            log.info("message from the network's moderators: %s", self.messages[fresh].message)
        if self._account.paused_in_silence:
            self._gate.shut(SILENCED, self._tempo.probe, APPEAL)
        else:
            self._gate.works(asked)

    def _refused(self, refusal: Refused) -> None:
        reaction = to_pop(refusal, self._name)
        if reaction.course is Course.PARK:
            self._gate.shut(reaction.reason, jittered(self._tempo.parked), reaction.remedy)
        elif reaction.course is Course.MAINTENANCE:
            self._gate.shut(reaction.reason, jittered(self._tempo.maintenance), reaction.remedy)
        else:
            self._gate.trouble(reaction.reason)


async def _take_more(tickets: Tickets, served: str, held: list[Ticket]) -> None:
    """One pop may bring several jobs of one request: hold a ticket for each that could come."""
    while len(held) < min(MOST_AT_ONCE, 1 + tickets.granted(served)):
        try:
            held.append(await tickets.ticket(served, wait=False))
        except (Closed, Full, EngineError):
            return
