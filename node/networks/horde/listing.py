"""The network's list of text models, kept on this machine for a week."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from node.clock import Clock
from node.networks.horde.client import HordeClient, Refused, Unreachable
from node.networks.horde.kudos import VALIDATED_BACKENDS, ModelValue
from node.networks.horde.names import Reference
from wallet.errors import WalletError
from wallet.files import make_private_directory, read_private, write_private

log = logging.getLogger(__name__)

LARGEST = 32 * 1024 * 1024
WEEK = 7 * 86_400.0


class Listing:
    """The list, as far as it can be had.

    Attributes:
        reference: empty until it has been learned.
    """

    def __init__(self, client: HordeClient, url: str, path: Path, clock: Clock) -> None:
        """
        Args:
            url: where the network publishes it; empty for nowhere. path: where it is kept.
        """
        self.reference = Reference({})
        self._client = client
        self._url = url
        self._path = path
        self._clock = clock

    def value(self, served: str, given: str) -> ModelValue:
        """What the network thinks of a model.

        Args:
            served: our name of it. given: the owner's word for its name in the network; empty to look it up.
        """
        name = given or self.reference.resolve(served).name
        validated = self._client.agent.split(":", 1)[0] in VALIDATED_BACKENDS
        return ModelValue(name, self.reference.parameters(name), validated)

    async def learn(self) -> None:
        """From this machine if it is fresh, else from the network; an old list is better than none."""
        if len(self.reference) or not self._url:
            return
        fresh = await asyncio.to_thread(self._read, WEEK)
        if fresh is None:
            try:
                data = await self._client.fetch(self._url)
                fresh = await asyncio.to_thread(Reference.from_json, data)
                await asyncio.to_thread(self._write, data)
            except (Unreachable, Refused, ValueError, WalletError) as error:
                log.warning("the network's list of models cannot be had now: %s", error)
                fresh = fresh or await asyncio.to_thread(self._read, float("inf"))
        self.reference = fresh or self.reference

    def _read(self, seconds: float) -> Reference | None:
        try:
            age = self._clock.wall_ns() / 1e9 - self._path.stat().st_mtime
            return Reference.from_json(read_private(self._path, LARGEST)) if age < seconds else None
        except (OSError, WalletError, ValueError):
            return None

    def _write(self, data: bytes) -> None:
        make_private_directory(self._path.parent)
        write_private(self._path, data, overwrite=True)
