"""What a wallet is made of and what its store keeps: words with a path, or a bare key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from wallet import words as bip39
from wallet.errors import WalletError
from wallet.keys import PHANTOM, USUAL_PATHS, DerivationPath, KeyPair, derive
from wallet.secret import Secret


@dataclass(frozen=True, slots=True)
class FromWords:
    """A wallet that comes from words. ``words`` are canonical; a ``path`` of None takes the seed's first half."""

    words: Secret
    passphrase: Secret = field(default_factory=lambda: bip39.NO_PASSPHRASE)
    path: DerivationPath | None = PHANTOM

    def key_pair(self) -> KeyPair:
        """The key. Raises ``WordsError`` if these are no words of a wallet."""
        return derive(bip39.seed(self.words, self.passphrase), self.path)


@dataclass(frozen=True, slots=True)
class FromKey:
    """A wallet that came as a key: its 32-byte seed."""

    seed: Secret

    def key_pair(self) -> KeyPair:
        return KeyPair(Secret(self.seed.reveal_bytes()))


KeyMaterial = FromWords | FromKey


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address that words may have been used for."""

    label: str
    path: DerivationPath | None
    address: str


def candidates(words: Secret, passphrase: Secret = bip39.NO_PASSPHRASE) -> tuple[Candidate, ...]:
    """The addresses of the usual paths, for a person to find their money by.

    Raises:
        WordsError: these are no words of a wallet.
    """
    seed = bip39.seed(words, passphrase)
    return tuple(Candidate(label, path, derive(seed, path).address) for label, path in USUAL_PATHS)


def dump(material: KeyMaterial) -> Secret:
    """The material as the JSON text that goes into a vault or a keyring: 700 bytes at most."""
    if isinstance(material, FromKey):
        return Secret(json.dumps({"seed": material.seed.reveal_bytes().hex()}))
    fields = {"words": material.words.reveal(), "path": str(material.path) if material.path else None}
    if material.passphrase:
        fields["passphrase"] = material.passphrase.reveal()
    return Secret(json.dumps(fields))


def load(text: Secret) -> KeyMaterial:
    """Read what ``dump`` wrote.

    Raises:
        WalletError: it is something else. Nothing of it is quoted.
    """
    try:
        fields = json.loads(text.reveal_bytes())
        if set(fields) == {"seed"}:
            return FromKey(KeyPair(Secret(bytes.fromhex(fields["seed"]))).seed())
        path = fields["path"]
        return FromWords(
            bip39.check(Secret(fields["words"])),
            Secret(fields.get("passphrase", "")),
            DerivationPath.parse(path) if path is not None else None,
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, WalletError):
        raise WalletError("stored key", "not in Stoker's form", "restore the wallet from its words or backup") from None
