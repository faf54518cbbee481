"""What the chains say of an address, in time or not at all: balances with their worth, and history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from node.config import WalletSettings
from node.control.wire import BalanceView, Holding, MovementPage
from node.purse import cursor, views
from wallet.errors import WalletError
from wallet.evm.balances import BASE, evm_balances, evm_rpc
from wallet.prices import CoinGecko, Prices
from wallet.register import Chain
from wallet.rpc.endpoint import EndpointHealth, RpcRefused
from wallet.secret import Secret
from wallet.solana.balances import balances
from wallet.solana.cluster import CLUSTERS, MAINNET
from wallet.solana.history import history
from wallet.solana.rpc import SolanaRpc

PATIENCE_SECONDS = 8.0
"""For a whole answer: a client of the control API waits for 10."""

NODE_SECONDS = 3.0
PRICE_SECONDS = 3.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer, and what to do about it."""

    problem: str
    remedy: str = ""


class Chains:
    """The RPC nodes and the price source of one node's settings. ``aclose`` it."""

    def __init__(self, settings: WalletSettings) -> None:
        self._solana = SolanaRpc(
            CLUSTERS[settings.cluster], [Secret(url) for url in settings.rpc_urls.split()], timeout=NODE_SECONDS
        )
        base_urls = [Secret(settings.base_rpc_url)] if settings.base_rpc_url else []
        self._base = evm_rpc(BASE, base_urls, timeout=NODE_SECONDS)
        self._http = httpx.AsyncClient(timeout=PRICE_SECONDS, follow_redirects=False)
        self._prices = Prices(CoinGecko(self._http) if settings.price_source else None, settings.currency)
        self._no_prices = Prices(None)

    async def balance(self, chain: Chain, address: str, wallet: str = "") -> BalanceView:
        """What an address holds, or why that is not known. Never raises for what a node does."""
        solana = chain is Chain.SOLANA
        held = await self._in_time(self._on_solana(address) if solana else self._on_base(address))
        health = self._health(chain)
        cluster = self._solana.cluster.name if solana else BASE.name
        endpoints = tuple(views.endpoint_sentence(one) for one in health)
        if isinstance(held, Trouble):
            return BalanceView(wallet, address, cluster, problem=held.problem, remedy=held.remedy, endpoints=endpoints)
        return BalanceView(wallet, address, cluster, at=time.time(), holdings=held, endpoints=endpoints)

    async def movements(self, chain: Chain, address: str, wallet: str, older: str, limit: int) -> MovementPage:
        """A page of an address's history. Never raises for what a node does.

        Raises:
            BadCursor: ``older`` is not from an earlier page.
        """
        begins = cursor.load(older)
        if chain is not Chain.SOLANA:
            return MovementPage(wallet, problem=f"the history of addresses on {BASE.name} is not read here")
        page = await self._in_time(history(self._solana, address, limit, begins))
        if isinstance(page, Trouble):
            return MovementPage(wallet, older=older, problem=page.problem)
        found = tuple(movement for entry in page.entries for movement in views.movements(entry))
        return MovementPage(wallet, found, cursor.dump(page.older))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._solana.__aexit__()
        await self._base.aclose()
        await self._http.aclose()

    async def _on_solana(self, address: str) -> tuple[Holding, ...]:
        priced = self._prices if self._solana.cluster == MAINNET else self._no_prices  # test money is worth nothing
        held, _ = await asyncio.gather(balances(self._solana, address), priced.refresh())
        return views.solana_holdings(held, priced, time.time())

    async def _on_base(self, address: str) -> tuple[Holding, ...]:
        held, _ = await asyncio.gather(evm_balances(self._base, BASE, address), self._prices.refresh())
        return views.coin_holdings((held.native, *held.tokens), self._prices, time.time())

    def _health(self, chain: Chain) -> tuple[EndpointHealth, ...]:
        return self._solana.health() if chain is Chain.SOLANA else self._base.health()

    async def _in_time(self, answer: Awaitable[T]) -> T | Trouble:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await answer
        except TimeoutError:
            return Trouble(f"no whole answer within {PATIENCE_SECONDS:g} s", "try again, or set another RPC URL")
        except WalletError as error:
            return Trouble(error.problem, error.remedy)
        except RpcRefused as error:
            return Trouble(f"the RPC node refuses the question: {error}", "set another RPC URL")
