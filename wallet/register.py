"""The register of named wallets: what is public about each, and which one is active. Pure, but for its file."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from wallet.errors import WalletError
from wallet.evm.address import AddressError, looks_like_evm, parse_evm_address
from wallet.files import make_private_directory, read_private, write_private
from wallet.keys import is_address

MOST = 200
"""Wallets in one register."""

_LARGEST = 256 * 1024


class Chain(StrEnum):
    """Where an address lives."""

    SOLANA = "solana"
    EVM = "evm"


class Store(StrEnum):
    """Where a wallet's key is."""

    WATCH_ONLY = "watch-only"
    CREDENTIALS = "systemd credentials"
    KEYRING = "OS keyring"
    VAULT = "vault file"


@dataclass(frozen=True, slots=True)
class Wallet:
    """What is public about one wallet.

    Attributes:
        id: names its vault file and keyring entry; stays when the name changes.
        path: the derivation path of a wallet from words, ``""`` for the path-less way and for bare keys.
        words: how many words it comes from; 0 for a bare key and for a watched address.
        created_at, backed_up_at: Unix seconds; the latter None until the backup was proved.
    """

    id: str
    name: str
    chain: Chain
    address: str
    store: Store
    created_at: int
    path: str = ""
    words: int = 0
    backed_up_at: int | None = None

    @property
    def has_key(self) -> bool:
        return self.store is not Store.WATCH_ONLY

    @property
    def needs_backup(self) -> bool:
        """Whether the person should be told that losing this machine loses the money."""
        return self.has_key and self.backed_up_at is None


class RegisterError(WalletError):
    """No such wallet, a name that is taken or not one, or a register that cannot be read."""


@dataclass(frozen=True, slots=True)
class Register:
    """All wallets, in the order they were added. Every change gives a new register."""

    wallets: tuple[Wallet, ...] = ()
    active: str | None = None

    def get(self, name: str) -> Wallet:
        """The wallet of a name.

        Raises:
            RegisterError: there is none.
        """
        for wallet in self.wallets:
            if wallet.name == name:
                return wallet
        known = ", ".join(wallet.name for wallet in self.wallets) or "none yet"
        raise RegisterError("wallet", f"{name[:60]!r} does not exist", f"there are: {known}")

    def added(self, wallet: Wallet) -> Register:
        """With one more; the first becomes the active one.

        A watched address whose key arrives under the same name becomes a wallet with that key.

        Raises:
            RegisterError: the name is taken or not one, the address is here already, or the register is full.
        """
        check_name(wallet.name)
        if len(self.wallets) >= MOST:
            raise RegisterError("wallets", f"there are {MOST} already", "remove one first")
        for other in self.wallets:
            same = (other.name, other.address) == (wallet.name, wallet.address)
            if same and wallet.has_key and not other.has_key:
                return self.replaced(other.name, wallet)
            if other.name == wallet.name:
                raise RegisterError("name", f"{wallet.name!r} is taken", "choose another")
            if other.address == wallet.address:
                raise RegisterError("address", f"it is here already, as {other.name!r}", "use that name")
        return replace(self, wallets=(*self.wallets, wallet), active=self.active or wallet.name)

    def replaced(self, name: str, wallet: Wallet) -> Register:
        """With what is known of one wallet changed."""
        old = self.get(name)
        active = wallet.name if self.active == name else self.active
        return Register(tuple(wallet if one is old else one for one in self.wallets), active)

    def renamed(self, name: str, new: str) -> Register:
        """With another name for one wallet.

        Raises:
            RegisterError: no such wallet, or the new name is taken or not one.
        """
        wallet = self.get(name)
        check_name(new)
        if any(other.name == new for other in self.wallets):
            raise RegisterError("name", f"{new!r} is taken", "choose another")
        return self.replaced(name, replace(wallet, name=new))

    def removed(self, name: str) -> Register:
        """Without one wallet; if it was the active one, the first of the others is."""
        gone = self.get(name)
        rest = tuple(wallet for wallet in self.wallets if wallet is not gone)
        active = self.active if self.active != name else (rest[0].name if rest else None)
        return Register(rest, active)

    def used(self, name: str) -> Register:
        """With another active wallet."""
        return replace(self, active=self.get(name).name)


def check_name(name: str) -> None:
    """Raises ``RegisterError`` unless this may be a wallet's name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", name, re.ASCII):
        raise RegisterError("name", f"{name[:60]!r}", "expected letters, digits, dots, - and _, 32 at most")


def parse_address(text: str) -> tuple[Chain, str]:
    """The chain of an address, and the address in its canonical form.

    Raises:
        AddressError: it is of neither kind, or its checksum does not match.
    """
    text = text.strip()
    if looks_like_evm(text):
        return Chain.EVM, parse_evm_address(text)
    if is_address(text):
        return Chain.SOLANA, text
    raise AddressError(
        "address", f"{text[:60]!r}", "expected a Solana address (32 to 44 characters) or 0x and 40 digits"
    )


class RegisterFile:
    """The register on disk: ``wallets.json``, changed by one process at a time and replaced whole."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "wallets.json"

    def read(self) -> Register:
        """The register as it stands; empty if there is no file yet.

        Raises:
            RegisterError: the file is not ours, or from a newer version.
        """
        return _parse(read_private(self._path, _LARGEST)) if self._path.exists() else Register()

    def change(self, how: Callable[[Register], Register]) -> Register:
        """Read, change and write, with other processes kept out. Returns the register as written."""
        make_private_directory(self._directory)
        with self._locked():
            register = how(self.read())
            write_private(self._path, _dump(register), overwrite=True)
            return register

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._directory / "wallets.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _dump(register: Register) -> bytes:
    return json.dumps({"version": 1, **asdict(register)}, indent=1).encode() + b"\n"


def _parse(data: bytes) -> Register:
    try:
        fields = json.loads(data)
        if fields["version"] != 1:
            raise RegisterError("wallets.json", "it is of another version", "a newer Stoker wrote it: update")
        register = Register()
        for wallet in fields["wallets"]:
            register = register.added(_wallet(wallet))
        return register.used(fields["active"]) if fields["active"] is not None else register
    except (ValueError, TypeError, LookupError, RecursionError, AddressError):
        raise RegisterError("wallets.json", "it is damaged", "restore it from a copy; the keys are not in it") from None


def _wallet(fields: dict[str, Any]) -> Wallet:
    wallet = Wallet(**fields | {"chain": Chain(fields["chain"]), "store": Store(fields["store"])})
    texts = (wallet.id, wallet.name, wallet.address, wallet.path)
    numbers = (wallet.created_at, wallet.words, wallet.backed_up_at or 0)
    if not all(type(text) is str for text in texts) or not all(type(number) is int for number in numbers):
        raise TypeError
    if not re.fullmatch(r"[0-9a-f]{16}", wallet.id) or parse_address(wallet.address) != (wallet.chain, wallet.address):
        raise ValueError
    return wallet
