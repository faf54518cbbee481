"""The node's own Ed25519 key: it signs the books and answers challenges, and never touches money.

Kept as ssh keeps a host key: one file that only its owner may read, made on first start, so that a node can restart
unattended. The file holds one line in the form of Go's ``sumdb/note`` signer keys,
``PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 || seed>``; names, key ids and public keys follow C2SP signed-note.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from wallet.whole_file import create_file

__all__ = ["Identity", "IdentityError", "PublicIdentity"]

FILE = "identity.key"
ED25519 = b"\x01"  # C2SP signed-note: the algorithm byte of plain Ed25519
PREFIX = "PRIVATE+KEY+"


class IdentityError(Exception):
    """The key file cannot be used; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """What others need to check the node's signatures.

    Attributes:
        name: the key name and checkpoint origin, without spaces and plus signs.
        key: the 32 bytes of the Ed25519 public key.
    """

    name: str
    key: bytes

    @classmethod
    def of(cls, key: bytes) -> PublicIdentity:
        """A node's identity from its public key: the name is derived from the key."""
        return cls(f"stoker/{hashlib.sha256(key).hexdigest()[:16]}", key)

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell signatures apart: ``SHA-256(name || 0x0A || 0x01 || key)[:4]`` (C2SP signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """The key in short, as ssh shows it: ``SHA256:`` and unpadded base64 of the key's SHA-256."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.key).digest()).decode().rstrip("=")

    @property
    def verifier_key(self) -> str:
        """The key as signed-note tools take it: ``<name>+<key id>+<base64 of 0x01 || key>``."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.key).decode()}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made this 64-byte signature over this message."""
        try:
            VerifyKey(self.key).verify(message, signature)
        except (BadSignatureError, ValueError):
            return False
        return True


class Identity:
    """The key pair. Its repr shows the public half only; it cannot be pickled."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes, name: str | None = None) -> None:
        """
        Args:
            seed: 32 secret bytes.
            name: the key name; None derives it from the public key, as every node does.
        """
        self._key = SigningKey(seed)
        own = PublicIdentity.of(bytes(self._key.verify_key))
        self.public = own if name is None else PublicIdentity(name, own.key)

    @classmethod
    def load_or_create(cls, directory: Path) -> Identity:
        """Read the key of this data directory, or make one if there is none yet. Blocking.

        Raises:
            IdentityError: the file is damaged, is no plain file of ours, or others may read it.
            OSError: the directory cannot be written.
        """
        path = directory / FILE
        if not os.path.lexists(path):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # another start was faster: its key is the node's key
                create_file(path, cls(secrets.token_bytes(32))._line())
        return cls._load(path)

    @classmethod
    def _load(cls, path: Path) -> Identity:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(path, flags)
        except OSError as error:
            raise IdentityError(
                f"{path}: the node's key cannot be read ({error.strerror}); make it a plain file that you own"
            ) from None
        try:
            _check_owner(path, os.fstat(descriptor))
            return cls._parse(os.read(descriptor, 4096), path)
        finally:
            os.close(descriptor)

    @classmethod
    def _parse(cls, content: bytes, path: Path) -> Identity:
        damaged = IdentityError(
            f"{path}: not a node key (expected one line {PREFIX}<name>+<key id>+<key>); restore it from a backup, or "
            "move it and the ledger away to begin as a new node"
        )
        try:
            line = content.decode().strip()
            name, key_id, encoded = line.removeprefix(PREFIX).split("+", 2)
            key = base64.b64decode(encoded, validate=True)
        except (UnicodeDecodeError, ValueError, binascii.Error):
            raise damaged from None
        if not line.startswith(PREFIX) or key[:1] != ED25519 or len(key) != 33:
            raise damaged
        identity = cls(key[1:])
        if (identity.name, identity.public.key_id.hex()) != (name, key_id):
            raise damaged
        return identity

    def _line(self) -> bytes:
        secret = base64.b64encode(ED25519 + bytes(self._key)).decode()
        return f"{PREFIX}{self.name}+{self.public.key_id.hex()}+{secret}\n".encode()

    @property
    def name(self) -> str:
        return self.public.name

    @property
    def public_key(self) -> bytes:
        return self.public.key

    @property
    def fingerprint(self) -> str:
        return self.public.fingerprint

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of this message."""
        return self._key.sign(message).signature

    def __repr__(self) -> str:
        return f"Identity({self.name})"

    def __reduce__(self) -> str:
        raise TypeError("a node's key is not pickled")


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise IdentityError(f"{path}: the node's key must be a plain file")
    if os.name == "posix" and status.st_mode & 0o077:
        raise IdentityError(
            f"{path}: others may read the node's key (mode {stat.S_IMODE(status.st_mode):04o}, expected 0600); "
            f"if nobody has read it: chmod 600 {path}"
        )
    if os.name == "posix" and status.st_uid != os.geteuid():
        raise IdentityError(
            f"{path}: the node's key belongs to user {status.st_uid}, and the node runs as {os.geteuid()}; "
            f"run it as that user, or chown {os.geteuid()} {path}"
        )
