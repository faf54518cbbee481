"""A keyring in memory that can be locked, hang or lie, in the place of a trusted backend."""

from __future__ import annotations

import threading

from keyring.errors import KeyringLocked

from wallet.keystore.keyring import Keyring


class MemoryBackend:
    """Behaves as the Secret Service does, or as it is told to."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False
        self.forgetful = False
        self.waits_for: threading.Event | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        if not self.forgetful:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        self.entries.pop((service, username), None)

    def _answer(self) -> None:
        if self.waits_for is not None:
            self.waits_for.wait()
        if self.locked:
            raise KeyringLocked("Failed to unlock the collection!")


class DoubledKeyring(Keyring):
    """A keyring whose choice of a backend is made for it."""

    def __init__(self, backend: MemoryBackend, limit: float = 5.0) -> None:
        super().__init__(limit)
        self._double = backend

    def _choose(self) -> tuple[MemoryBackend, str, tuple[str, ...]]:
        return self._double, "memory", ()


def open_keyring(limit: float = 5.0) -> tuple[Keyring, MemoryBackend]:
    """An unlocked keyring, and the hands that lock it."""
    backend = MemoryBackend()
    return DoubledKeyring(backend, limit), backend
