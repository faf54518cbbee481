"""The keyring of the operating system, through backends that encrypt, each call in a thread with a time limit.

A keyring that is installed but was never unlocked looks usable until its first call, which on a desktop waits for a
window that may never be answered: nothing but storing, reading and deleting an entry proves one. Any program of the
same user may read an unlocked keyring; that is how they work, and help has to say so.
"""

from __future__ import annotations

import contextlib
import importlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wallet.errors import WalletError
from wallet.secret import Secret

SERVICE = "stoker"
TRUSTED = {
    ("keyring.backends.SecretService", "Keyring"): "Secret Service",
    ("keyring.backends.libsecret", "Keyring"): "libsecret",
    ("keyring.backends.kwallet", "DBusKeyring"): "KWallet",
    ("keyring.backends.macOS", "Keyring"): "macOS Keychain",
    ("keyring.backends.Windows", "WinVaultKeyring"): "Windows Credential Locker",
}
"""The backends that are used, by module and class, with the names people know. Everything else is refused by name."""

LONGEST = 1280
"""Characters that every one of them takes: Windows stores 2560 bytes of UTF-16."""

T = TypeVar("T")


class KeyringUnavailable(WalletError):
    """There is no keyring that may be used, or it does not answer."""


class Backend(Protocol):
    """What we use of a backend of the package ``keyring``."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class KeyringStatus:
    """Whether there is a keyring to keep keys in.

    Attributes:
        backend: the name of the backend that was tried; empty if none may be.
        problem: why it cannot be used, in one sentence; empty if it can.
        refused: backends that were configured or found and are not trusted, as ``module.Class``.
    """

    backend: str
    problem: str = ""
    refused: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return not self.problem


class Keyring:
    """The OS keyring. Every method blocks until it answers or ``limit`` seconds have passed."""

    def __init__(self, limit: float = 10.0) -> None:
        self._limit = limit
        self._running: threading.Thread | None = None

    def probe(self) -> KeyringStatus:
        """Find out by storing, reading and deleting an entry. Never raises."""
        try:
            backend, name, refused = self._in_time(self._choose)
        except KeyringUnavailable as error:
            return KeyringStatus("", error.problem)
        if backend is None:
            what = "no keyring that encrypts is installed or running"
            if refused:
                what = f"{', '.join(refused)} is not trusted: only keyrings that encrypt are"
            return KeyringStatus("", what, refused)
        try:
            self._in_time(lambda: _try_out(backend))
        except KeyringUnavailable as error:
            return KeyringStatus(name, error.problem, refused)
        return KeyringStatus(name, "", refused)

    def get(self, entry: str) -> Secret | None:
        """What is stored under a name; None if nothing is.

        Raises:
            KeyringUnavailable: no backend, locked, or no answer in time.
        """
        text = self._with_backend(lambda backend: backend.get_password(SERVICE, entry))
        return None if text is None else Secret(text)

    def put(self, entry: str, secret: Secret) -> None:
        """Store, and read back to be sure.

        Raises:
            KeyringUnavailable: see ``get``; or the keyring gave back something else.
            ValueError: longer than ``LONGEST`` characters.
        """
        text = secret.reveal()
        if len(text) > LONGEST:
            raise ValueError(f"a secret of {len(text)} characters: a keyring takes {LONGEST}")

        def store(backend: Backend) -> bool:
            backend.set_password(SERVICE, entry, text)
            return backend.get_password(SERVICE, entry) == text

        if not self._with_backend(store):
            raise KeyringUnavailable("keyring", "it did not keep what it was given", "use a vault file instead")

    def delete(self, entry: str) -> None:
        """Delete; harmless if there is nothing.

        Raises:
            KeyringUnavailable: see ``get``.
        """

        def remove(backend: Backend) -> None:
            if backend.get_password(SERVICE, entry) is not None:
                backend.delete_password(SERVICE, entry)

        self._with_backend(remove)

    def _with_backend(self, work: Callable[[Backend], T]) -> T:
        def call() -> T:
            backend, _, refused = self._choose()
            if backend is None:
                problem = f"{refused[0]} is not trusted" if refused else "none is installed or running"
                raise KeyringUnavailable("keyring", problem, "use a vault file instead")
            return work(backend)

        return self._in_time(call)

    def _choose(self) -> tuple[Backend | None, str, tuple[str, ...]]:
        refused: list[str] = []
        for backend in _found():
            place = (type(backend).__module__, type(backend).__qualname__)
            if place in TRUSTED:
                return backend, TRUSTED[place], tuple(refused)  # type: ignore[return-value]
            refused.append(".".join(place))
        return None, "", tuple(refused)

    def _in_time(self, work: Callable[[], T]) -> T:
        """Run in a daemon thread, so that a window that nobody answers holds up neither us nor our exit."""
        if self._running is not None and self._running.is_alive():
            raise KeyringUnavailable("keyring", "it still waits for its window to be answered", "unlock it there")
        outcome: list[T] = []
        failure: list[KeyringUnavailable] = []

        def run() -> None:
            try:
                outcome.append(work())
            except KeyringUnavailable as error:
                failure.append(error)
            except Exception as error:  # a backend may raise anything, and its text may quote what it was given
                failure.append(_explained(error))

        self._running = threading.Thread(target=run, name="keyring", daemon=True)
        self._running.start()
        self._running.join(self._limit)
        if outcome:
            return outcome[0]
        if failure:
            raise failure[0] from None
        raise KeyringUnavailable("keyring", f"no answer within {self._limit:g} s", "unlock it, or use a vault file")


def _found() -> list[object]:
    """The backends to choose from: what the person configured for ``keyring``, else the best trusted one that works.

    ``keyring.get_keyring`` is not asked: it remembers for ever that there was none before the person logged in, and
    picks up whatever plain-text backend is installed.
    """
    from keyring.core import load_config, load_env

    configured = load_env() or load_config()
    if configured is not None:
        return list(getattr(configured, "backends", [configured]))
    viable = []
    for module, name in TRUSTED:
        with contextlib.suppress(Exception):  # a backend of another system fails to import in its own way
            kind = getattr(importlib.import_module(module), name)
            viable.append((kind.priority, kind))
    return [kind() for _, kind in sorted(viable, key=lambda entry: -float(entry[0]))]


def _try_out(backend: Backend) -> None:
    entry, value = f"probe-{secrets.token_hex(8)}", secrets.token_hex(8)
    backend.set_password(SERVICE, entry, value)
    try:
        if backend.get_password(SERVICE, entry) != value:
            raise KeyringUnavailable("keyring", "it did not keep what it was given", "use a vault file instead")
    finally:
        with contextlib.suppress(Exception):
            backend.delete_password(SERVICE, entry)


def _explained(error: Exception) -> KeyringUnavailable:
    kind = type(error).__name__
    if kind == "KeyringLocked":
        problem, remedy = "it is locked", "unlock it, or use a vault file"
    elif kind == "InitError":
        problem, remedy = "it was never set up or unlocked", "log in on the desktop once, or use a vault file"
    elif kind == "NoKeyringError":
        problem, remedy = "none is installed or running", "use a vault file instead"
    else:
        problem, remedy = f"it failed ({kind})", "use a vault file instead"
    return KeyringUnavailable("keyring", problem, remedy)
