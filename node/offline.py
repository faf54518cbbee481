"""One control request answered without a running node: books, settings and wallets are there while nothing works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import apsw
import httpx
import psutil

from node.clock import SystemClock
from node.config import Settings
from node.control.app import build_app
from node.control.books import Books
from node.control.commands import Commands
from node.control.earnings import Earnings
from node.control.engines import engine_routes
from node.control.errors import ControlError
from node.control.machine import Machine, Seen
from node.control.ordering import command_route
from node.control.upkeep import Upkeep
from node.control.wallets import WalletRoutes
from node.doctor import Check, examine
from node.hardware.once import read_once
from node.identity import Identity
from node.ledger.errors import LedgerError, in_words
from node.ledger.schema import connect_reader
from node.logs import LatestLines
from node.membership import room
from node.models.catalogue import load_catalogue
from node.models.store import InstalledModel, ModelStore
from node.models.transfers import Transfers
from node.networks.local.access import AccessKeys
from node.paths import Paths
from node.purse.chains import Chains
from node.purse.operating import open_all
from node.purse.orders import WalletOrders
from node.purse.purse import Purse


async def answer(paths: Paths, settings: Settings, method: str, path: str, body: str) -> tuple[int, str]:
    """The HTTP status and the text of the answer to one request."""
    identity = await asyncio.to_thread(Identity.load_or_create, paths.directory)
    store = ModelStore(paths.models, load_catalogue())
    clock = SystemClock()

    async def read(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if not paths.ledger.exists():
            raise ControlError(404, "no_books", f"there are no books in {paths.directory} yet", "stoker try")
        try:
            return await asyncio.to_thread(_read, paths, function, args, kwargs)
        except LedgerError as error:
            raise ControlError(503, "books", str(error), "stoker ledger verify") from None

    async def look() -> Seen:
        return Seen(*await asyncio.to_thread(read_once, paths.directory, clock, settings.hardware.gpus))

    async def examined() -> Sequence[Check]:
        seen = await look()
        operating = await asyncio.to_thread(open_all, paths.directory)
        return await asyncio.to_thread(examine, paths, settings, store, seen.reading, seen.absences, operating)

    async def arrived(_: InstalledModel) -> None:
        return None

    async def unrecorded(*_: object) -> None:
        """The register of wallets is its own record; the books are written by a running node alone."""

    upkeep = Upkeep(
        settings_path=paths.settings,
        settings=settings,
        store=store,
        transfers=Transfers(store, clock, arrived),
        access=AccessKeys(paths.access, clock),
        log=LatestLines(),
        available=lambda: psutil.virtual_memory().available,
        served=set,
        examine=examined,
        changed=lambda _: None,
    )
    purse, chains = Purse(paths.directory, None), Chains(settings.wallet)
    commands = Commands(unrecorded)
    WalletOrders(purse).add_public_to(commands)
    membership_orders, membership_routes = room.offline(paths, settings, read, clock, store.licence)
    membership_orders.add_to(commands)
    engines = engine_routes(paths, settings, clock)
    engines.add_to(commands)
    rooms = (
        Books(paths.ledger, identity.public, read),
        Earnings(read, settings.electricity.currency, clock),
        upkeep,
        engines,
        Machine(look, paths.telemetry, time.time),
        WalletRoutes(purse, chains),
        membership_routes,
    )
    app = build_app([*(route for room in rooms for route in room.routes()), command_route(commands)])
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stoker") as client:
            reply = await client.request(method, path, content=body if method != "GET" else None)
    finally:
        await chains.aclose()
    return reply.status_code, reply.text


def _read(paths: Paths, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        connection = connect_reader(paths.ledger)
        try:
            return function(connection, *args, **kwargs)
        finally:
            connection.close()
    except apsw.Error as error:
        raise in_words(error, paths.ledger) from None
