"""The room of the owner's own use, put together for a running node."""

from __future__ import annotations

from pathlib import Path

from node.clock import Clock
from node.config import LocalSettings
from node.dispatcher import Dispatcher
from node.networks.local.access import AccessKeys
from node.networks.local.app import build_app
from node.networks.local.limits import Limits
from node.networks.local.network import LocalNetwork


class LocalRoom:
    """Attributes:
    access: the keys of its clients. network: the endpoint on this machine. desk: its tickets.
    owner_endpoint: the same for whoever reaches the control socket, without a key.
    """

    def __init__(self, settings: LocalSettings, keys: Path, dispatcher: Dispatcher, clock: Clock) -> None:
        """
        Args:
            keys: the file of the access keys.
        """
        limits = Limits.of(settings)
        self.access = AccessKeys(keys, clock)
        self.network = LocalNetwork(
            host=settings.host,
            port=settings.port,
            access=self.access,
            limits=limits,
            allow_remote=settings.allow_remote,
        )
        self.desk = dispatcher.desk(self.network.name, queue=settings.queue, droppable=self.network.droppable, own=True)
        self.owner_endpoint = build_app(self.desk, self.access, limits, trusted=True)

    async def run(self) -> None:
        """Serve the endpoint until cancelled."""
        await self.network.run(self.desk)
