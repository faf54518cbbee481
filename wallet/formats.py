"""Import and export: the forms in which keys travel between wallet programs, recognised by themselves.

``solana-keygen`` JSON is the 64 bytes of the secret key as numbers; Phantom's is the same bytes in base58. Both hold
the public key as their second half, so a changed byte is noticed. Words carry a checksum; our backup is a vault.
"""

from __future__ import annotations

import json
from enum import StrEnum

from wallet import base58, vault
from wallet import material as stored
from wallet import words as bip39
from wallet.errors import NeedsPassphrase, WalletError
from wallet.keys import PHANTOM, DerivationPath, KeyPair
from wallet.material import FromKey, FromWords, KeyMaterial
from wallet.secret import Secret

LARGEST = vault.LARGEST
"""Bytes of an import file at most."""


class Format(StrEnum):
    """The forms that a key comes and goes in."""

    SOLANA_KEYGEN = "solana-keygen"
    BASE58 = "base58"
    MNEMONIC = "mnemonic"
    BACKUP = "backup"


class FormatError(WalletError):
    """What was given is no key, or a broken one. Nothing of it is quoted."""


class UnknownFormat(FormatError):
    """None of the forms."""


class WrongLength(FormatError):
    """A key of the wrong number of bytes."""


class MismatchedHalves(FormatError):
    """The public half does not belong to the private half."""


class NoWords(FormatError):
    """Words were asked of a wallet that came as a bare key."""


def recognise(data: Secret) -> Format:
    """Which form this is, by its looks alone.

    Raises:
        UnknownFormat: none of ours, or too large to be one.
    """
    text = _text(data)
    if text.startswith("["):
        return Format.SOLANA_KEYGEN
    if text.startswith("{"):
        return Format.BACKUP
    if len(text.split()) > 1:
        return Format.MNEMONIC
    if text and all(character in base58.ALPHABET for character in text):
        return Format.BASE58
    what = "it is empty" if not text else "this looks like no key"
    raise UnknownFormat(
        "key",
        what,
        "expected the JSON of solana-keygen, a base58 secret key, 12 or 24 words, or a Stoker backup",
    )


def decode(
    data: Secret,
    form: Format | None = None,
    *,
    words_passphrase: Secret = bip39.NO_PASSPHRASE,
    path: DerivationPath | None = PHANTOM,
    passphrase: Secret | None = None,
) -> KeyMaterial:
    """Read a key in any form. Of a backup this takes as long as opening a vault: call it in a thread.

    Args:
        form: None to recognise it.
        words_passphrase, path: for words alone.
        passphrase: what opens a backup.

    Raises:
        FormatError: no key, or a broken one; its subclasses say which way.
        WordsError: words that are none.
        NeedsPassphrase: a backup without a passphrase.
        VaultError: a backup that is damaged, a trap, or not opened by this passphrase.
    """
    match form or recognise(data):
        case Format.SOLANA_KEYGEN:
            return _key(_numbers(_text(data)))
        case Format.BASE58:
            return _key(_base58(_text(data)))
        case Format.MNEMONIC:
            material = FromWords(bip39.check(Secret(_text(data))), words_passphrase, path)
            material.key_pair().wipe()
            return material
        case Format.BACKUP:
            return _backup(data, passphrase)


def encode(
    material: KeyMaterial, form: Format, *, passphrase: Secret | None = None, cost: vault.Cost | None = None
) -> Secret:
    """Write a key in one of the forms; a backup needs a passphrase and takes its time.

    Raises:
        NoWords: words were asked of a bare key.
        NeedsPassphrase: a backup without a passphrase.
        VaultError: see ``vault.seal``.
    """
    match form:
        case Format.SOLANA_KEYGEN:
            return Secret(json.dumps(list(material.key_pair().secret_key().reveal_bytes()), separators=(",", ":")))
        case Format.BASE58:
            return Secret(base58.encode(material.key_pair().secret_key().reveal_bytes()))
        case Format.MNEMONIC:
            if isinstance(material, FromKey):
                raise NoWords("words", "this wallet came as a key and has none", "export it as solana-keygen or base58")
            return material.words
        case Format.BACKUP:
            if passphrase is None:
                raise NeedsPassphrase("passphrase", "a backup is encrypted", "give a passphrase for it")
            return Secret(vault.seal(stored.dump(material), passphrase, material.key_pair().address, cost))


def _text(data: Secret) -> str:
    if len(data) > LARGEST:
        raise UnknownFormat("key", f"{len(data)} bytes, expected {LARGEST} at most", "this is another kind of file")
    try:
        return data.reveal().removeprefix("\ufeff").strip()
    except ValueError:
        raise UnknownFormat("key", "not a UTF-8 text", "save the file as plain text") from None


def _numbers(text: str) -> bytes:
    try:
        numbers = json.loads(text)
    except (ValueError, RecursionError):
        raise FormatError(
            "key", "broken JSON", "expected 64 numbers in brackets, as solana-keygen writes them"
        ) from None
    if not isinstance(numbers, list) or not all(type(number) is int and 0 <= number <= 255 for number in numbers):
        raise FormatError("key", "expected a JSON list of numbers from 0 to 255")
    return bytes(numbers)


def _base58(text: str) -> bytes:
    try:
        return base58.decode(text)
    except ValueError as error:
        raise FormatError("key", str(error), "expected a base58 secret key of 87 or 88 characters") from None


def _key(secret_key: bytes) -> FromKey:
    if len(secret_key) == 32:
        raise WrongLength("key", "32 bytes: an address, or half a key", "expected the 64 bytes of a secret key")
    if len(secret_key) != 64:
        raise WrongLength("key", f"{len(secret_key)} bytes", "expected the 64 bytes of a secret key")
    pair = KeyPair(Secret(secret_key[:32]))
    if pair.public != secret_key[32:]:
        raise MismatchedHalves("key", "its two halves do not belong together", "the file is damaged; take another copy")
    return FromKey(pair.seed())


def _backup(data: Secret, passphrase: Secret | None) -> KeyMaterial:
    blob = _text(data).encode()
    header = vault.read_header(blob)
    if passphrase is None:
        raise NeedsPassphrase("passphrase", "this backup is encrypted", "give the passphrase it was made with")
    material = stored.load(vault.unseal(blob, passphrase))
    if material.key_pair().address != header.address:
        raise FormatError("backup", "its content is not of the address in its header", "do not use it")
    return material
