"""The owner's own, unpaid use of the node: an OpenAI-compatible endpoint on this machine."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket

import psutil

from node.networks.base import Standing, Tickets
from node.networks.local.access import AccessError, AccessKeys
from node.networks.local.app import NETWORK, build_app
from node.networks.local.limits import Limits
from node.serving import GuestServer, listening, patient

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
SAVE_SECONDS = 60.0


class LocalNetwork:
    """Implements `node.networks.base.Network`.

    Attributes:
        listening: set while the endpoint can be reached.
        problem: why it cannot be reached, in words for the owner; empty while it can.
    """

    name = NETWORK
    droppable = True

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int,
        access: AccessKeys,
        limits: Limits,
        allow_remote: bool = False,
    ) -> None:
        """Make an endpoint; ``run`` opens it. Port 0 takes any free one.

        Raises:
            ValueError: the host is no address of this machine alone, and ``allow_remote`` is not set.
        """
        self.listening = asyncio.Event()
        self.problem = ""
        self._address = _loopback_or_allowed(host, allow_remote)
        self._port = port
        self._access = access
        self._limits = limits
        self._bound_port = 0

    @property
    def endpoint(self) -> str:
        """The base URL for OpenAI clients; empty while nothing listens."""
        if not self.listening.is_set():
            return ""
        host = f"[{self._address}]" if self._address.version == 6 else str(self._address)
        return f"http://{host}:{self._bound_port}/v1"

    async def run(self, tickets: Tickets) -> None:
        """Serve until cancelled; while the port is taken, wait for it."""
        while True:
            try:
                listener = listening(str(self._address), self._port)
            except OSError as error:
                await self._park(error)
                continue
            await self._serve(tickets, listener)

    @property
    def standing(self) -> Standing:
        """How it stands; nobody has to be asked for it."""
        detail = self.problem or (f"listening at {self.endpoint}" if self.endpoint else "starting")
        return Standing(connected=self.listening.is_set(), detail=detail)

    async def _serve(self, tickets: Tickets, listener: socket.socket) -> None:
        self._bound_port = listener.getsockname()[1]
        app = build_app(tickets, self._access, self._limits, trusted=False)
        server = GuestServer(app, protocol=patient(self._limits.patience))
        serving = asyncio.create_task(server.serve_until_cancelled(listener))
        saving = asyncio.create_task(self._save_now_and_then())
        self.problem = ""
        self.listening.set()
        log.info("the endpoint listens at %s", self.endpoint)
        try:
            await asyncio.shield(serving)
        finally:
            self.listening.clear()
            app.stop("the node is stopping")
            serving.cancel()
            saving.cancel()
            await asyncio.wait([serving])
            await self._save()

    async def _park(self, error: OSError) -> None:
        problem = await asyncio.to_thread(self._explain, error)
        if problem != self.problem:
            log.error("%s", problem)
        self.problem = problem
        await asyncio.sleep(RETRY_SECONDS)

    def _explain(self, error: OSError) -> str:
        where = f"local.port: {self._port} on {self._address}"
        remedy = "the endpoint opens by itself when the port is free; or set local.port to another one (0: any)"
        if error.errno == errno.EADDRINUSE:
            return f"{where} is taken by {_holder(self._port)}; {remedy}"
        if error.errno == errno.EACCES:
            return f"{where} may not be opened by this user; set local.port to 1024 or higher"
        return f"{where} cannot be opened: {error.strerror}; {remedy}"

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self._save()

    async def _save(self) -> None:
        try:
            await asyncio.to_thread(self._access.save)
        except AccessError as error:
            log.warning("%s", error)


def _loopback_or_allowed(host: str, allow_remote: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise ValueError(f"local.host: got {host!r}; expected an IP address such as 127.0.0.1") from None
    if not address.is_loopback and not allow_remote:
        raise ValueError(
            f"local.host: {host} can be reached from other machines; expected a loopback address such as 127.0.0.1 "
            "(set local.allow_remote if you mean it: the connection is not encrypted)"
        )
    return address


def _holder(port: int) -> str:
    """Which program listens there, as far as the system tells this user."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr[1:] == (port,):
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"
