"""The wallets as the node holds them: what is public about each, and the keys that are unlocked for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from node.control.wire import WalletMark, WalletView
from node.purse.views import mark_of, wallet_view
from wallet.errors import WalletError
from wallet.home import open_wallets
from wallet.register import Wallet
from wallet.secret import Secret
from wallet.unlocked import Unlocked
from wallet.wallets import Wallets

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0

T = TypeVar("T")


class Purse:
    """The wallets of one data directory. Everything that blocks runs in a thread.

    Other processes change the wallets too (`stoker keys` works without the node), so the register is looked at anew for
    every question, and once a second for the mark of the state line.
    """

    def __init__(self, data_directory: Path, auto_lock_seconds: float | None) -> None:
        """Opens nothing yet. ``auto_lock_seconds`` is how long an unlocked key may be idle; None for ever."""
        self._wallets: Wallets = open_wallets(data_directory, Unlocked(auto_lock_seconds))
        self._mark: WalletMark | None = None
        self._problem = ""

    @property
    def mark(self) -> WalletMark | None:
        """The active wallet, as it was at the last look; None if there is none."""
        return self._mark

    def notes(self) -> tuple[str, ...]:
        """What the state line says of the wallets."""
        if self._problem:
            return (self._problem,)
        if self._mark is None or self._mark.backed_up is not False:
            return ()
        name = self._mark.name
        return (f"wallet {name} is not backed up: stoker keys verify-backup {name}",)

    async def run(self) -> None:
        """Keep the mark true and lock what was left idle, until cancelled."""
        await self._try(self._wallets.adopt_credentials)
        while True:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def find(self, name: str) -> Wallet:
        """A wallet by its name. Raises ``RegisterError``."""
        return (await asyncio.to_thread(self._wallets.register)).get(name)

    async def views(self) -> tuple[WalletView, ...]:
        """All wallets, the active one first. Raises ``RegisterError``."""
        return await asyncio.to_thread(self._views)

    async def watch(self, name: str, address: str) -> WalletView:
        """Follow an address. Raises ``AddressError`` and ``RegisterError``."""
        return await self._changed(lambda: self._wallets.watch(name, address))

    async def use(self, name: str) -> WalletView:
        """Make a wallet the active one. Raises ``RegisterError``."""
        return await self._changed(lambda: self._wallets.use(name))

    async def unlock(self, name: str, passphrase: Secret | None) -> WalletView:
        """Take a wallet's key into memory; about a second if it is in a vault. Raises like ``Wallets.unlock``."""
        view = await self._changed(lambda: self._wallets.unlock(name, passphrase))
        log.info("wallet %s is unlocked", name)
        return view

    async def lock(self, name: str | None) -> None:
        """Wipe one wallet's key from memory, or all. Raises ``RegisterError``."""
        await asyncio.to_thread(self._wallets.lock, name)
        await self._look()

    async def _changed(self, change: Callable[[], Wallet]) -> WalletView:
        wallet = await asyncio.to_thread(change)
        await self._look()
        return await asyncio.to_thread(self._view, wallet)

    async def _look(self) -> None:
        locked = await self._try(self._wallets.lock_idle)
        if locked:
            log.info("%d unlocked keys were left idle and are locked again", locked)
        found = await self._try(self._read_mark)
        if found is not None:
            self._mark, self._problem = found[0], ""

    def _read_mark(self) -> tuple[WalletMark | None]:
        register = self._wallets.register()
        if register.active is None:
            return (None,)
        return (mark_of(register.get(register.active), locked=self._wallets.locked(register.active)),)

    async def _try(self, work: Callable[[], T]) -> T | None:
        try:
            return await asyncio.to_thread(work)
        except WalletError as error:
            if str(error) != self._problem:
                log.warning("wallets: %s", error)
            self._problem = str(error)
            return None

    def _views(self) -> tuple[WalletView, ...]:
        register = self._wallets.register()
        views = [self._view(wallet) for wallet in register.wallets]
        return tuple(sorted(views, key=lambda view: not view.active))

    def _view(self, wallet: Wallet) -> WalletView:
        register = self._wallets.register()
        try:
            cost = self._wallets.vault_cost(wallet.name)
        except WalletError:
            cost = None  # the file is damaged or gone, which unlocking will tell
        return wallet_view(
            wallet, active=register.active == wallet.name, locked=self._wallets.locked(wallet.name), cost=cost
        )
