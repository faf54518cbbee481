"""Operating secrets: the networks' API keys, which must outlive a reboot without a login or a passphrase.

They are looked for in the credentials directory first. Otherwise each is sealed with a host key that lies beside it in
a 0600 file. That protects copies and backups that lack the host key, and nothing else: whoever runs as this account
can read both. An owner who would rather have one in the keyring keeps it there, and then the node needs a login
before it can use it.
"""

from __future__ import annotations

import contextlib
import os
import re
from enum import StrEnum
from pathlib import Path

from nacl import bindings, exceptions

from wallet.errors import WalletError
from wallet.files import FileExists, make_private_directory, read_private, remove, write_private
from wallet.keystore.credentials import CredentialsDirectory
from wallet.keystore.keyring import Keyring
from wallet.secret import Secret

LARGEST = 4096
"""Bytes of an operating secret at most."""

CREDENTIAL = "stoker-secret-"
"""What a credential's name begins with; the secret's name follows."""

_KEY = 32
_NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_ELSEWHERE = b"keyring\n"


class Place(StrEnum):
    """Where an operating secret is."""

    CREDENTIALS = "systemd credentials"
    HOST_SEALED = "file sealed with the host key"
    KEYRING = "OS keyring"


class OperatingSecrets:
    """The operating secrets of one data directory. Blocking; a few milliseconds unless the keyring is asked."""

    def __init__(
        self, directory: Path, credentials: CredentialsDirectory | None = None, keyring: Keyring | None = None
    ) -> None:
        self._directory = directory
        self._credentials = credentials
        self._keyring = keyring

    def get(self, name: str) -> Secret | None:
        """A secret, or None if there is none of this name.

        Raises:
            KeyringUnavailable: it is kept in a keyring that is not open.
            WalletError: the file or the host key is damaged or open to others.
        """
        path = self._path(name)
        if self._credentials and (secret := self._credentials.get(CREDENTIAL + name)) is not None:
            return secret
        if not path.exists():
            return None
        blob = read_private(path, LARGEST + 256)
        if blob == _ELSEWHERE:
            return self._keyring.get(_entry(name)) if self._keyring else None
        return self._unseal(name, blob)

    def put(self, name: str, secret: Secret, place: Place = Place.HOST_SEALED) -> None:
        """Keep a secret under a name, in one place only.

        Raises:
            KeyringUnavailable: the keyring was asked for and is not open.
            WalletError: too long, or it cannot be written; or the credentials directory was asked for, or has it.
        """
        path = self._path(name)
        if not 0 < len(secret) <= LARGEST:
            raise WalletError(name, f"a secret of {len(secret)} bytes", f"expected 1 to {LARGEST}")
        if place is Place.CREDENTIALS or self.place(name) is Place.CREDENTIALS:
            raise WalletError(name, "the credentials directory is read-only", "change it where the unit is defined")
        make_private_directory(self._directory)
        if place is Place.KEYRING:
            if self._keyring is None:
                raise WalletError(name, "there is no keyring here", "keep it in the sealed file")
            self._keyring.put(_entry(name), secret)
            write_private(path, _ELSEWHERE, overwrite=True)
            return
        was_in_keyring = self.place(name) is Place.KEYRING
        write_private(path, self._seal(name, secret), overwrite=True)
        if was_in_keyring and self._keyring:
            self._keyring.delete(_entry(name))

    def delete(self, name: str) -> None:
        """Forget a secret; harmless if there is none.

        Raises:
            KeyringUnavailable: it is kept in a keyring that is not open.
        """
        if self.place(name) is Place.KEYRING and self._keyring:
            self._keyring.delete(_entry(name))
        remove(self._path(name))

    def place(self, name: str) -> Place | None:
        """Where a secret is, without reading it; None if there is none."""
        path = self._path(name)
        if self._credentials and self._credentials.get(CREDENTIAL + name) is not None:
            return Place.CREDENTIALS
        if not path.exists():
            return None
        return Place.KEYRING if path.stat().st_size == len(_ELSEWHERE) else Place.HOST_SEALED

    def names(self) -> tuple[str, ...]:
        """The names of all secrets, sorted."""
        found = {path.stem for path in self._directory.glob("*.sealed")}
        if self._credentials:
            found.update(self._credentials.names(CREDENTIAL))
        return tuple(sorted(found))

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
            raise WalletError("name of a secret", f"{name!r}", "expected a-z, 0-9, - and _, at most 64")
        return self._directory / f"{name}.sealed"

    def _seal(self, name: str, secret: Secret) -> bytes:
        nonce = os.urandom(_NONCE)
        key = self._host_key(create=True)
        return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            secret.reveal_bytes(), name.encode(), nonce, key.reveal_bytes()
        )

    def _unseal(self, name: str, blob: bytes) -> Secret:
        key = self._host_key()
        try:
            return Secret(
                bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                    blob[_NONCE:], name.encode(), blob[:_NONCE], key.reveal_bytes()
                )
            )
        except (exceptions.CryptoError, ValueError, TypeError):
            raise WalletError(
                name, "its sealed file does not open with this machine's host key", "enter the secret again"
            ) from None

    def _host_key(self, *, create: bool = False) -> Secret:
        path = self._directory / "host.key"
        if create and not path.exists():
            with contextlib.suppress(FileExists):  # another process was first
                write_private(path, os.urandom(_KEY))
        key = Secret(read_private(path, _KEY))
        if len(key) != _KEY:
            raise WalletError(str(path), f"{len(key)} bytes, expected {_KEY}", "delete it and enter the secrets again")
        return key


def _entry(name: str) -> str:
    return f"secret/{name}"
