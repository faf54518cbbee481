"""The encrypted file: Argon2id and XChaCha20-Poly1305, with a readable header that is authenticated with the content.

One format for a wallet's vault and for a backup. A JSON object of ``format``, ``version``, ``address``, ``created``,
``kdf`` (name, operations, memory in bytes, salt), ``cipher`` (name, nonce), ``content`` and ``sha256``. The additional
data of the cipher is the canonical JSON of everything but the last two. ``sha256`` is over both, and keyless: it tells
a damaged file from a wrong passphrase, and keeps nobody from anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import unicodedata
from dataclasses import dataclass
from typing import Any

import psutil
from nacl import bindings, exceptions
from nacl.pwhash import argon2id

from wallet.errors import WalletError
from wallet.keys import is_address
from wallet.secret import Secret

FORMAT = "stoker-vault"
VERSION = 1
LARGEST = 16 * 1024
"""Bytes of a vault file at most; ours have about 900."""

_MIB = 1024 * 1024
_SALT, _NONCE, _KEY = 16, bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What Argon2id is made to spend. ``memory`` in bytes."""

    operations: int
    memory: int

    def within_bounds(self) -> bool:
        """Whether we are ready to spend it for a file that someone handed us: 1 GiB and about 10 s at most."""
        return (
            1 <= self.operations <= 64
            and 8 * _MIB <= self.memory <= 1024 * _MIB
            and self.operations * self.memory <= 4096 * _MIB
        )

    def __str__(self) -> str:
        return f"Argon2id, {self.operations} passes over {self.memory // _MIB} MiB"


MODERATE = Cost(3, 256 * _MIB)
"""libsodium's MODERATE: 0.3 to 1 s, and our setting wherever the memory is there."""
SMALL = Cost(8, 64 * _MIB)
SMALLEST = Cost(16, 16 * _MIB)


def affordable(available: int | None = None) -> Cost:
    """The strongest setting that takes at most half of the free memory, in bytes (default: asked of the system)."""
    free = psutil.virtual_memory().available if available is None else available
    return next((cost for cost in (MODERATE, SMALL) if cost.memory * 2 <= free), SMALLEST)


class VaultError(WalletError):
    """Not a vault file that can be read."""


class DamagedVault(VaultError):
    """The file is not as it was written."""


class WrongPassphrase(VaultError):
    """The passphrase does not open it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a vault says of itself without being opened. ``created`` is in Unix seconds."""

    address: str
    created: int
    cost: Cost


def seal(content: Secret, passphrase: Secret, address: str, cost: Cost | None = None) -> bytes:
    """Encrypt; takes as long as its cost, so call it in a thread.

    Raises:
        VaultError: the passphrase is empty, or there is not enough memory.
    """
    if not passphrase:
        raise VaultError("passphrase", "empty", "choose one; several unrelated words are a good one")
    cost = cost or affordable()
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "address": address,
        "created": int(time.time()),
        "kdf": {
            "name": "argon2id",
            "operations": cost.operations,
            "memory": cost.memory,
            "salt": _text(salt),
        },
        "cipher": {"name": "xchacha20-poly1305", "nonce": _text(nonce)},
    }
    bound = _canonical(header)
    key = _derive(passphrase, salt, cost)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        content.reveal_bytes(), bound, nonce, key.reveal_bytes()
    )
    key.wipe()
    check = hashlib.sha256(bound + sealed).hexdigest()
    return json.dumps(header | {"content": _text(sealed), "sha256": check}, indent=1).encode() + b"\n"


def read_header(blob: bytes) -> Header:
    """What the file says of itself, every field checked and bounded.

    Raises:
        VaultError: not a vault, a newer version, or a cost out of bounds.
        DamagedVault: the checksum does not match.
    """
    return _parse(blob).header


def unseal(blob: bytes, passphrase: Secret) -> Secret:
    """Decrypt; takes as long as the header says, so call it in a thread.

    Raises:
        WrongPassphrase: it does not open (or someone altered the file on purpose).
        VaultError: see ``read_header``; or there is not enough memory.
    """
    parts = _parse(blob)
    key = _derive(passphrase, parts.salt, parts.header.cost)
    try:
        opened = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            parts.sealed, parts.bound, parts.nonce, key.reveal_bytes()
        )
    except exceptions.CryptoError:
        raise WrongPassphrase(
            "passphrase", "it does not open this vault", "try again; mind the keyboard layout"
        ) from None
    finally:
        key.wipe()
    return Secret(opened)


@dataclass(frozen=True, slots=True)
class _Parts:
    header: Header
    bound: bytes
    salt: bytes
    nonce: bytes
    sealed: bytes


def _parse(blob: bytes) -> _Parts:
    if len(blob) > LARGEST:
        raise VaultError("vault", f"{len(blob)} bytes, expected {LARGEST} at most", "this is another kind of file")
    try:
        fields = json.loads(blob)
    except (ValueError, RecursionError):
        raise DamagedVault("vault", "not JSON any more", "take another copy") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise VaultError("vault", f"expected a JSON object with format {FORMAT!r}", "this is another kind of file")
    if fields.get("version") != VERSION:
        raise VaultError("vault", f"its version is not {VERSION}", "a newer Stoker wrote it, or it is damaged")
    try:
        return _checked(fields)
    except (LookupError, TypeError, ValueError):
        raise DamagedVault("vault", "a field is missing or has the wrong type", "take another copy") from None


def _checked(fields: dict[str, Any]) -> _Parts:
    sealed, check = _bytes(fields.pop("content")), fields.pop("sha256")
    bound = _canonical(fields)
    kdf, cipher = fields["kdf"], fields["cipher"]
    cost = Cost(_integer(kdf["operations"]), _integer(kdf["memory"]))
    if not cost.within_bounds():
        raise VaultError("vault", "it asks for more work than any vault of ours", "do not open it: it may be a trap")
    if hashlib.sha256(bound + sealed).hexdigest() != check:
        raise DamagedVault("vault", "its checksum does not match", "the file was changed; take another copy")
    salt, nonce = _bytes(kdf["salt"]), _bytes(cipher["nonce"])
    names = (kdf["name"], cipher["name"])
    if names != ("argon2id", "xchacha20-poly1305") or len(salt) != _SALT or len(nonce) != _NONCE:
        raise VaultError("vault", "it names a method that is not ours", "expected argon2id and xchacha20-poly1305")
    address = fields["address"]
    if not isinstance(address, str) or not is_address(address):
        raise VaultError("vault", "its address is not a Solana address", "take another copy")
    return _Parts(Header(address, _integer(fields["created"]), cost), bound, salt, nonce, sealed)


def _derive(passphrase: Secret, salt: bytes, cost: Cost) -> Secret:
    text = unicodedata.normalize("NFKD", passphrase.reveal()).encode("utf-8", "surrogatepass")
    try:
        return Secret(argon2id.kdf(_KEY, text, salt, opslimit=cost.operations, memlimit=cost.memory))
    except (MemoryError, exceptions.RuntimeError):
        raise VaultError("vault", f"not enough memory for {cost}", "close something and try again") from None


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    return base64.b64decode(text, validate=True)


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value
