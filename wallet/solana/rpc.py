"""Solana's JSON-RPC, the few methods that a wallet reads, with typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import httpx

from wallet.rpc.client import Identity, JsonRpc
from wallet.rpc.endpoint import EndpointHealth
from wallet.secret import Secret
from wallet.solana.answers import Lamports, SignatureEntry, SignatureList, TokenAccounts, Transaction, read
from wallet.solana.cluster import Cluster

_SETTLED = {"commitment": "confirmed"}


class SolanaRpc:
    """Nodes of one cluster: the genesis hash of each is checked before it is believed.

    All methods raise ``RpcUnavailable``, ``RpcRefused`` and ``BadAnswer``. Everything is read at commitment
    ``confirmed``: two thirds of the stake have voted for it, and it has never been rolled back.
    """

    def __init__(
        self,
        cluster: Cluster,
        urls: Sequence[str | Secret] = (),
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        **pace: Any,
    ) -> None:
        """Connects when first asked.

        Args:
            urls: in the order of preference; none for the cluster's public node.
            pace: see ``JsonRpc``.
        """
        self.cluster = cluster
        identity = Identity("getGenesisHash", cluster.genesis, f"Solana {cluster.name}")
        self._rpc = JsonRpc(urls or (cluster.rpc,), identity, transport=transport, **pace)

    async def balance(self, address: str) -> Lamports:
        """The lamports of an address; 0 for one that nobody has used."""
        return read(Lamports, await self._rpc.call("getBalance", address, _SETTLED), "getBalance")

    async def token_accounts(self, owner: str, program: str) -> TokenAccounts:
        """The token accounts of an owner under one of the token programs."""
        options = {**_SETTLED, "encoding": "jsonParsed"}
        answer = await self._rpc.call("getTokenAccountsByOwner", owner, {"programId": program}, options)
        return read(TokenAccounts, answer, "getTokenAccountsByOwner")

    async def signatures(self, address: str, limit: int, before: str | None = None) -> list[SignatureEntry]:
        """The newest transactions that name an address, newest first; ``limit`` of them, 1 to 1000."""
        options = {**_SETTLED, "limit": limit} | ({"before": before} if before else {})
        answer = await self._rpc.call("getSignaturesForAddress", address, options)
        return read(SignatureList, {"value": answer}, "getSignaturesForAddress").value

    async def transaction(self, signature: str) -> Transaction | None:
        """One transaction; None if the node does not have it (yet, or any more)."""
        options = {**_SETTLED, "encoding": "jsonParsed", "maxSupportedTransactionVersion": 0}
        answer = await self._rpc.call("getTransaction", signature, options)
        return None if answer is None else read(Transaction, answer, "getTransaction")

    def health(self) -> tuple[EndpointHealth, ...]:
        """What is known of each node."""
        return self._rpc.health()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._rpc.aclose()
