"""JSON-RPC with failover: the first node that is well, is on the right chain and answers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

from wallet.errors import WalletError
from wallet.rpc.endpoint import Endpoint, EndpointFailed, EndpointHealth, EndpointState, RpcRefused
from wallet.secret import Secret

log = logging.getLogger(__name__)


class RpcUnavailable(WalletError):
    """No node gave a usable answer. ``health`` says what each of them did."""

    def __init__(self, health: tuple[EndpointHealth, ...]) -> None:
        told = ", ".join(f"{one.host} {one.problem or one.state}" for one in health)
        super().__init__("chain", f"no RPC node answers: {told}", "check the connection, or set another RPC URL")
        self.health = health


class BadAnswer(WalletError):
    """A node answered what cannot be true or read."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The question that tells which chain a node is on, and the answer that ours gives."""

    method: str
    expected: object
    chain: str


class JsonRpc:
    """Several nodes behind one ``call``. Use as an async context manager, or ``aclose`` it."""

    def __init__(
        self,
        urls: Sequence[str | Secret],
        identity: Identity,
        *,
        timeout: float = 10.0,
        patience: float = 3.0,
        per_second: float = 8.0,
        at_once: int = 4,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Connects when first asked.

        Args:
            urls: in the order of preference.
            timeout: seconds for one exchange with one node.
            patience: seconds that a call may wait for nodes that rest, before it gives up.
            per_second, at_once: the pace for each node (Solana's public one bans beyond 10), and calls in flight.

        Raises:
            ValueError: no URL, or one that is none.
        """
        if not urls:
            raise ValueError("RPC URLs: expected at least one")
        self._client = httpx.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False)
        self._endpoints = tuple(
            Endpoint(
                url if isinstance(url, Secret) else Secret(url), self._client, timeout=timeout, per_second=per_second
            )
            for url in urls
        )
        self._identity = identity
        self._patience = patience
        self._in_flight = asyncio.Semaphore(at_once)

    async def call(self, method: str, *params: Any) -> object:
        """The result, unparsed, of the first node that gives one. Safe to repeat is assumed: it may reach several.

        Raises:
            RpcUnavailable: none does, even after some patience.
            RpcRefused: a node says that the question is wrong.
        """
        until = time.monotonic() + self._patience
        async with self._in_flight:
            while True:
                for endpoint in sorted(self._endpoints, key=Endpoint.rests):
                    if endpoint.rests() > 0:
                        break
                    try:
                        await self._vet(endpoint)
                        return await endpoint.ask(method, list(params))
                    except EndpointFailed as failure:
                        endpoint.failed(failure)
                        log.warning("RPC node %s: %s (%s)", endpoint.host, failure.problem, method)
                soonest = min(endpoint.rests() for endpoint in self._endpoints)
                if time.monotonic() + soonest > until:
                    raise RpcUnavailable(self.health())
                await asyncio.sleep(soonest)

    def health(self) -> tuple[EndpointHealth, ...]:
        """What is known of each node, in the order of preference."""
        return tuple(endpoint.health() for endpoint in self._endpoints)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def _vet(self, endpoint: Endpoint) -> None:
        """Ask a node which chain it is on, before anything else and after each failure."""
        async with endpoint.vetting:
            if endpoint.vetted:
                return
            try:
                answer = await endpoint.ask(self._identity.method, [])
            except RpcRefused as refusal:
                raise EndpointFailed(f"it does not say which chain it is on: {refusal.message}") from None
            if answer != self._identity.expected:
                raise EndpointFailed(f"it is not on {self._identity.chain}", EndpointState.WRONG_CHAIN)
            endpoint.vetted = True
