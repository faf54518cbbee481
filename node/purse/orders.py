"""What the owner can order of the wallets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.control.codec import encode
from node.control.commands import Arguments, Commands
from node.control.errors import ControlError
from node.purse.purse import Purse
from wallet.errors import NeedsPassphrase, WalletError
from wallet.keystore.keyring import KeyringUnavailable
from wallet.register import RegisterError
from wallet.vault import WrongPassphrase

LONGEST_NAME = 60
LONGEST_PASSPHRASE = 1024


@dataclass(frozen=True, slots=True)
class WalletOrders:
    """The commands that concern wallets. None of them gives a key to anybody."""

    purse: Purse

    def add_to(self, commands: Commands) -> None:
        """Put them all into the table."""
        self.add_public_to(commands)
        commands.add("unlock_wallet", self._unlock, secrets=("passphrase",))
        commands.add("lock_wallet", self._lock)

    def add_public_to(self, commands: Commands) -> None:
        """Put those into the table that need no memory to keep a key in, and so no running node."""
        commands.add("watch_wallet", self._watch)
        commands.add("use_wallet", self._use)

    async def _watch(self, arguments: Arguments) -> dict[str, Any]:
        name, address = arguments.text("name", longest=LONGEST_NAME), arguments.text("address", longest=100)
        try:
            return encoded(await self.purse.watch(name, address))
        except WalletError as error:
            raise told(error) from None

    async def _use(self, arguments: Arguments) -> dict[str, Any]:
        try:
            return encoded(await self.purse.use(arguments.text("name", longest=LONGEST_NAME)))
        except WalletError as error:
            raise told(error) from None

    async def _unlock(self, arguments: Arguments) -> dict[str, Any]:
        name = arguments.text("name", longest=LONGEST_NAME)
        passphrase = arguments.secret("passphrase", longest=LONGEST_PASSPHRASE)
        try:
            return encoded(await self.purse.unlock(name, passphrase))
        except WalletError as error:
            raise told(error) from None

    async def _lock(self, arguments: Arguments) -> dict[str, Any]:
        """Lock one wallet; all of them if the name is empty."""
        name = arguments.text("name", "", longest=LONGEST_NAME)
        try:
            await self.purse.lock(name or None)
        except WalletError as error:
            raise told(error) from None
        return {"name": name}


def encoded(value: object) -> dict[str, Any]:
    """A wire model as a JSON object."""
    found = encode(value)
    assert isinstance(found, dict)
    return found


def told(error: WalletError) -> ControlError:
    """A wallet's trouble as an answer."""
    codes: dict[type[WalletError], tuple[int, str]] = {
        NeedsPassphrase: (409, "needs_passphrase"),
        WrongPassphrase: (409, "wrong_passphrase"),
        KeyringUnavailable: (503, "keyring"),
        RegisterError: (409, "wallets"),
    }
    status, code = codes.get(type(error), (409, "wallet"))
    return ControlError(status, code, f"{error.field}: {error.problem}", error.remedy)
