"""A wallet whose every secret is known, in every form that it is likely to be printed in."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterable

from wallet import base58, words
from wallet.material import FromWords
from wallet.secret import Secret

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
WORDS_PASSPHRASE = "canary in the words"
PASSPHRASE = "canary on the vault"
BACKUP_PASSPHRASE = "canary on the backup"


def canary() -> FromWords:
    """The wallet."""
    return FromWords(Secret(PHRASE), Secret(WORDS_PASSPHRASE))


def traces() -> list[bytes]:
    """What must not be found: raw, hex, base58, base64, JSON, and any two words in a row."""
    wallet = canary()
    seed = words.seed(wallet.words, wallet.passphrase).reveal_bytes()
    pair = wallet.key_pair()
    found = [text.encode() for text in (WORDS_PASSPHRASE, PASSPHRASE, BACKUP_PASSPHRASE)]
    for secret in (seed, seed[:32], pair.seed().reveal_bytes(), pair.secret_key().reveal_bytes()):
        found += [secret, secret.hex().encode(), base58.encode(secret).encode(), repr(secret).encode()]
        found += [base64.b64encode(secret)[:40], json.dumps(list(secret))[1:-1].encode()]
        found.append(json.dumps(list(secret), separators=(",", ":"))[1:-1].encode())
    found += [" ".join(two).encode() for two in itertools.pairwise(PHRASE.split())]
    return found


def sung(where: Iterable[bytes]) -> list[bytes]:
    """The traces that are found in any of these."""
    pieces = list(where)
    return [trace for trace in traces() if any(trace in piece for piece in pieces)]
