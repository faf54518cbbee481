"""Bringing an answer to the network, as often as it takes, for as long as somebody waits for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from node.clock import Clock
from node.networks.horde.client import HordeClient, Refused, Unreachable
from node.networks.horde.gate import Gate, Tempo, jittered
from node.networks.horde.reactions import Fate, to_submit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended.

    Attributes:
        kudos: as the network said; None if it said nothing, or took nothing.
        fate: None if it took the answer just now. told: its words, or what kept us from it.
    """

    kudos: float | None = None
    fate: Fate | None = None
    told: str = ""

    @property
    def arrived(self) -> bool:
        return self.fate in (None, Fate.ALREADY)


async def deliver(
    client: HordeClient, gate: Gate, job_id: str, text: str, until: float, clock: Clock, tempo: Tempo
) -> Outcome:
    """Submit, and try again until then (monotonic seconds); at least once."""
    pause = tempo.trouble
    try:
        while True:
            try:
                return Outcome(await client.submit(job_id, text))
            except Refused as refusal:
                return Outcome(fate=to_submit(refusal), told=refusal.message)
            except Unreachable as error:
                wait = jittered(pause) if error.wait is None else error.wait
                if clock.monotonic() + wait > until:
                    return Outcome(fate=Fate.LATE, told=f"it could not be delivered in time: {error.problem}")
                log.info("job %s is not delivered yet: %s", job_id, error.problem)
                gate.doubt(job_id, error.problem)
                await asyncio.sleep(wait)
                pause = min(pause * 2, tempo.longest)
    finally:
        gate.settle(job_id)


async def give_back(client: HordeClient, job_id: str, tempo: Tempo) -> None:
    """Tell the network that the answer will not come, so that its client need not wait for the time limit.

    It counts as a dropped job, as silence would. One try, within a short time.
    """
    try:
        async with asyncio.timeout(tempo.farewell):
            await client.submit(job_id, "", "faulted")
    except (Refused, Unreachable, TimeoutError) as error:
        log.info("job %s could not be given back: %s", job_id, str(error) or "no answer in time")
