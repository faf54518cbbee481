"""Hands the chunks of a job to its client, and calls the job done only when they are there."""

from __future__ import annotations

import asyncio

from node.engines.base import EngineError
from node.networks.base import JobEnded, Run
from node.networks.local.errors import told
from node.networks.local.events import DONE, EventStream
from node.networks.local.http import EVENTS, JSON, Reply
from node.networks.local.line import Line
from node.networks.local.whole import WholeAnswer


async def stream(run: Run, line: Line, reply: Reply, events: EventStream) -> None:
    """Relay a job event by event.

    Raises:
        EngineError, JobEnded: before the first chunk, when the status of the answer is still open.
    """
    chunks = aiter(run)
    first = await anext(chunks, None)
    await reply.start(200, (*EVENTS, job_header(run)))
    await reply.write(events.opening() + (events.piece(first) if first is not None else b""))
    try:
        async for chunk in chunks:
            if event := events.piece(chunk):
                await reply.write(event)
    except (EngineError, JobEnded) as error:
        if not line.gone:
            await reply.end(events.failure(told(error)))
        return
    await _still_there()
    if not line.gone:
        await reply.end(events.closing() + DONE)
        await _settle(run, line)


async def collect(run: Run, line: Line, reply: Reply, answer: WholeAnswer) -> None:
    """Answer with the whole of a job at once.

    Raises:
        EngineError, JobEnded: the job came to nothing.
    """
    async for chunk in run:
        answer.add(chunk)
    body = answer.body()
    await _still_there()
    if line.gone:
        return
    await reply.start(200, (*JSON, (b"content-length", b"%d" % len(body)), job_header(run)))
    await reply.end(body)
    await _settle(run, line)


def job_header(run: Run) -> tuple[bytes, bytes]:
    """Tells the client which of the node's jobs its answer was."""
    return (b"x-stoker-job", b"%d" % run.number)


async def _still_there() -> None:
    """Let the line say that the client has gone, if it has, before the last word is sent."""
    await asyncio.sleep(0)


async def _settle(run: Run, line: Line) -> None:
    if line.gone:
        return
    try:
        await run.delivered()
    except JobEnded:
        # it was ended between the last byte and the books; they hold its true end
        return
