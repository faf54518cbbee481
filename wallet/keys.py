"""Ed25519 key pairs and the SLIP-0010 paths that lead to them from a seed."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import NoReturn, Self, SupportsIndex

from nacl import bindings

from wallet import base58
from wallet.errors import WalletError
from wallet.secret import Secret

_HARDENED = 0x8000_0000
_DEEPEST = 10


class PathError(WalletError):
    """Not a derivation path that Ed25519 can go."""


@dataclass(frozen=True, slots=True)
class DerivationPath:
    """A SLIP-0010 path. Ed25519 knows hardened steps only, so the indexes are held without the mark."""

    indexes: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``m/44'/501'/0'/0'``.

        Raises:
            PathError: not of this form, a step that is not hardened, an index of 2^31 or more, or over 10 steps.
        """
        if not re.fullmatch(r"m(/[0-9]{1,10}')*", text, re.ASCII):
            raise PathError("path", "every step must be a number with a ' after it", "such as m/44'/501'/0'/0'")
        indexes = tuple(int(step[:-1]) for step in text.split("/")[1:])
        if len(indexes) > _DEEPEST or any(index >= _HARDENED for index in indexes):
            raise PathError("path", f"expected at most {_DEEPEST} steps, each below {_HARDENED}")
        return cls(indexes)

    def __str__(self) -> str:
        return "m" + "".join(f"/{index}'" for index in self.indexes)


PHANTOM = DerivationPath((44, 501, 0, 0))
"""m/44'/501'/0'/0': the first account of Phantom, Solflare and Backpack, and our default."""
LEDGER = DerivationPath((44, 501, 0))
"""m/44'/501'/0': the first account as Ledger's own app makes it."""

USUAL_PATHS: tuple[tuple[str, DerivationPath | None], ...] = (
    ("Phantom, Solflare, Backpack", PHANTOM),
    ("second account of those", DerivationPath((44, 501, 1, 0))),
    ("Ledger", LEDGER),
    ("solana-keygen without a path", None),
)
"""Where the money of someone's words usually is. None: the first half of the seed is the key, with no derivation."""


class KeyPair:
    """An Ed25519 key pair. Signs, and shows its address; what it signs with stays inside a ``Secret``."""

    __slots__ = ("_seed", "address", "public")

    def __init__(self, seed: Secret) -> None:
        """From the 32-byte private seed.

        Raises:
            ValueError: the seed has another length.
        """
        if len(seed) != bindings.crypto_sign_SEEDBYTES:
            raise ValueError(f"a seed of {len(seed)} bytes: expected {bindings.crypto_sign_SEEDBYTES}")
        self._seed = seed
        self.public: bytes = bindings.crypto_sign_seed_keypair(seed.reveal_bytes())[0]
        self.address = base58.encode(self.public)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of RFC 8032.

        Raises:
            WalletError: the key was wiped.
        """
        return bytes(bindings.crypto_sign(message, self.secret_key().reveal_bytes())[: bindings.crypto_sign_BYTES])

    def secret_key(self) -> Secret:
        """The 64 bytes that Solana calls the secret key: the seed, then the public key.

        Raises:
            WalletError: the key was wiped.
        """
        return Secret(self.seed().reveal_bytes() + self.public)

    def seed(self) -> Secret:
        """The 32-byte private seed.

        Raises:
            WalletError: the key was wiped.
        """
        if not self._seed:
            raise WalletError(self.address, "the key was locked away", "unlock the wallet again")
        return self._seed

    def wipe(self) -> None:
        """Forget the private half; the address stays."""
        self._seed.wipe()

    def __repr__(self) -> str:
        return f"KeyPair({self.address})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a key pair cannot be pickled or copied")


def derive(seed: Secret, path: DerivationPath | None = PHANTOM) -> KeyPair:
    """The key at the end of a path from a BIP-39 seed of 64 bytes; without a path, the seed's first half is the key.

    SLIP-0010 for Ed25519: HMAC-SHA512 keyed with "ed25519 seed", then with each parent's chain code.

    Raises:
        ValueError: the seed is shorter than 16 or longer than 64 bytes, or has no 32 bytes to be used without a path.
    """
    if not 16 <= len(seed) <= 64:
        raise ValueError(f"a seed of {len(seed)} bytes: expected 16 to 64")
    if path is None:
        return KeyPair(Secret(seed.reveal_bytes()[:32]))
    node = hmac.digest(b"ed25519 seed", seed.reveal_bytes(), hashlib.sha512)
    for index in path.indexes:
        data = b"\0" + node[:32] + (index | _HARDENED).to_bytes(4)
        node = hmac.digest(node[32:], data, hashlib.sha512)
    return KeyPair(Secret(node[:32]))


def is_address(text: str) -> bool:
    """Whether this is a Solana address: base58 of 32 bytes. Addresses of programs, off the curve, are addresses too."""
    try:
        return 32 <= len(text) <= 44 and len(base58.decode(text)) == 32
    except ValueError:
        return False
