"""What an entry of the books is, byte by byte: canonical body, hash, and the link to the entry before."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["GENESIS", "Body", "Entry", "canonical", "entry_hash"]

Body = Mapping[str, int | str]
"""An entry's content: names, integers and texts; what is unknown is left out."""

GENESIS = bytes(32)
"""What the first entry names as its predecessor."""

MAX_BODY = 64 * 1024
"""Bytes of one canonical body."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the books.

    Attributes:
        seq: 1, 2, 3, ... without a gap.
        at_ns: when it was written, nanoseconds since 1970 in UTC.
        prev: the hash of the entry before. hash: its own (see ``entry_hash``).
    """

    seq: int
    at_ns: int
    kind: str
    body: Body
    prev: bytes
    hash: bytes


def canonical(body: Body) -> str:
    """The one way to write a body: JSON with sorted keys, no blanks and no needless escapes.

    This is RFC 8785 (JCS) for integers and strings, except that integers are exact at any size.

    Raises:
        ValueError: a value is no integer and no text, a text is not Unicode, or the whole is beyond 64 KiB.
    """
    if not {type(value) for value in body.values()} <= _PLAIN:
        raise ValueError(f"expected integers and texts for the books, got {body!r:.200}")
    text = _encode(body)
    if len(text) > MAX_BODY // 4 and len(text.encode()) > MAX_BODY:
        raise ValueError(f"an entry's body is limited to {MAX_BODY} bytes, got {len(text.encode())}")
    return text


_PLAIN = {int, str}
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_head = struct.Struct(">BQQB")


def entry_hash(seq: int, at_ns: int, kind: bytes, prev: bytes, body: bytes) -> bytes:
    """The hash of an entry, which is also its RFC 6962 leaf hash in the tree that checkpoints sign.

    SHA-256 over: the byte 0x00; ``seq`` and ``at_ns``, each eight bytes big-endian; the length of ``kind`` in one byte
    and ``kind`` in UTF-8; the 32 bytes of ``prev``; the canonical JSON body in UTF-8 to the end.

    Raises:
        struct.error: a number is negative or beyond 64 bits, or the kind is longer than 255 bytes.
    """
    return hashlib.sha256(_head.pack(0, seq, at_ns, len(kind)) + kind + prev + body).digest()
