"""The line to one client: notices the moment it is gone, and ends what was being done for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive

from node.networks.base import Closed, Run
from node.networks.local.http import ClientGone

GONE = "the client closed the connection or stopped reading"


class Line:
    """One client, from the end of its request to the end of its answer.

    Attributes:
        gone: it has closed the connection; nothing more reaches it.
        ended: why the node itself has ended what it did for this client; empty while it has not.
    """

    def __init__(self, scope: asyncio.Timeout) -> None:
        self.gone = False
        self.ended = ""
        self._scope = scope
        self._run: Run | None = None

    def carry(self, run: Run) -> None:
        """From now on, ending the line means ending this job."""
        self._run = run

    def end(self, reason: str) -> None:
        """Stop what is being done, wherever it stands; a job under way says so by `JobEnded`."""
        if self.ended or self.gone:
            return
        self.ended = reason
        self._stop(reason)

    async def watch(self, receive: Receive) -> None:
        """Wait for the client to go, and stop everything then."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._stop(GONE)

    def _stop(self, reason: str) -> None:
        if self._run is not None:
            self._run.cancel(reason)
        else:
            self._scope.reschedule(asyncio.get_running_loop().time())


@asynccontextmanager
async def open_line(receive: Receive) -> AsyncIterator[Line]:
    """Watch a client while its answer is made. The request's body must have been read.

    Raises:
        ClientGone: it went while no job was in hand yet.
        Closed: the node ended it while no job was in hand yet.
    """
    line: Line | None = None
    try:
        async with asyncio.timeout(None) as scope:
            line = Line(scope)
            watching = asyncio.create_task(line.watch(receive))
            try:
                yield line
            finally:
                watching.cancel()
    except TimeoutError:
        if line is not None and line.gone:
            raise ClientGone from None
        if line is not None and line.ended:
            raise Closed(line.ended) from None
        raise
