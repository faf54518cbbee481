"""A keyring backend such as ``keyrings.alt`` brings: it looks usable and keeps everything in plain text."""

from __future__ import annotations

from typing import ClassVar

from keyring.backend import KeyringBackend


class PlaintextKeyring(KeyringBackend):
    """Anyone may read it."""

    priority: ClassVar[float] = 9
    entries: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]
