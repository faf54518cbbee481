"""Where the next page of a history begins, as one word that a client gives back unread."""

from __future__ import annotations

import base64
import json
import zlib

from wallet import base58
from wallet.keys import is_address
from wallet.solana.history import Cursor

LONGEST = 32_000
"""Characters of such a word at most: some 300 token accounts."""

_LARGEST = 200_000


class BadCursor(ValueError):
    """Not a word that was given out here."""


def dump(cursor: Cursor | None) -> str:
    """The word; empty at the end of the history."""
    if cursor is None:
        return ""
    text = json.dumps([cursor.seen, sorted(cursor.shown)], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


def load(word: str) -> Cursor | None:
    """Read such a word.

    Raises:
        BadCursor: it is none.
    """
    if not word:
        return None
    if len(word) > LONGEST:
        raise BadCursor(f"older: {len(word)} characters, expected {LONGEST} at most")
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        seen, shown = json.loads(zlib.decompressobj().decompress(packed, _LARGEST))
        good = all(map(is_address, seen)) and all(map(_is_signature, [*seen.values(), *shown]))
    except (ValueError, TypeError, AttributeError, zlib.error, RecursionError):
        good = False
    if not good:
        raise BadCursor("older: expected the word that came with the page before")
    return Cursor(dict(seen), frozenset(shown))


def _is_signature(text: str) -> bool:
    return len(text) <= 88 and len(base58.decode(text)) == 64
