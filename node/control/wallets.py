"""The routes for money: the wallets, what they hold, and what came and went."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from node.control.codec import encode
from node.control.errors import ControlError
from node.control.query import integer, text
from node.purse.chains import Chains
from node.purse.cursor import BadCursor
from node.purse.orders import told
from node.purse.purse import Purse
from wallet.errors import WalletError
from wallet.register import Wallet, parse_address

MOST_ADDRESSES = 10
LONGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class WalletRoutes:
    """What these routes need."""

    purse: Purse
    chains: Chains

    def routes(self) -> list[Route]:
        return [
            Route("/wallets", self.list_wallets),
            Route("/wallets/{name}/balance", self.balance),
            Route("/wallets/{name}/history", self.history),
            Route("/balances", self.balances),
        ]

    async def list_wallets(self, _: Request) -> Response:
        try:
            return JSONResponse({"wallets": encode(await self.purse.views())})
        except WalletError as error:
            raise told(error) from None

    async def balance(self, request: Request) -> Response:
        wallet = await self._wallet(request)
        return JSONResponse(encode(await self.chains.balance(wallet.chain, wallet.address, wallet.name)))

    async def history(self, request: Request) -> Response:
        """A page, newest first; ``older`` is the word that came with the page before."""
        wallet = await self._wallet(request)
        older = request.query_params.get("older", "")
        limit = max(1, integer(request, "limit", 25, most=LONGEST_PAGE))
        try:
            page = await self.chains.movements(wallet.chain, wallet.address, wallet.name, older, limit)
        except BadCursor as error:
            raise ControlError(400, "bad_argument", str(error)) from None
        return JSONResponse(encode(page))

    async def balances(self, request: Request) -> Response:
        """What addresses hold that need not belong to a wallet, such as those that some words may stand for."""
        asked = (text(request, "of") or "").split(",")
        if len(asked) > MOST_ADDRESSES:
            raise ControlError(400, "bad_argument", f"of: {len(asked)} addresses; expected {MOST_ADDRESSES} at most")
        try:
            parsed = [parse_address(one) for one in asked]
        except WalletError as error:
            raise told(error) from None
        found = await asyncio.gather(*(self.chains.balance(chain, address) for chain, address in parsed))
        return JSONResponse({"balances": encode(found)})

    async def _wallet(self, request: Request) -> Wallet:
        try:
            return await self.purse.find(request.path_params["name"])
        except WalletError as error:
            raise ControlError(404, "unknown_wallet", f"{error.field}: {error.problem}", error.remedy) from None
