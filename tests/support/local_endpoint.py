"""The endpoint of the local network, served on loopback for a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
from openai import AsyncOpenAI
from patience import PATIENCE

from node.networks.base import Tickets
from node.networks.local.access import AccessKeys
from node.networks.local.limits import KeyLimits, Limits
from node.networks.local.network import LocalNetwork


@dataclass
class Endpoint:
    """A served endpoint and a key to it."""

    network: LocalNetwork
    access: AccessKeys
    key: str
    stop: Callable[[], Awaitable[None]]

    @property
    def url(self) -> str:
        return self.network.endpoint

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])

    def http(self, key: str | None = None) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {key or self.key}"}
        return httpx.AsyncClient(base_url=self.url + "/", headers=headers, timeout=PATIENCE)

    def openai(self, key: str | None = None) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=self.url, api_key=key or self.key, max_retries=0, timeout=PATIENCE)


Serve = Callable[..., Awaitable[Endpoint]]


@asynccontextmanager
async def served(tickets: Tickets, access: AccessKeys, limits: Limits) -> AsyncIterator[Endpoint]:
    secret = access.new("tests", KeyLimits())[1]
    network = LocalNetwork(port=0, access=access, limits=limits)
    serving = asyncio.create_task(network.run(tickets))

    async def stop() -> None:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    await asyncio.wait_for(network.listening.wait(), PATIENCE)
    try:
        yield Endpoint(network, access, secret.reveal(), stop)
    finally:
        await stop()
