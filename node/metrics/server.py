"""``GET /metrics`` on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from node.ledger.errors import LedgerError
from node.metrics.exposition import CONTENT_TYPE
from node.serving import GuestServer, StreamProtocol, listening

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
"""By which a scraper may call us; a web page that had its own name pointed here would use that one."""

RETRY_SECONDS = 5.0


class MetricsServer:
    """Serves a text on loopback.

    Attributes:
        port: the one that it listens on; 0 while it does not.
        problem: why it does not, in words for the owner; empty while it does.
    """

    def __init__(self, port: int, text: Callable[[], Awaitable[str]]) -> None:
        self.port = 0
        self.problem = ""
        self._wanted = port
        self._text = text

    def notes(self) -> tuple[str, ...]:
        """Why nothing can be scraped, if that is so."""
        return (self.problem,) if self.problem else ()

    async def run(self) -> None:
        """Serve until cancelled; while the port is taken, wait for it."""
        while True:
            try:
                listener = listening(ADDRESS, self._wanted)
            except OSError as error:
                self._park(error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self.port, self.problem = listener.getsockname()[1], ""
            log.info("metrics are at http://%s:%d/metrics", ADDRESS, self.port)
            try:
                await GuestServer(self._app(), protocol=StreamProtocol).serve_until_cancelled(listener)
            finally:
                self.port = 0

    def _park(self, error: OSError) -> None:
        problem = f"metrics.port: {self._wanted} cannot be opened: {error.strerror}; set metrics.port to another"
        if problem != self.problem:
            log.error("%s", problem)
        self.problem = problem

    def _app(self) -> Starlette:
        hosts = Middleware(TrustedHostMiddleware, allowed_hosts=list(NAMES), www_redirect=False)
        return Starlette(routes=[Route("/metrics", self._answer)], middleware=[hosts])

    async def _answer(self, _: Request) -> Response:
        try:
            return Response(await self._text(), media_type=CONTENT_TYPE)
        except LedgerError as error:
            log.warning("no metrics: %s", error)
            return PlainTextResponse(f"the books cannot be read: {error}\n", 503)
