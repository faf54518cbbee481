"""BIP-39: the words that a person writes down, and the 64-byte seed that they stand for."""

from __future__ import annotations

import unicodedata
from functools import cache

from mnemonic import Mnemonic

from wallet.errors import WalletError
from wallet.secret import Secret

COUNTS = (12, 15, 18, 21, 24)
NO_PASSPHRASE = Secret("")
LONGEST_PASSPHRASE = 256  # bytes; what any wallet program will still accept, and a bound for what we store


class WordsError(WalletError):
    """These are not the words of a wallet. Never quotes a word: a mistyped one is still most of a secret."""


@cache
def _english() -> Mnemonic:
    return Mnemonic("english")


@cache
def word_list() -> frozenset[str]:
    """The 2048 English words of BIP-39."""
    return frozenset(_english().wordlist)


def generate(count: int = 12) -> Secret:
    """New words from the system's randomness.

    Raises:
        WordsError: ``count`` is neither 12 nor 24.
    """
    if count not in (12, 24):
        raise WordsError("words", f"{count} words cannot be made", "ask for 12 or 24")
    return Secret(_english().generate(strength=count * 32 // 3))


def check(words: Secret) -> Secret:
    """The words in their canonical form: NFKD, lower case, single spaces.

    Raises:
        WordsError: a wrong number of words, a word that is not in the English list (by its position), or a wrong
            checksum.
    """
    try:
        text = words.reveal()
    except ValueError:
        raise WordsError("words", "not a text", "expected 12 or 24 English words") from None
    parts = unicodedata.normalize("NFKD", text).lower().split()
    if len(parts) not in COUNTS:
        raise WordsError("words", f"{len(parts)} words given, expected 12 or 24 (15, 18 and 21 exist too)")
    strangers = [str(at) for at, part in enumerate(parts, start=1) if part not in word_list()]
    if strangers:
        which = ", ".join(strangers)
        raise WordsError("words", f"not in the English BIP-39 list: word {which}", "check the spelling")
    canonical = " ".join(parts)
    if not _english().check(canonical):
        raise WordsError(
            "words",
            "the checksum does not match",
            "a word is wrong or two words are swapped; compare with your notes",
        )
    return Secret(canonical)


def seed(words: Secret, passphrase: Secret = NO_PASSPHRASE) -> Secret:
    """The 64-byte BIP-39 seed: PBKDF2-HMAC-SHA512, 2048 rounds. Any passphrase gives a valid, different wallet.

    Raises:
        WordsError: see ``check``; or the passphrase is longer than ``LONGEST_PASSPHRASE`` bytes.
    """
    if len(passphrase) > LONGEST_PASSPHRASE:
        raise WordsError("passphrase of the words", f"{len(passphrase)} bytes, expected {LONGEST_PASSPHRASE} at most")
    try:
        return Secret(Mnemonic.to_seed(check(words).reveal(), passphrase.reveal()))
    except UnicodeEncodeError:
        raise WordsError("passphrase of the words", "not a text that can be written as UTF-8") from None
